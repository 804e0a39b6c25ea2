"""Flows as files: read them, find their faults, play them without a database.

source      YAML with line numbers
draft       the files of an edition as models, and what does not fit
loader      an edition's files → `Book`
lint/       the faults of an edition, one file per family of rules
world       a small clinic in memory that feeds `decide` and obeys its effects
notation    how happenings and effects are written in a transcript
transcript  a transcript file, read and rewritten
player      play a transcript against a book
"""

"""Flows as files: read them, find their faults, play them without a database.

source      YAML with line numbers
draft       the files of an edition as models, and what does not fit
loader      an edition's files → `Book`
lint/       the faults of an edition, one file per family of rules
rows        a small clinic in memory: visits, slots, timers, the record
obey        what each effect does there
world       what can happen there: it feeds `decide` and moves the clock
notation    how happenings and effects are written in a transcript
transcript  a transcript file, read and rewritten
inputs      what can happen in a transcript
player      play a transcript against a book
chat        write a transcript by talking
around      the edition around a path
"""

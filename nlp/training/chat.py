"""Ordinary talk of people who want nothing of a clinic, so that the models know what harmless texts look like.

The Chit-Chat dataset of Brigham Young University's Perception, Control and Cognition lab (PyPI `chitchat-dataset`,
MIT licence): 220,000 different sentences. One part is for training, the other, never trained on, for counting
false alarms: `python -m nlp.training alarms`.
"""

import hashlib
import json
from importlib.resources import files

LONGEST = 300
"""Characters; longer ones are few and no texts."""


def sentences(*, held_back: bool) -> list[str]:
    """Every different sentence of one part, in a fixed order that has nothing to do with who said it."""
    kept = files("chitchat_dataset").joinpath("dataset.json").read_text(encoding="utf-8")
    said = {
        message["text"].strip()
        for talk in json.loads(kept).values()
        for turn in talk["messages"]
        for message in turn
    }
    marked = sorted(
        (hashlib.sha256(text.encode()).hexdigest(), text) for text in said if 0 < len(text) <= LONGEST
    )
    return [text for mark, text in marked if (mark[0] >= "8") is held_back]

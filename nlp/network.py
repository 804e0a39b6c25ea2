"""The second trained opinion: a small transformer that reads the message as a whole.

It is all-MiniLM-L6-v2 (sentence-transformers, Apache 2.0; made from Microsoft's MiniLM, MIT), trained on by
`nlp.training.network` with the messages in `nlp/training/`. So it knows English words that no training message has, and
sees what belongs together over a distance; why it says what it says, nobody can tell. `data/network.onnx` has the
layers (8 bits a weight), `data/network.npz` the pieces of words with their vectors. It runs on one thread of ONNX
Runtime; a message takes a few milliseconds.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nlp.linear import HEADS, Likely
from nlp.pieces import Pieces

DATA = Path(__file__).parent / "data"

LONGEST = 126
"""Pieces that are read, besides the two that frame them: a text of 1,600 characters may have more."""


class Network:
    """Loaded once per process; `likely` may be called from several threads."""

    def __init__(self, folder: Path = DATA) -> None:
        """Raises OSError where a file is missing."""
        import onnxruntime

        with np.load(folder / "network.npz", allow_pickle=False) as kept:
            self._pieces = Pieces(kept["pieces"].tolist(), unknown=int(kept["unknown"]))
            self._vectors, self._scale = kept["vectors"], kept["scale"].astype(np.float32)
            self._frame = int(kept["first"]), int(kept["last"])
            self._classes = {head: tuple(kept[f"{head}_classes"].tolist()) for head in HEADS}
            self.corpus = str(kept["corpus"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            folder / "network.onnx", options, providers=["CPUExecutionProvider"]
        )

    def likely(self, words: Sequence[str]) -> Mapping[str, Likely]:
        """The probabilities of the classes of each head, for the words as typed (`Text.words`)."""
        first, last = self._frame
        numbers = [first, *_both_ends(self._pieces.cut(words)), last]
        vectors = self._vectors[numbers].astype(np.float32) * self._scale[numbers, None]
        outputs = self._session.run(None, {"vectors": vectors[None]})
        return {
            head: dict(zip(self._classes[head], _softmax(scores[0]), strict=True))
            for head, scores in zip(HEADS, outputs, strict=True)
        }


def _both_ends(numbers: list[int]) -> list[int]:
    """Of a very long text the beginning and the end: what hurts is often said last."""
    if len(numbers) <= LONGEST:
        return numbers
    half = LONGEST // 2
    return numbers[:half] + numbers[-half:]


def _softmax(scores: np.ndarray[Any, np.dtype[np.float32]]) -> list[float]:
    odds = np.exp(scores - scores.max())
    total: list[float] = (odds / odds.sum()).tolist()
    return total

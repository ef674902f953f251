"""Train the head of our own classes on a finished network: ``python -m training.train_own``.

The network stays as it is: its vectors are made once, and a small head learns from them. `training.label_own` makes
the labels: silver (the rules' over the corpora) and our own (the grammar's). Figures are on silver held out, and on
the sentences in ``texts/dev.txt``.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kg.text.parser.decoding import find_tags, find_transitions
from kg.text.parser.encoding import WordEncoder, read_vocabulary
from kg.text.parser.own import CLASSES, OwnSpan, find_spans
from training.batches import NONE, hide_some, pad
from training.labels import OWN_TAGS, PARTS, Labelled, read_labelled
from training.network import Network, OwnHead
from training.train import choose, find_encoder

#: Share of the sub-words hidden in a second reading of each sentence, so that its words do not tell all.
HIDDEN = 0.12
Vectors = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence's word vectors, ``[word, width]``, and its tags."""

    vectors: Vectors
    labelled: Labelled


class VectorMaker:
    """Makes the word vectors of sentences with a frozen network."""

    def __init__(self, network: Network, vocabulary: Path) -> None:
        self._network = network
        self._encoder = WordEncoder(read_vocabulary(vocabulary))

    def make(self, sentences: Sequence[Labelled], hidden: float = 0.0) -> list[Example]:
        """The examples of `sentences` in their order; those too long for the network at once are left out."""
        encoded = [self._encoder.encode(s.words) for s in sentences]
        order = sorted(
            (i for i, e in enumerate(encoded) if len(e.ids) <= 300), key=lambda i: len(encoded[i].ids)
        )
        found: dict[int, Example] = {}
        began, words = time.monotonic(), 0
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for number, batch in enumerate(_batches(order, [len(e.ids) for e in encoded])):
                ids = hide_some(pad([encoded[i].ids for i in batch]), hidden)
                first = pad([encoded[i].first for i in batch])
                _, read = self._network.read(ids, pad([encoded[i].shapes for i in batch]), first, True)
                vectors = read[:, 1:].to(torch.float16).numpy()
                for row, i in enumerate(batch):
                    found[i] = Example(vectors[row, : len(sentences[i].words)].copy(), sentences[i])
                    words += len(sentences[i].words)
                if number % 400 == 399:
                    speed = words / (time.monotonic() - began)
                    print(f"  vectors of {words} words, {speed:.0f} words/s", flush=True)
        return [found[i] for i in sorted(found)]


def _batches(order: Sequence[int], lengths: Sequence[int], pieces: int = 1024) -> Iterator[list[int]]:
    batch: list[int] = []
    for i in order:
        if batch and lengths[i] * (len(batch) + 1) > pieces:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _collate(examples: Sequence[Example]) -> tuple[Tensor, Tensor, Tensor]:
    """Vectors, which of them are words, and tags."""
    count = max(len(e.vectors) for e in examples)
    vectors = torch.zeros(len(examples), count, examples[0].vectors.shape[1])
    there = torch.zeros(len(examples), count)
    index = {tag: i for i, tag in enumerate(OWN_TAGS)}
    tags = torch.full((len(examples), count), NONE)
    for row, e in enumerate(examples):
        vectors[row, : len(e.vectors)] = torch.from_numpy(e.vectors)
        there[row, : len(e.vectors)] = 1
        tags[row, : len(e.vectors)] = torch.tensor([index.get(tag, NONE) for tag in e.labelled.tags])
    return vectors, there, tags


def train_head(examples: Sequence[Example], passes: int, seed: int, batch: int = 64) -> OwnHead:
    """A head that has learnt `examples`."""
    torch.manual_seed(seed)
    chance = random.Random(f"own order {seed}")
    head = OwnHead(examples[0].vectors.shape[1], len(OWN_TAGS))
    optimizer = torch.optim.AdamW(head.parameters(), lr=2e-3, weight_decay=0.01)
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].vectors))
    batches = [order[start : start + batch] for start in range(0, len(order), batch)]
    total, step = passes * len(batches), 0
    for number in range(passes):
        chance.shuffle(batches)
        loss_sum = 0.0
        for places in batches:
            for group in optimizer.param_groups:
                group["lr"] = 2e-3 * min(1.0, step / 100 + 0.01) * (1 - step / total)
            vectors, there, tags = _collate([examples[i] for i in places])
            loss = choose(head(vectors, there), tags)
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            loss_sum += loss.item()
            step += 1
        print(
            f"{time.strftime('%H:%M:%S')} pass {number + 1}/{passes} loss {loss_sum / len(batches):.4f}",
            flush=True,
        )
    return head.eval()


def save_head(head: OwnHead, path: Path) -> None:
    """Write `head` to `path` for `training.export`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"own": head.state_dict(), "tags": OWN_TAGS}, path)


def read_spans(head: OwnHead, examples: Sequence[Example], batch: int = 32) -> list[tuple[OwnSpan, ...]]:
    """What `head` finds in each of `examples`."""
    between, first = find_transitions(OWN_TAGS)
    found = []
    for start in range(0, len(examples), batch):
        part = examples[start : start + batch]
        with torch.inference_mode():
            vectors, there, _ = _collate(part)
            scores = head(vectors, there).numpy()
        tags = find_tags(scores, between, first)
        for row, e in enumerate(part):
            length = len(e.vectors)
            named = [OWN_TAGS[i] for i in tags[row, :length]]
            found.append(find_spans(named, scores[row, :length], OWN_TAGS))
    return found


def score(examples: Sequence[Example], found: Sequence[Sequence[OwnSpan]], least: float) -> dict[str, str]:
    """For each class, precision, recall and F1 of the spans at least as sure as `least`, where labels are told."""
    right: Counter[str] = Counter()
    said: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for e, spans in zip(examples, found, strict=True):
        tags = e.labelled.tags
        gold = {(s.start, s.end, s.label) for s in find_spans(tags, _certain(tags), OWN_TAGS)}
        for s in spans:
            untold = any(tags[i] not in OWN_TAGS for i in range(s.start, s.end))
            if s.score >= least and not untold:
                said[s.label] += 1
                right[s.label] += (s.start, s.end, s.label) in gold
        there.update(name for _, _, name in gold)
    report = {}
    for name in (*CLASSES, "all"):
        r, s, t = ((sum(c.values()) if name == "all" else c[name]) for c in (right, said, there))
        f1 = 200 * r / (s + t) if s + t else 0.0
        report[name] = f"P {100 * r / max(s, 1):.1f} R {100 * r / max(t, 1):.1f} F {f1:.1f} of {t}"
    return report


def _certain(tags: Sequence[str]) -> NDArray[np.float32]:
    return np.zeros((len(tags), len(OWN_TAGS)), dtype=np.float32)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the head as the command line says, write it, and print its figures."""
    from training.export import load_checkpoint

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--labels", type=Path, default=Path("out/model/own"), help="what training.label_own wrote"
    )
    parser.add_argument("--checkpoint", type=Path, default=Path("out/model/checkpoint.pt"))
    parser.add_argument("--encoder", type=Path, help="folder with vocab.txt of the base encoder")
    parser.add_argument("--out", type=Path, default=Path("out/model/own.pt"))
    parser.add_argument("--passes", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if not args.checkpoint.is_file():
        raise SystemExit(f"{args.checkpoint}: no such checkpoint; train first (make model)")
    train, silver, hand = (read_labelled(args.labels / f"{name}.jsonl.gz") for name in PARTS)
    print(f"{len(train)} sentences, {sum(len(s.words) for s in train)} words", flush=True)
    network, _ = load_checkpoint(args.checkpoint)
    torch.manual_seed(args.seed)
    maker = VectorMaker(network, (args.encoder or find_encoder()) / "vocab.txt")
    examples = maker.make(train, HIDDEN)
    head = train_head(examples, args.passes, args.seed)
    save_head(head, args.out)
    report = {}
    for name, part, least in (
        ("silver held out", silver, 0.0),
        ("our dev text", hand, 0.0),
        ("our dev text", hand, 0.7),
    ):
        made = maker.make(part)
        figures = score(made, read_spans(head, made), least)
        report[f"{name}, sure {least}"] = figures
        print(f"{name}, at least {least} sure:")
        for own_class, line in figures.items():
            print(f"  {own_class}: {line}")
    args.out.with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

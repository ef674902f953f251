"""Sentences labelled with our own classes, as they lie between the step that labels and the step that learns."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kg.text.parser.own import CLASSES

#: Tags of the head, in the order of its outputs.
OWN_TAGS = ["O", *(f"{begin}-{name}" for name in CLASSES for begin in "BI")]
#: The files: to learn from, silver held out, and our sentences annotated by hand.
PARTS = ("train", "silver", "hand")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Words with a tag of our own classes each, `training.corpora.UNTOLD` where nobody knows."""

    source: str
    words: tuple[str, ...]
    tags: tuple[str, ...]


def write_labelled(path: Path, sentences: Iterable[Labelled]) -> None:
    """Write `sentences` to `path`, the same bytes for the same sentences."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (
        json.dumps({"src": s.source, "words": s.words, "tags": s.tags}, ensure_ascii=False) for s in sentences
    )
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
        text = io.TextIOWrapper(packed, encoding="utf-8")
        text.writelines(f"{line}\n" for line in lines)
        text.flush()
        text.detach()


def read_labelled(path: Path) -> list[Labelled]:
    """The sentences in `path`. Ends the program if the file is not there."""
    if not path.is_file():
        raise SystemExit(f"{path}: no labelled sentences; make them first (python -m training.label_own)")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [Labelled(r["src"], tuple(r["words"]), tuple(r["tags"])) for r in records]

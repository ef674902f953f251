"""Which required people, places and organizations of the seeds a model names: ``python -m training.evaluate_seeds``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from kg.catalog import load_catalog
from kg.model import Document
from kg.text.reader import Reader

KINDS = {"Person": "PERSON", "Organization": "ORG", "Place": "LOC"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print, for each seed, how many are found at least once, and the names of the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, default=Path("tests/gold/seeds"))
    parser.add_argument("--texts", type=Path, default=Path("seeds"))
    parser.add_argument("--model", default="kg")
    args = parser.parse_args(arguments)
    reader = Reader(load_catalog(), args.model)
    all_wanted = all_found = all_kinds = 0
    for path in sorted(args.gold.glob("[0-9]*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        text = (args.texts / gold["doc"]).read_text(encoding="utf-8")
        doc = reader.read(Document((gold["doc"],), text)).doc
        said = {(fold(ent.text), ent.label_) for ent in doc.ents}
        surfaces = {surface for surface, _ in said}
        missed = []
        wanted = found = kinds = 0
        for entity in gold["entities"]:
            if entity["class"] not in KINDS or not entity["required"] or not entity["named"]:
                continue
            skipped = {
                *entity.get("descriptions", ()),
                *entity.get("group_mentions", ()),
                *entity.get("adjectival", ()),
            }
            names = {fold(m) for m in entity["mentions"] if m not in skipped and any(c.isupper() for c in m)}
            if not names:
                continue
            wanted += 1
            found += bool(names & surfaces)
            kinds += any((name, KINDS[entity["class"]]) in said for name in names)
            if not names & surfaces:
                missed.append(entity["label"])
        print(
            f"{gold['doc']}: {found} of {wanted} found, {kinds} with their kind; missed: {', '.join(missed) or 'none'}"
        )
        all_wanted, all_found, all_kinds = all_wanted + wanted, all_found + found, all_kinds + kinds
    print(f"all: {all_found} of {all_wanted} found, {all_kinds} with their kind")


def fold(name: str) -> str:
    """`name` without an article, quotes made plain."""
    plain = name.replace("’", "'").replace("“", '"').replace("”", '"').strip()
    return plain.removeprefix("the ").removeprefix("The ")


if __name__ == "__main__":
    main()

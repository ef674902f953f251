"""What the head of our own classes finds in annotated documents, beside the rules: ``python -m training.evaluate_own``.

Needs what the package needs at run time, not torch. For each class: of the names that are annotated, how many are found
by the head, by the rules, by either; of what the head alone says, how much is right.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from kg.catalog import load_catalog
from kg.mentions import MentionFinder
from kg.model import Document, Mention
from kg.text.parser.component import OWN_SPANS
from kg.text.parser.own import CLASSES
from kg.text.reader import OWN, RULES, Reader
from training.corpora import UNTOLD
from training.evaluate_seeds import fold
from training.own_classes import find_class

_ORGANIZATIONS = {
    "Government": "Government",
    "Ministry": "Ministry",
    "ArmedForce": "Force",
    "Command": "Force",
    "Unit": "Force",
    "Company": "Company",
    "Party": "Party",
    "MediaOutlet": "Media",
    "InternationalOrganization": "International",
}
#: A class and a surface, folded.
Named = tuple[str, str]


def read_gold(path: Path) -> tuple[str, list[set[Named]], set[str]]:
    """The document of an annotation, each thing's class and surfaces, and all surfaces of any class."""
    gold = json.loads(path.read_text(encoding="utf-8"))
    things: list[set[Named]] = []
    adjectives: set[Named] = set()
    everything: set[str] = set()
    for entity in gold["entities"]:
        surfaces = {fold(s) for s in entity["mentions"]}
        everything |= surfaces
        adjectival = {fold(s) for s in entity.get("adjectival", ())}
        adjectives |= {("Nationality", s) for s in adjectival}
        name = entity["class"]
        if name == "Organization":
            name = _ORGANIZATIONS.get((entity.get("subclass") or "").split("/")[0], "")
        described = {fold(s) for s in (*entity.get("descriptions", ()), *entity.get("group_mentions", ()))}
        names = {(name, s) for s in surfaces - adjectival - described}
        if name in CLASSES and names:
            things.append(names)
    for event in gold["events"]:
        surfaces = {fold(s) for s in event.get("mentions", ())}
        everything |= surfaces
        if surfaces:
            things.append({("Event", s) for s in surfaces})
    return gold["doc"], [*things, *({pair} for pair in sorted(adjectives))], everything


def read_rules(mentions: Iterable[Mention]) -> set[Named]:
    """What the rules say, of our own classes."""
    found = ((find_class(m), fold(m.text)) for m in mentions)
    return {(name, text) for name, text in found if name not in (None, UNTOLD)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "pairs", nargs="*", default=["tests/gold/seeds:seeds", "tests/corpus/tuned:tests/corpus/tuned"]
    )
    parser.add_argument("--least", type=float, default=0.0, help="how sure a span has to be")
    parser.add_argument("--show", action="store_true", help="list what the head alone says")
    args = parser.parse_args(arguments)
    catalog = load_catalog()
    own, rules, finder = Reader(catalog, OWN), Reader(catalog, RULES), MentionFinder(catalog)
    counts: Counter[tuple[str, str]] = Counter()
    for gold_folder, texts in (pair.split(":") for pair in args.pairs):
        for path in sorted(Path(gold_folder).glob("[0-9]*.json")):
            name, things, _ = read_gold(path)
            source = Document((name,), (Path(texts) / name).read_text(encoding="utf-8"))
            group = own.read(source).doc.spans[OWN_SPANS]
            head = {
                (span.label_, fold(span.text))
                for span, sure in zip(group, group.attrs["scores"], strict=True)
                if sure >= args.least
            }
            found = finder.find(rules.read(source))
            ruled = read_rules((*found.outer, *found.nested))
            right = {pair for thing in things for pair in thing}
            for thing in things:
                own_class = min(thing)[0]
                counts[own_class, "there"] += 1
                counts[own_class, "head"] += bool(thing & head)
                counts[own_class, "rules"] += bool(thing & ruled)
                counts[own_class, "either"] += bool(thing & (head | ruled))
            for pair in sorted(head):
                counts[pair[0], "said"] += 1
                counts[pair[0], "right"] += pair in right
                if pair not in ruled:
                    counts[pair[0], "alone"] += 1
                    counts[pair[0], "alone right"] += pair in right
                    if args.show:
                        print(f"{name}: {pair[0]}: {pair[1]}{'' if pair in right else '  (not annotated)'}")
    for own_class in CLASSES:
        c = {what: counts[own_class, what] for what in ("there", "head", "rules", "either", "said", "right")}
        print(
            f"{own_class}: annotated {c['there']}, found by the head {c['head']}, by the rules {c['rules']}, by either "
            f"{c['either']}; the head says {c['said']}, right {c['right']}; alone {counts[own_class, 'alone']}, "
            f"right {counts[own_class, 'alone right']}"
        )


if __name__ == "__main__":
    main()

"""Label sentences with our own classes, to learn from: ``python -m training.label_own``; see training/README.md.

Needs what the package needs at run time, not torch.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from training.corpora import DEFAULT_FOLDER, MissingCorpus, Sentence, read_training
from training.grammar import TEXTS, Grammar, label, make_tokenize, read_marked
from training.labels import PARTS, Labelled, write_labelled
from training.own_classes import Projector, Renamer

DEV_SHARE = 0.05
#: Share of the sentences kept that the rules find nothing in: the head learns from these too what is no mention.
EMPTY_SHARE = 0.35
#: Share of each source's sentences; news and encyclopedias of politics have more of our classes than the rest.
SOURCES = {"redocred": 1.0, "crossner_politics": 1.0, "wikigold": 1.0, "ewt": 0.6}
OTHER_SOURCES = 0.4
#: Classes whose names the gazetteer lists, and how many others of each are drawn to put in their place.
LISTED = ("Nationality", "Media", "Company", "Party", "International")
DRAWN = 400
RENAMED_SHARE = 0.4


def gather_sentences(
    sentences: Sequence[Sentence], made: int, seed: int
) -> tuple[list[Labelled], list[Labelled]]:
    """What to learn from, and silver held out: from `sentences` of the corpora and `made` ones of the grammar."""
    chance = random.Random(f"own {seed}")
    tokenize = make_tokenize()
    grammar = Grammar(TEXTS / "grammar.yaml", chance)
    # In the corpora's order, so that what a text introduces is known in its next sentences.
    chosen = [s for s in sentences if chance.random() < SOURCES.get(s.source, OTHER_SOURCES)]
    drawn = {
        name: [
            tuple(token.text for token in tokenize(grammar.draw(name)) if not token.is_space)
            for _ in range(DRAWN)
        ]
        for name in LISTED
    }
    renamer = Renamer(drawn, chance)
    train, dev = [], []
    for labelled, mentions in Projector().project(chosen):
        told = any(tag[1:2] == "-" for tag in labelled.tags)
        if not told and chance.random() > EMPTY_SHARE:
            continue
        if chance.random() < DEV_SHARE:
            dev.append(labelled)
        else:
            train.append(renamer.rename(labelled, mentions, RENAMED_SHARE))
    train += [label(grammar.sentence(), tokenize, "grammar") for _ in range(made)]
    return train, dev


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the labelled sentences as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER, help="folder of the prepared corpora")
    parser.add_argument("--out", type=Path, default=Path("out/model/own"), help="folder for the sentences")
    parser.add_argument("--made", type=int, default=9000, help="sentences to make with the grammar")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    try:
        trees, names = read_training(args.data)
    except MissingCorpus as error:
        raise SystemExit(str(error)) from error
    train, silver = gather_sentences([*names, *trees], args.made, args.seed)
    tokenize = make_tokenize()
    hand = [label(marked, tokenize, "hand") for marked in read_marked(TEXTS / "dev.txt")]
    for name, part in zip(PARTS, (train, silver, hand), strict=True):
        write_labelled(args.out / f"{name}.jsonl.gz", part)
        counts = Counter(tag[2:] for s in part for tag in s.tags if tag.startswith("B-"))
        print(
            f"{name}: {len(part)} sentences, {sum(len(s.words) for s in part)} words; {dict(sorted(counts.items()))}"
        )


if __name__ == "__main__":
    main()

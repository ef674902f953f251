"""The table of base forms that is shipped with the model: ``python -m training.lemmas``; see training/README.md.

It holds those declared and those that the treebanks agree on. Needs what the package needs at run time, not torch.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from training.corpora import DEFAULT_FOLDER, MissingCorpus, Sentence, read_training

DECLARED = Path(__file__).resolve().parent / "texts" / "irregular.yaml"
#: The tag of each declared form, in the order that they are given in.
_FORM_TAGS: Mapping[str, Sequence[str]] = {
    "verbs": ("VBD", "VBN"),
    "nouns": ("NNS",),
    "adjectives": ("JJR", "JJS"),
    "adverbs": ("RBR", "RBS"),
}
#: Tags whose words have a base form that can be listed: inflected words, and words of closed classes.
_LISTED_TAGS = frozenset(
    [tag for tags in _FORM_TAGS.values() for tag in tags]
    + ["VBG", "VBZ", "PRP", "PRP$", "DT", "WP", "WDT", "MD", "POS"]
)
_OFTEN = 2
_AGREED = 0.9

#: Tag → lower-case form → base form.
Table = dict[str, dict[str, str]]


def read_declared(path: Path = DECLARED) -> Table:
    """The base forms that `path` declares."""
    declared = yaml.safe_load(path.read_text(encoding="utf-8"))
    found: Table = defaultdict(dict)
    for part, words in declared.items():
        for base, forms in words.items():
            for tag, form in zip(_FORM_TAGS[part], forms, strict=True):
                found[tag].setdefault(form, base)
    return dict(found)


def find_agreed(sentences: Iterable[Sentence]) -> Table:
    """The base forms that the trees of `sentences` agree on, of words that are no hapax."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        if sentence.tree is None:
            continue
        for word, tag, lemma in zip(sentence.words, sentence.tree.xpos, sentence.lemmas, strict=True):
            if tag in _LISTED_TAGS:
                counts[tag, word.lower()][lemma] += 1
    found: Table = defaultdict(dict)
    for (tag, form), lemmas in counts.items():
        lemma, count = lemmas.most_common(1)[0]
        if count >= _OFTEN and count >= _AGREED * lemmas.total():
            found[tag][form] = lemma
    return dict(found)


def make_table(sentences: Iterable[Sentence]) -> Table:
    """What is declared, and what `sentences` agree on beside it; sorted."""
    declared, agreed = read_declared(), find_agreed(sentences)
    return {
        tag: dict(sorted((agreed.get(tag, {}) | declared.get(tag, {})).items()))
        for tag in sorted({*declared, *agreed})
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the table as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER, help="folder of the prepared corpora")
    parser.add_argument("--out", type=Path, default=Path("out/model/lemmas.json"))
    args = parser.parse_args(arguments)
    try:
        trees, _ = read_training(args.data)
    except MissingCorpus as error:
        raise SystemExit(str(error)) from error
    table = make_table(trees)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{args.out}: {sum(map(len, table.values()))} forms")


if __name__ == "__main__":
    main()

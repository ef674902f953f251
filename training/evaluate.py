"""Score a model on the corpora's dev or test sets, from gold words or raw text: ``python -m training.evaluate``.

Needs what the package needs at run time, not torch.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg.text.parser.network import Network, Parse, load_network
from training.corpora import DEFAULT_FOLDER, MissingCorpus, Sentence, read_names, read_trees

COUNTED_NAMES = frozenset({"PER", "ORG", "LOC"})
Word = tuple[int, int]


@dataclass
class Tally:
    """What was right, of how much was there, of how much was said."""

    right: int = 0
    there: int = 0
    said: int = 0

    def add(self, right: int, there: int, said: int) -> None:
        """Count more."""
        self.right += right
        self.there += there
        self.said += said

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0 to 100; the accuracy where both sides have the same words."""
        return 200 * self.right / (self.there + self.said) if self.there + self.said else 0.0


@dataclass
class Figures:
    """The scores of one corpus."""

    tallies: dict[str, Tally] = field(default_factory=dict)

    def add(self, name: str, there: Iterable[object], said: Iterable[object]) -> None:
        """Count what two sets share."""
        there, said = set(there), set(said)
        self.tallies.setdefault(name, Tally()).add(len(there & said), len(there), len(said))

    def rounded(self) -> dict[str, float]:
        """Name → F1."""
        return {name: round(tally.f1, 2) for name, tally in self.tallies.items()}


def find_spans(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """The counted names in BIO `tags` as (first word, word after the last, kind)."""
    found = []
    begin: int | None = None
    for at, tag in enumerate((*tags, "O")):
        if begin is not None and not (tag.startswith("I-") and tag[2:] == tags[begin][2:]):
            found.append((begin, at, tags[begin][2:]))
            begin = None
        if begin is None and tag[:2] in ("B-", "I-"):
            begin = at
    return [span for span in found if span[2] in COUNTED_NAMES]


def score_gold_words(network: Network, trees: Sequence[Sentence], names: Sequence[Sentence]) -> Figures:
    """The scores of `network` on sentences whose words are given."""
    figures = Figures()
    for number, (sentence, parse) in enumerate(
        zip(trees, network.read([s.words for s in trees]), strict=True)
    ):
        tree = sentence.tree
        assert tree is not None
        count_parse(figures, number, range(len(sentence.words)), sentence, range(len(sentence.words)), parse)
    for number, (sentence, parse) in enumerate(
        zip(names, network.read([s.words for s in names]), strict=True)
    ):
        figures.add(
            "names",
            ((number, *span) for span in find_spans(sentence.names)),
            ((number, *span) for span in find_spans(parse.names)),
        )
    return figures


def count_parse(
    figures: Figures,
    number: int,
    words: Sequence[object],
    sentence: Sentence,
    said: Sequence[object],
    parse: Parse,
) -> None:
    """Count one sentence's parse; `words` and `said` name the words of both sides, so that like ones are equal."""
    tree = sentence.tree
    assert tree is not None

    def rows(
        names: Sequence[object], heads: Sequence[int], *columns: Sequence[str]
    ) -> list[tuple[object, ...]]:
        at = [None if head == 0 else names[head - 1] for head in heads]
        return [
            (number, name, head, *values) for name, head, *values in zip(names, at, *columns, strict=True)
        ]

    for label, there, stated in (
        ("UPOS", tree.upos, parse.upos),
        ("XPOS", tree.xpos, parse.xpos),
        ("lemma", sentence.lemmas, parse.lemmas),
    ):
        figures.add(label, zip([number] * len(words), words, there), zip([number] * len(said), said, stated))  # noqa: B905
    figures.add("UAS", rows(words, tree.heads), rows(said, parse.heads))
    gold, system = rows(words, tree.heads, tree.relations), rows(said, parse.heads, parse.relations)
    figures.add("LAS", gold, system)
    figures.add("apposition", (r for r in gold if r[-1] == "appos"), (r for r in system if r[-1] == "appos"))


def document_of(identifier: str) -> str:
    """The document that a sentence's identifier belongs to."""
    return identifier[:6] if "-" not in identifier else identifier.rpartition("-")[0]


@dataclass
class Text:
    """A document made of gold sentences: its text, and where each sentence's words stand in it."""

    text: str = ""
    sentences: list[tuple[Sentence, list[Word]]] = field(default_factory=list)

    def add(self, sentence: Sentence, joint: str) -> None:
        """Append `sentence`, parted from the one before by `joint`."""
        self.text += joint if self.text else ""
        words = []
        for word, space in zip(sentence.words, (*sentence.spaces[:-1], False), strict=True):
            words.append((len(self.text), len(self.text) + len(word)))
            self.text += word + (" " if space else "")
        self.sentences.append((sentence, words))


def make_texts(sentences: Sequence[tuple[str, Sentence]], lines: bool) -> list[Text]:
    """The documents of `sentences`, each with its identifier.

    Sentences are joined by a space. With `lines`, one without a mark at its end (a heading, a list item, a line of
    an address) is followed by a blank line: the corpora do not keep the line breaks that stood there.
    """
    texts: dict[str, Text] = {}
    joints: dict[str, str] = {}
    for identifier, sentence in sentences:
        name = document_of(identifier)
        texts.setdefault(name, Text()).add(sentence, joints.get(name, ""))
        ended = sentence.words[-1][-1] in ".!?…\"'”’):"
        joints[name] = "\n\n" if lines and not ended else " "
    return list(texts.values())


def score_raw_text(
    parse_text: Callable[[str], list[tuple[list[Word], Parse]]], texts: Sequence[Text]
) -> tuple[Figures, float]:
    """The scores from raw text, words being the same if their places are; and words read in a second."""
    figures = Figures()
    words, seconds = 0, 0.0
    for number, text in enumerate(texts):
        began = time.process_time()
        found = parse_text(text.text)
        seconds += time.process_time() - began
        words += sum(len(places) for places, _ in found)
        figures.add(
            "words",
            ((number, *w) for _, places in text.sentences for w in places),
            ((number, *w) for places, _ in found for w in places),
        )
        figures.add(
            "sentences",
            ((number, places[0][0], places[-1][1]) for _, places in text.sentences),
            ((number, places[0][0], places[-1][1]) for places, _ in found),
        )
        merged = Figures()
        for label in ("UPOS", "XPOS", "lemma", "UAS", "LAS", "apposition"):
            there = [row for sentence, places in text.sentences for row in _rows(label, places, sentence)]
            said = [row for places, parse in found for row in _rows(label, places, parse)]
            merged.add(label, there, said)
        merged.add(
            "names",
            (_place(places, span) for s, places in text.sentences for span in find_spans(s.names)),
            (_place(places, span) for places, parse in found for span in find_spans(parse.names)),
        )
        for label, tally in merged.tallies.items():
            figures.tallies.setdefault(label, Tally()).add(tally.right, tally.there, tally.said)
    return figures, words / seconds if seconds else 0.0


def _place(places: Sequence[Word], span: tuple[int, int, str]) -> tuple[int, int, str]:
    return places[span[0]][0], places[span[1] - 1][1], span[2]


def _rows(label: str, places: Sequence[Word], answer: Sentence | Parse) -> list[tuple[object, ...]]:
    """Rows that are equal on both sides where `label` is right."""
    tree = answer.tree if isinstance(answer, Sentence) else answer
    assert tree is not None
    if label in ("UPOS", "XPOS", "lemma"):
        values = {"UPOS": tree.upos, "XPOS": tree.xpos, "lemma": answer.lemmas}[label]
        return list(zip(places, values, strict=True))
    heads = [None if head == 0 else places[head - 1] for head in tree.heads]
    if label == "UAS":
        return list(zip(places, heads, strict=True))
    rows = list(zip(places, heads, tree.relations, strict=True))
    return rows if label == "LAS" else [row for row in rows if row[2] == "appos"]


def raw_parser(network: Network) -> Callable[[str], list[tuple[list[Word], Parse]]]:
    """What goes from a text to parsed sentences with the places of their words: our tokens, our sentences."""
    from kg.catalog import load_catalog
    from kg.text.reader import Reader
    from kg.text.sentences import mark_sentences

    nlp = Reader(load_catalog())._nlp  # the rules' tokenizer, as every reader has it

    def parse(text: str) -> list[tuple[list[Word], Parse]]:
        doc = mark_sentences(nlp.tokenizer(text))
        sentences = [[token for token in sentence if not token.is_space] for sentence in doc.sents]
        sentences = [sentence for sentence in sentences if sentence]
        parses = network.read([[token.text for token in sentence] for sentence in sentences])
        places = [[(token.idx, token.idx + len(token)) for token in sentence] for sentence in sentences]
        return list(zip(places, parses, strict=True))

    return parse


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the scores of one or more models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, default=[Path("models/en")], help="folders of models")
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER, help="folder of the prepared corpora")
    parser.add_argument(
        "--sets", default="ewt_test,gum_test,pud_test", help="such as ewt_dev,gum_dev to choose by"
    )
    parser.add_argument(
        "--raw", action=argparse.BooleanOptionalAction, default=True, help="score raw text too"
    )
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    args = parser.parse_args(arguments)
    report: dict[str, dict[str, dict[str, float]]] = {}
    for folder in args.models:
        network = load_network(folder)
        for name in args.sets.split(","):
            try:
                trees, names = read_trees(args.data, name), read_names(args.data, f"NER_{name}")
            except MissingCorpus as error:
                raise SystemExit(str(error)) from error
            began = time.process_time()
            figures = score_gold_words(network, trees, names).rounded()
            count = sum(len(s.words) for s in (*trees, *names))
            figures["words/s"] = round(count / (time.process_time() - began))
            show(folder, f"{name}, gold words", figures, report)
            if args.raw:
                parse = raw_parser(network)
                for lines in (True, False):
                    raw, speed = score_raw_text(
                        parse, make_texts(list(zip(_ids(args.data, name), trees, strict=True)), lines)
                    )
                    label = "headings on lines of their own" if lines else "all joined by spaces"
                    show(
                        folder,
                        f"{name}, raw text, {label}",
                        raw.rounded() | {"words/s": round(speed)},
                        report,
                    )
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _ids(folder: Path, name: str) -> list[str]:
    from training.corpora import read_records

    return [str(record["id"]) for record in read_records(folder, name)]


def show(
    folder: Path, name: str, figures: dict[str, float], report: dict[str, dict[str, dict[str, float]]]
) -> None:
    """Print one line of figures and keep it in `report`."""
    report.setdefault(str(folder), {})[name] = figures
    print(
        f"{folder}  {name}: " + "  ".join(f"{label} {value:g}" for label, value in figures.items()),
        flush=True,
    )


if __name__ == "__main__":
    main()

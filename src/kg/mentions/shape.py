"""What the shape of the text says: headlines, runs of capitalised words, possessives."""

from __future__ import annotations

from collections.abc import Sequence

from spacy.lang.en.stop_words import STOP_WORDS
from spacy.tokens import Doc

from kg.mentions.candidates import is_capitalised

_HEADLINE_SHARE = 0.7  # of the longer words capitalised; a sentence of names and titles stays below it
_LONGER_WORD = 4  # code points; shorter words are lower-case in most headline styles
_LONGEST_HEADLINE = 24  # tokens
_CLOSED = frozenset({".", "!", "?", '"', ";", ":", "-", "--", "–", "—"})  # what ends sentences and datelines
#: Words that spaCy lists as stop words and that names are made of: "Memorandum on Mine Clearance", "Third Fleet".
_NAMING = frozenset(
    {
        "mine",
        "per",
        "will",
        "front",
        "first",
        "third",
        "three",
        "four",
        "five",
        "six",
        "eight",
        "nine",
        "ten",
        "side",
    }
)
_FUNCTION_WORDS = frozenset(STOP_WORDS) - _NAMING
POSSESSIVE = frozenset({"'s", "'"})


def headline_tokens(doc: Doc) -> list[bool]:
    """For each token, whether it stands in a Title-Case headline, where capitals say nothing about names."""
    out = [False] * len(doc)
    for sentence in doc.sents:
        words = [t for t in sentence if t.is_alpha and len(t) >= _LONGER_WORD]
        last = next((t.text for t in reversed(list(sentence)) if not t.is_space), "")
        if len(words) < 4 or len(sentence) > _LONGEST_HEADLINE or last in _CLOSED:
            continue
        capitalised = sum(is_capitalised(t.text) for t in words)
        if capitalised / len(words) > _HEADLINE_SHARE:
            out[sentence.start : sentence.end] = [True] * len(sentence)
    return out


def is_name_word(doc: Doc, i: int) -> bool:
    """Whether token `i` can be part of a name: capitalised, and no function word that merely opens a sentence."""
    token = doc[i]
    if not is_capitalised(token.text) or not any(c.isalpha() for c in token.text):
        return False
    lower = token.lower_
    return lower not in (STOP_WORDS if token.is_sent_start else _FUNCTION_WORDS)


def begins_person(doc: Doc, i: int) -> bool:
    """Whether the parser sees a person's name of two or more words begin at token `i`."""
    token = doc[i]
    return (
        token.ent_iob_ == "B"
        and token.ent_type_ == "PERSON"
        and i + 1 < len(doc)
        and doc[i + 1].ent_iob_ == "I"
    )


def run_left(doc: Doc, end: int, joiners: Sequence[str] = ()) -> int:
    """The first token of the run of name words that ends before token `end` (`end` itself if there is none).

    `joiners` are words allowed inside the run, between two name words; hyphens and "&" always are.
    """
    i = end
    while i > 0 and not doc[i - 1].is_space and (i == len(doc) or not doc[i].is_sent_start):
        previous = doc[i - 1]
        if is_name_word(doc, i - 1) or (
            previous.text[0].isdigit() and previous.text[-2:] in {"st", "nd", "rd", "th"}
        ):
            i -= 1
        elif i < end and i > 1 and previous.lower_ in {"-", "&", *joiners} and is_name_word(doc, i - 2):
            i -= 2
        else:
            break
    return i


def run_right(doc: Doc, start: int, joiners: Sequence[str] = (), *, through_people: bool = False) -> int:
    """The token after the run of name words that begins at token `start` (`start` itself if there is none).

    A person's name ends the run before it, unless the run may go `through_people` ("Camp General A B").
    """
    i = start
    while i < len(doc) and not (i > start and doc[i].is_sent_start):
        if i > start and not through_people and begins_person(doc, i):
            break  # "Minister of National Defence A B"
        if is_name_word(doc, i):
            i += 1
        elif (
            i > start
            and i + 1 < len(doc)
            and doc[i].lower_ in {"-", "&", *joiners}
            and is_name_word(doc, i + 1)
        ):
            i += 2
        else:
            break
    return i

"""Words as the network reads them: sub-word numbers and word shapes.

Training and run time share this module, so that both see the same numbers.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Word shapes told apart by `word_shape`; 0 stands for what is no word.
SHAPES = 12
#: Sub-words read of one word; the rest of a longer word is not seen.
LONGEST_WORD = 12
#: Positions that the encoder has.
LONGEST_INPUT = 512

#: A part of a word longer than this is unknown, as in BERT.
_LONGEST_PART = 100
_MOST_KNOWN = 200_000
_IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)
_UNIFORM = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "`": "'"})


def word_shape(word: str) -> int:
    """The class of `word` by its capitals, digits and full stops, in ``[1, SHAPES)``."""
    letters = [character for character in word if character.isalpha()]
    if not letters:
        return 1 if any(character.isdigit() for character in word) else 2
    if any(character.isdigit() for character in word):
        return 11
    if word.islower():
        return 3
    if word.isupper():
        if "." in word and len(letters) > 1:
            return 10
        return 4 if len(letters) == 1 else (5 if len(word) <= 5 else 6)
    if word[0].isupper():
        return 7 if word[1:].islower() else 8
    return 9


@dataclass(frozen=True, slots=True)
class Encoded:
    """One sentence: sub-word numbers, the shape of the word of each, and where each word begins.

    `first` has one place more than there are words: its first is the whole sentence (the parse's root).
    """

    ids: list[int]
    shapes: list[int]
    first: list[int]


class WordEncoder:
    """Encodes sentences with a BERT sub-word vocabulary (lower-case, accents off); remembers the words seen."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        """`vocabulary` gives the sub-words in order. Raises KeyError if [CLS], [SEP] or [UNK] is missing."""
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._open, self._close = self._numbers["[CLS]"], self._numbers["[SEP]"]
        self._unknown = self._numbers["[UNK]"]
        self._known: dict[str, tuple[list[int], int]] = {}

    def encode(self, words: Sequence[str]) -> Encoded:
        """The encoded sentence `words`; may be longer than `LONGEST_INPUT`."""
        ids, shapes, first = [self._open], [0], [0]
        for word in words:
            pieces, shape = self._read(word)
            first.append(len(ids))
            ids += pieces
            shapes += [shape] * len(pieces)
        ids.append(self._close)
        shapes.append(0)
        return Encoded(ids, shapes, first)

    def count(self, word: str) -> int:
        """How many sub-words `word` takes."""
        return len(self._read(word)[0])

    def is_word(self, word: str) -> bool:
        """Whether the lower-case `word` is a sub-word by itself: the commonest words are."""
        return word in self._numbers

    def _read(self, word: str) -> tuple[list[int], int]:
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[word] = (self._pieces(word), word_shape(word))
        return known

    def _pieces(self, word: str) -> list[int]:
        found: list[int] = []
        for part in _parts(word.translate(_UNIFORM).replace("''", '"')):
            found += self._longest_matches(part)
        return found[:LONGEST_WORD] or [self._unknown]

    def _longest_matches(self, part: str) -> list[int]:
        """The sub-words of `part`, each the longest that fits; the unknown one alone if any place fits none."""
        found: list[int] = []
        start, prefix = 0, ""
        while start < len(part) <= _LONGEST_PART:
            for end in range(len(part), start, -1):
                number = self._numbers.get(prefix + part[start:end])
                if number is not None:
                    break
            else:
                return [self._unknown]
            found.append(number)
            start, prefix = end, "##"
        return found or [self._unknown]


def read_vocabulary(path: Path) -> list[str]:
    """The sub-words in the file at `path`, one a line."""
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def _parts(word: str) -> list[str]:
    """`word` in lower case without accents, cut at spaces and around each punctuation mark and ideograph."""
    plain = "".join(
        " " if character.isspace() else f" {character} " if _is_ideograph(character) else character
        for character in word
        if character.isspace()
        or not (unicodedata.category(character).startswith("C") or character == "\ufffd")
    )
    plain = "".join(c for c in unicodedata.normalize("NFD", plain) if unicodedata.category(c) != "Mn").lower()
    return "".join(f" {c} " if _is_punctuation(c) else c for c in plain).split()


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def _is_ideograph(character: str) -> bool:
    code = ord(character)
    return code >= 0x3400 and any(start <= code <= end for start, end in _IDEOGRAPHS)

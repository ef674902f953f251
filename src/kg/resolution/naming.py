"""How alike two names of people are: spellings, transliterations, initials, order, parts left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from kg.resolution.clusters import tokens_of

#: Letters that one writer puts for the other's when a name comes from another script or an older spelling; in order.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"['’`.]", ""),
        (r"sch|sh|ch(?=[eiy]|$)|ş|š", "S"),
        (r"tch|tsh|cz|č|ch", "S"),
        (r"ph", "f"),
        (r"kh|ck|q|c(?![eiyh])", "k"),
        (r"c", "s"),
        (r"zh|dj|dzh|gy|j", "J"),
        (r"gh", "g"),
        (r"th", "t"),
        (r"dh", "d"),
        (r"x", "ks"),
        (r"tz|ts", "s"),
        (r"w", "v"),
        (r"(?<=[aeiou])h(?=[^aeiouyh]|$)", ""),
        (r"ou|oo|uu|u|ow?(?=[^aeiou]|$)|oh", "u"),
        (r"o", "u"),
        (r"[iyej]+", "i"),
        (r"aa+", "a"),
        (r"([^\W\d])\1+", r"\1"),
    )
)
_VOWELS = re.compile(r"(?<!^)[aiu]")
#: How alike two words of names are, in hundredths.
EXACT, LISTED, SOUND, CONSONANTS, TYPO, INITIAL = 100, 97, 94, 78, 74, 60
_LONG = 5  # letters from which a word with one letter changed is still recognised
_MIDDLE = 96  # what a part that only one of the names has leaves of the likeness, in hundredths


class Likeness(NamedTuple):
    """How alike two names are, in hundredths, and how: reasons in words."""

    score: int
    because: tuple[str, ...]


@dataclass(frozen=True)
class Naming:
    """Compares names with declared spellings: word → what stands for its row; words to leave out; suffixes."""

    spellings: Mapping[str, str]
    particles: Collection[str]
    suffixes: Collection[str]

    def parts(self, name: str) -> tuple[str, ...]:
        """The words of a name that count, folded and in order: without particles, suffixes and titles' full stops."""
        words = [w for token in tokens_of(name) for w in [token.replace("'", "").replace("’", "")] if w]
        kept = [
            w
            for i, w in enumerate(words)
            if w not in self.suffixes and (w not in self.particles or (i == 0 and len(words) == 1))
        ]
        return tuple(kept or words)

    def suffix(self, name: str) -> str | None:
        """The last suffix of a name, or None."""
        return next((w for w in reversed(tokens_of(name)) if w in self.suffixes), None)

    def key(self, part: str) -> str:
        """What all spellings of a word share: its row, reduced to how it sounds without its vowels."""
        return bone(self.spellings.get(part, part))

    def compare(self, one: str, other: str) -> Likeness:
        """How alike two names are; 0 if a word of the shorter one has no counterpart in the longer."""
        return self.compare_parts(self.parts(one), self.parts(other))

    def compare_parts(self, one: tuple[str, ...], other: tuple[str, ...]) -> Likeness:
        """`compare` for names that `parts` has cut already.

        Words are matched in any order, the likest first. A word that only the longer name has makes them less alike,
        as do different spellings, initials in place of names, and a letter that differs.
        """
        short, long = sorted((one, other), key=lambda n: (len(n), n))
        if not short:
            return Likeness(0, ())
        pairs = sorted(
            (-self.compare_words(a, b), abs(i - j), i, j)
            for i, a in enumerate(short)
            for j, b in enumerate(long)
        )
        taken_short: set[int] = set()
        taken_long: set[int] = set()
        score = 1.0
        because: list[str] = []
        for negative, _, i, j in pairs:
            if negative == 0 or i in taken_short or j in taken_long:
                continue
            taken_short.add(i)
            taken_long.add(j)
            score *= -negative / 100
            if negative != -EXACT:
                because.append(f"{_how(-negative)}: {short[i]}, {long[j]}")
        if len(taken_short) < len(short):
            return Likeness(0, ())
        extra = [w for j, w in enumerate(long) if j not in taken_long]
        if extra:
            score *= (_MIDDLE / 100) ** len(extra)
            because.append(f"only one has: {', '.join(extra)}")
        return Likeness(round(score * 100), tuple(because))

    def compare_words(self, one: str, other: str) -> int:
        """How alike two words of names are, in hundredths; 0 if they are not."""
        if one == other:
            return EXACT
        if len(one) == 1 or len(other) == 1:
            return INITIAL if one[:1] == other[:1] else 0
        first, second = self.spellings.get(one), self.spellings.get(other)
        if (first or one) == (second or other):
            return LISTED
        if first and second:
            return 0  # two names that are both known, and known to differ
        if sound(one) == sound(other):
            return SOUND
        if bone(one) == bone(other) and len(bone(one)) > 2 and edits(one, other, 2) <= 2:
            return CONSONANTS
        if min(len(one), len(other)) >= _LONG and edits(one, other, 1) <= 1:
            return TYPO
        return 0


def _how(score: int) -> str:
    return {
        LISTED: "spellings of one name",
        SOUND: "written as they sound",
        CONSONANTS: "same consonants",
        TYPO: "one letter apart",
        INITIAL: "an initial",
    }[score]


@lru_cache(maxsize=131072)
def sound(word: str) -> str:
    """`word` (folded) with letters that stand for one sound written alike.

    >>> sound("zelensky") == sound("zelenskyy") == sound("zelenskiy")
    True
    >>> sound("hegseth") == sound("hegsett"), sound("ioto") == sound("iwoto")
    (True, False)
    """
    for pattern, letters in _SOUNDS:
        word = pattern.sub(letters, word)
    return word


@lru_cache(maxsize=131072)
def bone(word: str) -> str:
    """The consonants of `sound`, and its first letter.

    >>> bone("lukashenko") == bone("lukashenka")
    True
    """
    return _VOWELS.sub("", sound(word))


def edits(one: str, other: str, most: int) -> int:
    """Letters to change, leave out, put in, or swap with a neighbour, or `most` + 1 if more than `most`.

    >>> edits("hegseth", "hegsteh", 2), edits("oslo", "lima", 2)
    (1, 3)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def name_words(names: Iterable[str]) -> frozenset[str]:
    """All words of several names."""
    return frozenset(w for name in names for w in tokens_of(name))

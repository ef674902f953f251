"""Words as they are looked for: folded, so that neither case nor diacritics matter."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from kg.model import Span
from kg.terms import fold

_WORD = re.compile(r"[^\W_]+")
#: Letters with strokes and ligatures, which Unicode does not decompose: people type what is nearest.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ı": "i",
        "ŋ": "n",
        "ŧ": "t",
        "ƶ": "z",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ĳ": "ij",
    }
)


def folded(text: str) -> str:
    """`text` for comparing: without case, diacritics, strokes and ligatures, single spaces.

    >>> folded("Łódź,  Søren")
    'lodz, soren'
    """
    return fold(text).translate(_LETTERS)


def words(text: str) -> list[str]:
    """The folded words of `text`, in order."""
    return _WORD.findall(folded(text))


def marked(text: str, wanted: Collection[str], *, beginnings: bool) -> tuple[Span, ...]:
    """Where the words of `text` are that are among `wanted`, or begin with one of them; in code points, sorted.

    >>> [text[s.start : s.end] for text in ["Ælfgifu of Lodz"] for s in marked(text, ["aelf", "of"], beginnings=True)]
    ['Ælfgifu', 'of']
    """
    return tuple(span for span, forms in _forms(text) if _fits(forms, wanted, beginnings))


def _forms(text: str) -> Iterator[tuple[Span, list[str]]]:
    for found in _WORD.finditer(text):
        yield Span(found.start(), found.end()), words(found[0])


def _fits(forms: Collection[str], wanted: Collection[str], beginnings: bool) -> bool:
    if beginnings:
        return any(form.startswith(word) for form in forms for word in wanted)
    return any(form in wanted for form in forms)

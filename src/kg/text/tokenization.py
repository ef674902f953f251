"""English tokens as names need them: countries joined by a hyphen part, "Indo-Pacific" and "SM-6" do not."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from spacy.lang.en import English
from spacy.tokenizer import Tokenizer
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex
from spacy.vocab import Vocab

from kg.catalog import Lexicon, load_catalog

_HYPHEN = re.compile("[-–]")
# A mark after a dotted abbreviation, where spaCy's own rules look for a letter: "U.S.-led", "U.S./Japan".
_AFTER_STOP = re.compile(r"(?<=[A-Za-z]\.)(?:[-–—/]|--)(?=[A-Za-z])|(?<=[A-Za-z])[-–—/](?=(?:[A-Z]\.){2})")
_DOTTED = re.compile(r"(?:[A-Z]\.){2,}\Z")
_ACRONYM = re.compile(r"[A-Z]{2,}\Z")
_ROMAN = re.compile(r"[IVX]+\Z")
#: Longest syllable of a hyphenated given name ("Suk-yeol", "Kai-shek"), in letters.
_SYLLABLE = 6


def make_tokenizer(
    vocab: Vocab, names: Collection[str] | Callable[[str], bool] = (), lexicon: Lexicon | None = None
) -> Tokenizer:
    """spaCy's English tokenizer on `vocab`, adapted.

    `names` are the names (or a test for names) of countries, cities and peoples that part at a hyphen: a
    hyphen between two capitalised words splits them only if one side is such a name or an abbreviation.
    The word lists are those of `lexicon`, or the ones that come with the package.
    """
    words = load_catalog().lexicon if lexicon is None else lexicon
    defaults = English.Defaults
    knows = names if callable(names) else frozenset(names).__contains__
    tokenizer = Tokenizer(
        vocab,
        rules=defaults.tokenizer_exceptions,
        prefix_search=compile_prefix_regex(defaults.prefixes or ()).search,
        suffix_search=compile_suffix_regex(defaults.suffixes or ()).search,
        infix_finditer=_InfixFinder(compile_infix_regex(defaults.infixes or ()), words, knows).finditer,
        token_match=defaults.token_match,
        url_match=defaults.url_match,
    )
    for word in _abbreviations(words):
        for surface in sorted({word, word.capitalize(), word.upper() if len(word) <= 4 else word}):
            tokenizer.add_special_case(f"{surface}.", [{"ORTH": f"{surface}."}])
    return tokenizer


def _abbreviations(lexicon: Lexicon) -> list[str]:
    titles = lexicon.entries("title_abbreviations")
    # Short words that are also plain English keep their full stop apart: "mil.", "sec.", "min.", "st."
    endings = ("inc", "corp", "ltd", "bros", "jr", "sr", "dept", "govt", "etc")
    return [word for word in titles if word not in ("min", "sec", "pres", "det", "hon")] + [
        word for word in lexicon.entries("open_abbreviations") if word in endings
    ]


class _InfixFinder:
    """Where a string without spaces is split; `pattern` lets spaCy write the tokenizer to disk."""

    def __init__(self, infixes: re.Pattern[str], lexicon: Lexicon, knows: Callable[[str], bool]) -> None:
        self._infixes = infixes
        self._knows = knows
        self._prefixes = frozenset(lexicon.entries("hyphen_prefixes"))
        self._free = frozenset(lexicon.entries("free_prefixes"))
        self._articles = frozenset(lexicon.entries("name_articles"))
        self._connectors = frozenset(lexicon.entries("name_connectors"))
        self._tails = frozenset(lexicon.entries("hyphen_tails"))
        self.pattern = infixes.pattern

    def finditer(self, text: str) -> list[re.Match[str]]:
        """The separators inside `text`, in order, without overlap."""
        found = {match.start(): match for match in self._infixes.finditer(text)}
        for match in _AFTER_STOP.finditer(text):
            found.setdefault(match.start(), match)
        pieces = _HYPHEN.split(text)
        if len(pieces) > 1:
            kept = self._is_place_name(pieces)
            for index, match in enumerate(_HYPHEN.finditer(text)):
                if kept or self._is_one_word(pieces[index], pieces[index + 1]):
                    found.pop(match.start(), None)
        return [found[start] for start in sorted(found)]

    def _is_place_name(self, pieces: list[str]) -> bool:
        """Whether the pieces are a name such as Port-au-Prince or Stratford-upon-Avon."""
        return (
            len(pieces) >= 3
            and pieces[0][:1].isupper()
            and pieces[-1][:1].isupper()
            and all(piece in self._connectors for piece in pieces[1:-1])
        )

    def _is_one_word(self, left: str, right: str) -> bool:
        """Whether the hyphen between two pieces belongs to one name."""
        if not (left and right and left[0].isalpha() and right[0].isalpha()):
            return False
        if left.lower() in self._free:
            return False
        if left.islower():
            return left in self._articles and right[0].isupper()
        if not left[0].isupper():
            return False
        if right[0].isupper():
            if len(left) == 1 or len(right) == 1 or _ROMAN.match(right):
                return True
            if left.lower() in self._prefixes:
                return not _is_abbreviation(right)
            return not self._parts(left) and not self._parts(right)
        if self._parts(left):
            return False
        return (
            len(left) <= _SYLLABLE
            and len(right) <= _SYLLABLE
            and right not in self._tails
            and not right.endswith(("ed", "ing"))
            and left.lower() not in self._prefixes
        )

    def _parts(self, word: str) -> bool:
        """Whether a hyphen beside `word` parts words: it is an abbreviation or a known name."""
        bare = word.removesuffix("'s")
        return _is_abbreviation(bare) or self._knows(bare)


def _is_abbreviation(word: str) -> bool:
    return bool(_DOTTED.match(word) or _ACRONYM.match(word))

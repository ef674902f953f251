"""When two surface strings are the same to a scorer."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_TITLE_WORDS = (
    "mr mrs ms miss dr prof professor sir dame lord lady shri smt hon honourable honorable rt gen "
    "general lt lieutenant maj major brig brigadier col colonel capt captain cmdr commander adm admiral "
    "vice rear marshal field chief sgt sergeant president premier prime minister secretary deputy "
    "assistant under defense foreign ambassador senator rep representative governor mayor king queen "
    "prince princess pope chancellor chairman chairwoman spokesman spokeswoman raksha mantri "
)
_TITLES = frozenset(_TITLE_WORDS.split())
_AMERICAN = {
    "defence": "defense",
    "centre": "center",
    "organisation": "organization",
    "programme": "program",
    "labour": "labor",
    "harbour": "harbor",
}
_SMALL_WORDS = frozenset({"of", "the", "for", "and", "in", "to", "at", "on"})


@cache
def normalize(text: str) -> str:
    """`text` without what does not matter: case, accents, punctuation, leading article, possessive, spelling.

    >>> normalize("The Defence Minister's U.S. visit")
    'defense minister us visit'
    """
    text = unicodedata.normalize("NFKD", text).casefold().replace("’", "'").replace("‘", "'")
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"'s\b|(?<=s)'(?!\w)", "", text).replace(".", "").replace("&", " and ")
    text = " ".join(_AMERICAN.get(w, w) for w in re.findall(r"\w+", text))
    text = re.sub(r"\bunited states( of america)?\b|\busa\b", "us", re.sub(r"\bunited kingdom\b", "uk", text))
    return re.sub(r"^(the|an?) (?=\w)", "", text)


@cache
def content_words(text: str) -> frozenset[str]:
    """The words of `text` without articles, conjunctions and prepositions."""
    return frozenset(normalize(text).split()) - _SMALL_WORDS


@cache
def matching_keys(text: str, person: bool = False) -> frozenset[str]:
    """The ways in which a surface string may be met: as it is, as a bag of words, a person without titles."""
    whole = normalize(text)
    keys = {whole}
    if person:
        words = whole.split()
        last_title = max((i for i, w in enumerate(words) if w in _TITLES), default=-1)
        keys.add(" ".join(words[last_title + 1 :]))
    bag = content_words(text)
    if len(bag) > 1:
        keys.add("bag:" + " ".join(sorted(bag)))
    return frozenset(keys - {""})


@cache
def find_all(text: str, quote: str) -> tuple[tuple[int, int], ...]:
    """All spans (code points, half-open) at which `quote` stands in `text`, overlapping ones included."""
    return tuple((m.start(), m.start() + len(quote)) for m in re.finditer(f"(?={re.escape(quote)})", text))


def document_stem(name: str) -> str:
    """A file's base name without its extension (and without ``.gz``): what a document is matched by.

    >>> document_stem("news/a.b.txt"), document_stem("2025.report-on-japan")
    ('a.b', '2025.report-on-japan')
    """
    name = re.split(r"[/\\]", name)[-1].removesuffix(".gz")
    return name.rsplit(".", 1)[0] if re.search(r".\.\w{1,5}$", name) else name

"""Inflected forms of regular English nouns and verbs; what is irregular is declared in the lexicon."""

from __future__ import annotations

import re

from kg.errors import CatalogError

_VOWEL = "aeiou"
# One written vowel and one consonant at the end of a one-syllable word double: plan → planned. Longer words
# do so by stress, which spelling does not show: those are declared as irregular.
_DOUBLES = re.compile(r"(?:[^aeiou]|qu)*[aeiouy][bdfgklmnprstvz]")


def plural(noun: str) -> str:
    """The regular plural of a lower-case noun.

    >>> plural("ministry"), plural("base"), plural("church"), plural("bay"), plural("bus")
    ('ministries', 'bases', 'churches', 'bays', 'buses')
    """
    if noun.endswith("y") and noun[-2:-1] not in tuple(_VOWEL):
        return noun[:-1] + "ies"
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("man") and not noun.endswith("human"):
        return noun[:-2] + "en"
    return noun + "s"


def third_person(verb: str) -> str:
    """The third person singular, present tense.

    >>> third_person("deny"), third_person("announce"), third_person("go")
    ('denies', 'announces', 'goes')
    """
    return verb + "es" if verb.endswith("o") else plural(verb)


def past(verb: str) -> str:
    """The past tense and past participle of a regular verb.

    >>> past("plan"), past("agree"), past("deny"), past("visit"), past("announce")
    ('planned', 'agreed', 'denied', 'visited', 'announced')
    """
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in tuple(_VOWEL):
        return verb[:-1] + "ied"
    return _doubled(verb) + "ed"


def gerund(verb: str) -> str:
    """The -ing form of a verb.

    >>> gerund("sign"), gerund("meet"), gerund("agree"), gerund("make"), gerund("die"), gerund("set")
    ('signing', 'meeting', 'agreeing', 'making', 'dying', 'setting')
    """
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    return _doubled(verb) + "ing"


def _doubled(verb: str) -> str:
    return verb + verb[-1] if _DOUBLES.fullmatch(verb) else verb


def noun_forms(noun: str, irregular: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """(surface, form) of a noun, ``base`` and ``plural``; of several words the last one is inflected.

    `irregular` is (plural,) of the whole entry; an empty one means that there is none.
    """
    if irregular:
        return ((noun, "base"), *((form, "plural") for form in irregular if form))
    head, space, last = noun.rpartition(" ")
    return ((noun, "base"), (f"{head}{space}{plural(last)}", "plural"))


def verb_forms(verb: str, irregular: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """(surface, form) of a verb: ``base``, ``s``, ``past``, ``participle``, ``gerund``.

    Of several words the first is inflected. `irregular` is (past, participle, gerund, s) of that first word,
    from the left, empty ones regular.
    Raises `CatalogError` if there are more.
    """
    if len(irregular) > 4:
        raise CatalogError(
            f"{verb!r}: {len(irregular)} irregular forms; allowed: past, participle, gerund, s"
        )
    first, space, rest = verb.partition(" ")
    given = irregular + ("",) * (4 - len(irregular))
    past_form = given[0] or past(first)
    forms = (
        (first, "base"),
        (given[3] or third_person(first), "s"),
        (past_form, "past"),
        (given[1] or past_form, "participle"),
        (given[2] or gerund(first), "gerund"),
    )
    return tuple((word + space + rest, form) for word, form in forms)

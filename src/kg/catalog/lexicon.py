"""Word lists: offices, heads of names, event words, reporting verbs; with their inflected forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict

from kg.catalog.inflection import noun_forms, verb_forms
from kg.catalog.sources import as_mapping, name_of, parse_model, parse_yaml, read_text
from kg.errors import CatalogError


@dataclass(frozen=True, slots=True)
class WordForm:
    """What one surface of a word list stands for.

    `lemma` is the declared entry in lower case, `value` what the list says of it (None if nothing), `form`
    one of base, s, past, participle, gerund, plural (past where past and participle are spelled alike).
    """

    lemma: str
    value: str | None
    form: str


class _WordList(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    help: str
    inflect: Literal["noun", "verb", "none"] = "none"
    entries: list[str] | dict[str, str | None]
    irregular: dict[str, list[str]] = {}


class Lexicon:
    """All word lists, by name."""

    def __init__(self, lists: Mapping[str, _WordList], files: Mapping[str, str]) -> None:
        self._lists = lists
        self._files = files
        self._entries: dict[str, Mapping[str, str | None]] = {}
        self._forms: dict[str, Mapping[str, WordForm]] = {}
        for name in lists:
            self._expand(name)

    def lists(self) -> tuple[str, ...]:
        """The names of all lists, sorted."""
        return tuple(sorted(self._lists))

    def help(self, list_name: str) -> str:
        """What the list holds, in words. Raises `CatalogError` for an unknown list."""
        return self._get(list_name).help

    def entries(self, list_name: str) -> Mapping[str, str | None]:
        """Declared word, lower-case → value or None, in declared order.

        Raises `CatalogError` for an unknown list.
        """
        self._get(list_name)
        return self._entries[list_name]

    def forms(self, list_name: str) -> Mapping[str, WordForm]:
        """Every inflected surface, lower-case with single spaces → `WordForm`.

        Of homographs the first declared wins, a declared word before an inflected one. Raises `CatalogError`
        for an unknown list.
        """
        self._get(list_name)
        return self._forms[list_name]

    def _get(self, list_name: str) -> _WordList:
        found = self._lists.get(list_name)
        if found is None:
            raise CatalogError(f"no word list {list_name!r}; there are: {', '.join(self.lists())}")
        return found

    def _expand(self, name: str) -> None:
        declared = self._lists[name]
        where = f"{self._files[name]}: {name}"
        items = (
            declared.entries.items()
            if isinstance(declared.entries, dict)
            else ((w, None) for w in declared.entries)
        )
        entries: dict[str, str | None] = {}
        for word, value in items:
            key = word.lower()
            if key in entries:
                raise CatalogError(f"{where}.entries: {word!r} is given twice")
            if not key or key != " ".join(key.split()):
                raise CatalogError(f"{where}.entries: {word!r}: want words with single spaces between them")
            entries[key] = value
        stray = [word for word in declared.irregular if word not in entries]
        if stray or (declared.irregular and declared.inflect == "none"):
            raise CatalogError(
                f"{where}.irregular: {', '.join(stray) or 'given'}: want entries of an inflected list"
            )
        forms: dict[str, WordForm] = {word: WordForm(word, value, "base") for word, value in entries.items()}
        for word, value in entries.items():
            irregular = tuple(declared.irregular.get(word, ()))
            for surface, form in _inflect(declared.inflect, word, irregular):
                forms.setdefault(surface, WordForm(word, value, form))
        self._entries[name] = MappingProxyType(entries)
        self._forms[name] = MappingProxyType(forms)


def _inflect(how: str, word: str, irregular: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if how == "noun":
        return noun_forms(word, irregular)
    return verb_forms(word, irregular) if how == "verb" else ()


def load_lexicon(folder: Path, root: Path) -> Lexicon:
    """The word lists of all ``*.yaml`` files of `folder`. Raises `CatalogError` with file and key."""
    lists: dict[str, _WordList] = {}
    files: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        file = name_of(path, root)
        for name, data in as_mapping(parse_yaml(read_text(path, root), file), file).items():
            if name in lists:
                raise CatalogError(
                    f"{file}: list {name!r} is also in {files[name]}; names are unique over all files"
                )
            lists[name] = parse_model(_WordList, data, f"{file}: {name}")
            files[name] = file
    return Lexicon(lists, files)

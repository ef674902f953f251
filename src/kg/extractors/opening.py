"""Extractors by name: ``gliner:PATH``, ``llm:MODEL``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from kg.catalog import Catalog
from kg.errors import ExtractorError
from kg.extractors.gliner import open_gliner
from kg.extractors.llm import open_llm
from kg.extractors.proposal import Proposer
from kg.settings import Settings

#: What stands before the colon → how it is opened, given what stands behind it.
KINDS: Mapping[str, Callable[[str, Catalog, Settings], Proposer]] = MappingProxyType(
    {"gliner": open_gliner, "llm": open_llm}
)


def open_extractors(names: Sequence[str], catalog: Catalog, settings: Settings) -> tuple[Proposer, ...]:
    """The extractors of these names, in the order given.

    Raises `ExtractorError` for a name that is none or given twice, and what opening it raises.
    """
    opened: list[Proposer] = []
    for name in names:
        kind, colon, rest = name.partition(":")
        if kind not in KINDS or not colon or not rest:
            raise ExtractorError(f"extractor {name!r}: want gliner:PATH, gliner:OWNER/MODEL or llm:MODEL")
        if any(proposer.name == kind for proposer in opened):
            raise ExtractorError(f"extractor {name!r}: one {kind} extractor at a time")
        opened.append(KINDS[kind](rest, catalog, settings))
    return tuple(opened)

"""Markdown: the YAML block that many files begin with, and the title and date in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from kg.documents.dates import find_date
from kg.model import Span

LONGEST_BLOCK = 16_384
_BLOCK = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?=\r?\n|\Z)", re.DOTALL)
_DATE_KEYS = (
    "date",
    "published",
    "pubdate",
    "publishdate",
    "publish_date",
    "date_published",
    "issued",
    "created",
)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The block before a Markdown text: its span, and the date and title that it states."""

    span: Span
    issued: str | None
    title: str | None


def read_front_matter(text: str) -> FrontMatter | None:
    """The YAML block at the beginning of `text`, or None where there is none that is a mapping."""
    found = _BLOCK.match(text[:LONGEST_BLOCK])
    if not found:
        return None
    try:
        # All values as text: a date is read as it is written.
        content = yaml.load(found[1], Loader=yaml.CBaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    if not isinstance(content, dict):
        return None
    values = {str(key).lower(): value for key, value in content.items() if isinstance(value, str)}
    issued = next((day for key in _DATE_KEYS if (day := find_date(values.get(key, "")))), None)
    return FrontMatter(Span(*found.span()), issued, " ".join(values.get("title", "").split()) or None)

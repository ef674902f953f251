"""What stands in a cell of a table: an IRI with its label, or a plain Python value."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, TypeAlias


class Iri(str):
    """An IRI that knows what it is called: as text it is the IRI, in tables it is shown as `label`.

    `href` is a page of it, or None.

    >>> oslo = Iri("https://kg.example/id/place/oslo", "Oslo")
    >>> oslo == "https://kg.example/id/place/oslo", oslo.label
    (True, 'Oslo')
    """

    __slots__ = ("href", "label")
    label: str
    href: str | None

    def __new__(cls, iri: str, label: str | None = None, href: str | None = None) -> Iri:
        """An IRI called `label`, or by itself if None."""
        made = super().__new__(cls, iri)
        made.label = iri if label is None else label
        made.href = href
        return made

    def __reduce__(self) -> tuple[type[Iri], tuple[str, str, str | None]]:
        """So that it can be pickled and copied."""
        return Iri, (str(self), self.label, self.href)


Cell: TypeAlias = Iri | str | int | float | Decimal | bool | date | datetime | None


class HasIri(Protocol):
    """Whatever has an IRI: entities, documents, claims."""

    @property
    def iri(self) -> str:
        """Its IRI."""


#: How an entity is given: a name, alias, CURIE or IRI, or something that has an IRI.
Named: TypeAlias = str | HasIri


def name_of(given: Named) -> str:
    """What to look for: the text itself, or the IRI of what has one."""
    return given if isinstance(given, str) else given.iri


def as_day(text: str | None) -> date | str | None:
    """A day written as YYYY-MM-DD as a date; other text as it is.

    >>> as_day("2025-03-30")
    datetime.date(2025, 3, 30)
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return text


def show(cell: object) -> str:
    """A cell as text: an IRI as its label, a day as YYYY-MM-DD, nothing as nothing; spaces are single ones."""
    if cell is None:
        return ""
    if isinstance(cell, Iri):
        return cell.label
    if isinstance(cell, float):
        return f"{cell:.4g}"
    return " ".join(str(cell).split())

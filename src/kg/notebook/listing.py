"""Rows that are shown as a table: as text, as HTML, and as a DataFrame if asked for."""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, overload

from kg.notebook.markup import table_html
from kg.notebook.values import Cell, Iri, show

if TYPE_CHECKING:
    import polars

    from kg.notebook.frames import Frame

T = TypeVar("T")

#: Rows that are shown; the listing holds all.
SHOWN = 20
_WIDEST = 60


class Listing(Sequence[T], Generic[T]):
    """A sequence that is shown as a table; `total` counts also what was not fetched."""

    #: What the columns are called.
    columns: ClassVar[tuple[str, ...]] = ()
    #: What there is if there is nothing.
    empty: ClassVar[str] = "nothing found"

    def __init__(self, items: Iterable[T], total: int | None = None) -> None:
        self.items = tuple(items)
        self.total = len(self.items) if total is None else total

    @abstractmethod
    def _row(self, item: T) -> tuple[Cell, ...]:
        """The cells of one row."""

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Listing) and self.items == other.items

    def __hash__(self) -> int:
        return id(self)

    def rows(self) -> list[tuple[Cell, ...]]:
        """The cells of all rows, as Python values; IRIs know their labels."""
        return [self._row(item) for item in self.items]

    def to_pandas(self) -> Frame:
        """The rows as a pandas DataFrame with typed columns."""
        from kg.notebook.frames import make_frame

        return make_frame(self.columns, self.rows())

    def to_polars(self) -> polars.DataFrame:
        """The rows as a polars DataFrame; a column of IRIs has one of labels beside it."""
        from kg.notebook.frames import make_polars

        return make_polars(self.columns, self.rows())

    def _note(self) -> str:
        shown = min(len(self), SHOWN)
        return f"{shown} of {self.total}" if self.total > shown else ""

    def _title(self) -> str:
        return ""

    def __repr__(self) -> str:
        if not self.items:
            return self.empty
        rows = [self._row(item) for item in self.items[:SHOWN]]
        lines = [self._title(), table_text(self.columns, rows), self._note()]
        return "\n".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        if not self.items:
            return table_html((self.empty,), ())
        rows = [self._row(item) for item in self.items[:SHOWN]]
        return table_html(self.columns, rows, self._note(), self._title())


def table_text(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table as text: columns as wide as what is in them, the widest ones cut so that a line fits the terminal.

    >>> print(table_text(("name", "class"), [("Marta Lindqvist", "Person"), ("Oslo", "City")]))
    name             class
    Marta Lindqvist  Person
    Oslo             City
    """
    cells = [[show(c) for c in row] for row in (head, *rows)]
    widths = [min(_WIDEST, max(len(row[i]) for row in cells)) for i in range(len(head))]
    room = max(60, shutil.get_terminal_size((110, 24)).columns)
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths) > 12:
        widths[widths.index(max(widths))] -= 1
    return "\n".join(
        "  ".join(_cut(text, width).ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def labels(cells: Iterable[Cell]) -> list[Cell]:
    """`cells` with labels in the place of IRIs."""
    return [c.label if isinstance(c, Iri) else c for c in cells]

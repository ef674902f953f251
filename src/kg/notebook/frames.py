"""Answers as pandas and polars frames: typed columns, IRIs that know their labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas

from kg.errors import MissingExtra
from kg.notebook.listing import labels
from kg.notebook.markup import table_html
from kg.notebook.values import Cell, Iri

if TYPE_CHECKING:
    import polars

#: Rows that are shown of a longer frame, half from its top and half from its end.
_SHOWN = 20


class Frame(pandas.DataFrame):
    """A DataFrame whose IRIs are shown by their labels; in the cells they are IRIs (`str`), with a `label`."""

    @property
    def _constructor(self) -> Callable[..., Frame]:
        return Frame

    def labelled(self) -> pandas.DataFrame:
        """The same with labels in the place of IRIs: for plots, for files that people read."""
        plain = pandas.DataFrame(self)
        for place, name in enumerate(plain.columns):
            column = plain.iloc[:, place]
            if column.dtype == object and any(isinstance(v, Iri) for v in column):
                plain = plain.assign(**{str(name): pandas.Series(labels(column), column.index)})
        return plain

    def polars(self) -> polars.DataFrame:
        """The same as a polars DataFrame; a column of IRIs has one of labels beside it."""
        rows = [tuple(_plain(v) for v in row) for row in self.itertuples(index=False, name=None)]
        return make_polars([str(c) for c in self.columns], rows)

    def __repr__(self) -> str:
        return repr(self.labelled())

    def _repr_html_(self) -> str | None:
        simple = self.index.nlevels == 1 and self.columns.nlevels == 1
        if not simple:
            html = getattr(self.labelled(), "_repr_html_")()  # noqa: B009 - pandas-stubs does not know it
            return str(html)
        half = _SHOWN // 2
        places = list(range(len(self)))
        cut = len(places) > _SHOWN
        head, tail = (places[:half], places[-half:]) if cut else (places, [])
        rows: list[Sequence[Cell]] = [self._shown(i) for i in head]
        if cut:
            rows += [("…",) * (len(self.columns) + 1), *(self._shown(i) for i in tail)]
        note = f"{len(self)} rows × {len(self.columns)} columns"
        return table_html(["", *map(str, self.columns)], rows, note)

    def _shown(self, place: int) -> list[Cell]:
        return [str(self.index[place]), *(_plain(self.iat[place, i]) for i in range(len(self.columns)))]


def make_frame(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Frame:
    """A frame of `rows`; each column has the type of what is in it: days, numbers, truth values, IRIs, text."""
    made = {i: _column([row[i] for row in rows]) for i in range(len(columns))}
    frame = Frame(made, index=pandas.RangeIndex(len(rows)))
    frame.columns = pandas.Index(list(columns), dtype=object)
    return frame


def _column(cells: list[Cell]) -> pandas.Series[Any]:
    kinds = {type(c) for c in cells if c is not None}
    whole = None not in cells
    if not kinds:
        return pandas.Series(cells, dtype=object)
    if kinds == {date}:
        return pandas.Series(pandas.to_datetime(pandas.Series(cells, dtype=object))).astype("datetime64[s]")
    if kinds == {datetime}:
        return pandas.Series(pandas.to_datetime(pandas.Series(cells, dtype=object), utc=True))
    if kinds == {bool}:
        return pandas.Series(cells, dtype="bool" if whole else "boolean")
    if kinds == {int} and all(abs(int(str(c))) < 2**63 for c in cells if c is not None):
        return pandas.Series(cells, dtype="int64" if whole else "Int64")
    if kinds <= {int, float} and float in kinds:
        return pandas.Series(cells, dtype="float64")
    if kinds == {str}:
        return pandas.Series(cells, dtype="str")
    return pandas.Series(cells, dtype=object)


def make_polars(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> polars.DataFrame:
    """A polars frame of `rows`. Raises `MissingExtra` without polars."""
    try:
        import polars
    except ImportError:
        raise MissingExtra("a polars DataFrame needs polars: pip install polars") from None
    series: dict[str, polars.Series] = {}
    types: Mapping[type, Any] = {
        date: polars.Date,
        datetime: polars.Datetime("us", "UTC"),
        bool: polars.Boolean,
        int: polars.Int64,
        float: polars.Float64,
    }
    for place, name in enumerate(columns):
        cells = [row[place] for row in rows]
        kinds = {type(c) for c in cells if c is not None}
        if kinds == {int, float}:
            kinds = {float}
        kind = types.get(next(iter(kinds)), polars.String) if len(kinds) == 1 else polars.String
        values = cells if kind != polars.String else [None if c is None else str(c) for c in cells]
        series[name] = polars.Series(name, values, dtype=kind, strict=False)
        if Iri in kinds and f"{name}_label" not in columns:
            told = [None if c is None else str(c) for c in labels(cells)]
            series[f"{name}_label"] = polars.Series(f"{name}_label", told, dtype=polars.String)
    return polars.DataFrame(series)


def _plain(value: Any) -> Cell:
    """A pandas cell as a Python value."""
    if isinstance(value, Iri | str | bool | int | float) and value == value:
        return value
    if value is None or (not isinstance(value, list | dict | tuple | set) and pandas.isna(value)):
        return None
    if isinstance(value, pandas.Timestamp):
        midnight = value.tzinfo is None and value == value.normalize()
        return value.date() if midnight else value.to_pydatetime()
    item = getattr(value, "item", None)
    return item() if callable(item) else str(value)

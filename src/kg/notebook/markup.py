"""HTML in notebooks: every value is escaped unless it is HTML already; colours are those of the page, light or dark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from html import escape

from kg.notebook.values import Cell, Iri, show

_FIELD = re.compile(r"\{(\w+)\}")
# Lines in the colour of the text, faded: they are seen on a light and on a dark page, without asking which it is.
_TABLE = "border-collapse:collapse;color:inherit;background:transparent;font-size:0.92em"
_CELL = (
    "text-align:left;vertical-align:top;padding:0.2em 0.9em 0.2em 0;max-width:34em;white-space:normal;"
    "background:transparent;border-bottom:1px solid rgba(128,128,128,0.35)"
)
MUTED = "opacity:0.7"
QUOTE = (
    "margin:0.3em 0 0.3em 0.2em;padding:0 0 0 0.8em;border-left:3px solid rgba(128,128,128,0.5);color:inherit"
)


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(template: str, **values: object) -> Html:
    """`template` with each ``{name}`` replaced by its value, escaped unless it is `Html`; None is empty.

    >>> html("<b>{x}</b>", x="<script>")
    '<b>&lt;script&gt;</b>'
    """
    return Html(_FIELD.sub(lambda m: as_html(values[m[1]]), template))


def as_html(value: object) -> Html:
    """`value` as HTML: escaped unless it is `Html`; None is empty."""
    if isinstance(value, Html):
        return value
    return Html("" if value is None else escape(str(value), quote=True))


def join(parts: Iterable[object], separator: str = "") -> Html:
    """`parts` one after the other, each escaped unless it is `Html`."""
    return Html(as_html(Html(separator)).join(as_html(p) for p in parts))


def cell_html(cell: Cell | Html) -> Html:
    """A cell: an IRI is shown by its label, with the IRI as its title, and as a link where there is a page of it."""
    if isinstance(cell, Html):
        return cell
    if isinstance(cell, Iri):
        if cell.href is not None:
            return html(
                '<a href="{href}" title="{iri}" target="_blank" rel="noopener noreferrer">{label}</a>',
                href=cell.href,
                iri=str(cell),
                label=cell.label,
            )
        return html('<span title="{iri}">{label}</span>', iri=str(cell), label=cell.label)
    return as_html(show(cell))


def _style(cell: Cell | Html) -> str:
    """How a cell is set: days and numbers are not broken."""
    whole = isinstance(cell, date | int | float) or (
        isinstance(cell, str) and re.fullmatch(r"\d{4}-[\d-]+", cell)
    )
    return _CELL.replace("white-space:normal", "white-space:nowrap") if whole else _CELL


def table_html(
    head: Sequence[str], rows: Iterable[Sequence[Cell | Html]], note: str = "", title: str = ""
) -> Html:
    """A table with an optional title above and note below it."""
    cells = join(
        html(
            "<tr>{row}</tr>",
            row=join(html('<td style="{s}">{c}</td>', s=_style(c), c=cell_html(c)) for c in row),
        )
        for row in rows
    )
    return html(
        '{title}<table style="{table}"><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>{note}',
        title=html('<p style="margin:0.2em 0"><b>{t}</b></p>', t=title) if title else "",
        table=_TABLE,
        head=join(html('<th style="{s}">{h}</th>', s=_CELL, h=h) for h in head),
        cells=cells,
        note=html('<p style="{s};margin:0.3em 0">{n}</p>', s=MUTED, n=note) if note else "",
    )

"""The page of events in the order of their days."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from urllib.parse import urlencode

from kg.query.events import STATUSES, Happening, Timeline
from kg.query.nodes import Node
from kg.server.pages.claims import kind_mark, status_mark
from kg.server.pages.days import MONTHS, in_days
from kg.server.pages.lists import turn_pages
from kg.server.pages.markup import Html, beside, html, in_words, join, link, page

_BARS = 48
_TAKING_PART = 6


def timeline_page(found: Timeline, base: str, asked: list[tuple[str, str]]) -> str:
    """The page of a timeline; `asked` are the parameters that it was asked with."""
    words = urlencode(asked)
    months = groupby(found.items, key=_heading)
    return page(
        "Timeline",
        html(
            '<header class="thing"><div><h1>Timeline</h1><p class="lead">{total} events, the latest first. What is '
            "planned is an outline, what took place is solid.</p></div>{forms}</header>\n"
            '{bars}{form}<ol class="months">{months}</ol>\n{turn}',
            total=found.total,
            forms=beside(
                [(n, f"/timeline.{n.lower()}?{words}") for n in ("JSON", "CSV")]
                + [("Turtle", f"/timeline.ttl?{words}")]
            ),
            bars=_bars(found.months),
            form=_form(asked),
            months=join(_month(month, events, base) for month, events in months)
            or html('<li><p class="muted">No event fits.</p></li>'),
            turn=turn_pages("/timeline", asked, found.offset, found.limit, found.total),
        ),
        here="/timeline",
    )


def _heading(happening: Happening) -> str:
    """The month that an event stands under, or the year if its date says no more."""
    start = happening.start or ""
    return start[:4] if happening.date is not None and "-" not in happening.date else start[:7]


def _month(month: str, events: Iterable[Happening], base: str) -> Html:
    return html(
        '<li><h2>{name}</h2><ul class="happenings">{events}</ul></li>\n',
        name=month_name(month),
        events=join(happening_row(h, base, dated=True) for h in events),
    )


def month_name(month: str) -> str:
    """``2025-03`` in words; what has no month has no date."""
    year, _, number = month.partition("-")
    if not number.isdigit() or not 1 <= int(number) <= 12:
        return year or "No date"
    return f"{MONTHS[int(number) - 1]} {year.lstrip('0')}"


def happening_row(happening: Happening, base: str, *, dated: bool = False) -> Html:
    """An event as a line of a list."""
    parts = [
        html("{word} {nodes}", word=word, nodes=_few(nodes, base))
        for word, nodes in (
            ("with", happening.participants),
            ("at", happening.places),
            ("on", happening.about),
        )
        if nodes
    ]
    return html(
        '<li class="{status}"><h3>{label} {mark}</h3><p class="muted">{day}{kind}{parts}</p></li>\n',
        status=happening.status or "",
        label=link(happening.event.iri, happening.event.label, base),
        mark=status_mark(happening.status),
        day=html(
            '<time class="day" datetime="{d}">{text}</time> ',
            d=happening.start,
            text=in_days(happening.date or happening.start),
        )
        if dated and happening.start
        else html('<span class="day">{text}</span> ', text=in_days(happening.date or "")),
        kind="" if happening.event.label.startswith(_kind_words(happening)) else kind_mark(happening.event),
        parts=html(" {parts}", parts=join(parts, "; ")) if parts else "",
    )


def _kind_words(happening: Happening) -> str:
    return in_words(happening.event.subkind or happening.event.kind or "")


def _few(nodes: tuple[Node, ...], base: str) -> Html:
    shown = join((link(n.iri, n.label, base) for n in nodes[:_TAKING_PART]), ", ")
    left = len(nodes) - _TAKING_PART
    return html("{shown} and {n} more", shown=shown, n=left) if left > 0 else shown


def _bars(months: tuple[tuple[str, int, int], ...]) -> Html:
    """How many events begin in each of the latest months, as bars; what is to come is an outline."""
    shown = _every_month(months)[-_BARS:]
    if len(shown) < 2:
        return Html("")
    most = max(n for _, n, _ in shown)
    wide = 960 / len(shown)
    bars = []
    for i, (month, n, ahead) in enumerate(shown):
        x, tall, dashed = i * wide, 56 * n / most, 56 * ahead / most
        if n:
            title = f"{month_name(month)}: {n}" + (f", {ahead} to come" if ahead else "")
            bars.append(
                html(
                    '<g><title>{title}</title><rect x="{x}" y="{y}" width="{w}" height="{h}"/>'
                    '<rect class="ahead" x="{x}" y="{y2}" width="{w}" height="{h2}"/></g>',
                    title=title,
                    x=f"{x + wide * 0.15:.1f}",
                    w=f"{min(wide * 0.7, 40):.1f}",
                    y=f"{60 - tall + dashed:.1f}",
                    h=f"{tall - dashed:.1f}",
                    y2=f"{60 - tall:.1f}",
                    h2=f"{dashed:.1f}",
                )
            )
    return html(
        '<figure class="bars"><svg viewBox="0 0 960 64" preserveAspectRatio="none" role="img" '
        'aria-label="Events by month"><line x1="0" x2="960" y1="60.5" y2="60.5"/>{bars}</svg>'
        "<figcaption><span>{first}</span><span>{last}</span></figcaption></figure>\n",
        bars=join(bars),
        first=month_name(shown[0][0]),
        last=month_name(shown[-1][0]),
    )


def _every_month(months: tuple[tuple[str, int, int], ...]) -> list[tuple[str, int, int]]:
    """The months from the first to the last, those without an event too, if there are not too many of them."""
    if not months:
        return []
    known = {month: (n, ahead) for month, n, ahead in months}
    last = _number(months[-1][0])
    first = max(_number(months[0][0]), last - _BARS + 1)
    names = (f"{i // 12:04d}-{i % 12 + 1:02d}" for i in range(first, last + 1))
    return [(name, *known.get(name, (0, 0))) for name in names]


def _number(month: str) -> int:
    year, _, number = month.partition("-")
    return int(year) * 12 + int(number) - 1


def _form(asked: list[tuple[str, str]]) -> Html:
    values = dict(asked)
    statuses = join(
        html("<option{on}>{s}", s=s, on=Html(" selected") if values.get("status") == s else "")
        for s in STATUSES
    )
    return html(
        '<form class="fields" action="/timeline" method="get"><label>Around <input name="entity" value="{entity}" '
        'placeholder="any person, body, place"></label><label>From <input name="from" value="{since}" '
        'placeholder="YYYY-MM-DD" size="12"></label><label>To <input name="to" value="{until}" '
        'placeholder="YYYY-MM-DD" size="12"></label><label>Status <select name="status"><option value="">any'
        "{statuses}</select></label><button>Show</button></form>\n",
        entity=values.get("entity"),
        since=values.get("from"),
        until=values.get("to"),
        statuses=statuses,
    )

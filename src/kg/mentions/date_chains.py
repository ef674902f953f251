"""Dates that lean on their neighbours: the two ends of a range, "two days earlier", and the day in a dateline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from kg.mentions import dating
from kg.mentions.candidates import plain
from kg.mentions.date_grammar import Expression
from kg.mentions.dating import Extent, Reference, Tense

#: How far back, in tokens, a date may lie that "the following day" is told from.
_REACH_EARLIER = 90
#: How many words may stand before the day in a dateline, and between it and the mark that closes the dateline.
_BEFORE_DAY, _AFTER_DAY = 8, 6
#: How many years, from the latest that a text looks back on, it may be of.
_YEARS_AFTER = 3
_OPENERS = frozenset({"from", "between"})
_BETWEEN = re.compile(r"[ ](?P<word>to|until|till|through|and)[ ]|[ ]?(?P<dash>[-–—])[ ]?")
_CLOSING = frozenset({"--", "-", "–", "—", ":", "."})


@dataclass(slots=True)
class DateCandidate:
    """An expression on its way: where it stands, what bounds it, the tense of its clause, what it means.

    `superseded` marks the old date of what has been put off.
    """

    expression: Expression
    start: int
    bound: str
    tokens: tuple[int, int]
    tense: Tense
    extent: Extent | None = None
    superseded: bool = False


def lean_on_earlier(candidates: Sequence[DateCandidate]) -> None:
    """Gives dates told from another one ("the following day") what the nearest fitting one before makes of them."""
    for index, candidate in enumerate(candidates):
        build = candidate.expression.from_earlier
        if build is None:
            continue
        for earlier in reversed(candidates[:index]):
            if candidate.tokens[0] - earlier.tokens[1] > _REACH_EARLIER:
                break
            extent = build(earlier.extent) if earlier.extent is not None else None
            if extent is not None:
                candidate.extent = extent
                candidate.tense = earlier.tense
                break


def join_ranges(doc: Doc, candidates: Sequence[DateCandidate]) -> list[DateCandidate]:
    """The candidates, each two that are the ends of one range ("Monday to Wednesday") made one."""
    out: list[DateCandidate] = []
    for candidate in candidates:
        joined = _joined(doc, out[-1], candidate) if out else None
        if joined is None:
            out.append(candidate)
        else:
            out[-1] = joined
    return out


def _joined(doc: Doc, first: DateCandidate, last: DateCandidate) -> DateCandidate | None:
    between = _BETWEEN.fullmatch(plain(doc)[first.expression.end : last.start])
    if between is None or last.bound or first.bound or first.superseded:
        return None
    if first.extent is None or last.extent is None:
        return None
    opener = doc[first.tokens[0] - 1].lower_ if first.tokens[0] else ""
    weekdays = first.expression.rule == last.expression.rule == "weekday"
    word = between["word"]
    opened = opener == "between" if word == "and" else word != "to" or weekdays or opener in _OPENERS
    if not opened:
        return None
    low, high = first.extent, last.extent
    earlier, later = low.first, high.first
    if weekdays and earlier is not None and later is not None:
        # One end is read from the time of writing, the other is told from it.
        if first.tense in (Tense.AHEAD, Tense.PRESENT):
            high = dating.weekday_near(earlier, later.isoweekday(), ahead=True, strict=True)
        else:
            low = dating.weekday_near(later, earlier.isoweekday(), ahead=False, strict=True)
    extent = dating.join(low, high)
    if extent is None:
        return None
    tokens = (first.tokens[0] - (opener in _OPENERS), last.tokens[1])
    start = doc[tokens[0]].idx
    expression = replace(first.expression, start=start, end=last.expression.end)
    return DateCandidate(expression, start, "", tokens, last.tense, extent)


def is_dateline(doc: Doc, candidate: DateCandidate, reference: Reference) -> bool:
    """Whether the date is that of the text itself, in a dateline: place, day, and a mark before the first words."""
    extent = candidate.extent
    if (
        extent is None
        or reference.day is None
        or (extent.first, extent.last) != (reference.day, reference.day)
    ):
        return False
    return _opens_text(doc, candidate)


def date_by_weekday(doc: Doc, candidates: Sequence[DateCandidate]) -> None:
    """Gives the day of a dateline without a year ("OSLO, Oct 16 -") the year by which the news is of its weekday.

    News is of the day that it is sent or the one before ("said on Thursday"); the year is none before the latest that
    the text looks back on, and at most two after it.
    """
    day = next((c for c in candidates if c.expression.month_day is not None), None)
    told = next((c for c in candidates if c.expression.rule == "weekday" and c.tense is Tense.PAST), None)
    years = [
        c.extent.first.year
        for c in candidates
        if c.expression.extent is not None and c.extent is not None and c.extent.first is not None
        if c.tense is not Tense.AHEAD
    ]
    if day is None or told is None or not years or day.extent is not None or not _opens_text(doc, day):
        return
    build, weekday = day.expression.by_year, told.expression.from_reference
    if build is None or weekday is None:
        return
    fitting = []
    for year in range(max(years), max(years) + _YEARS_AFTER):
        extent = build(year)
        if extent is not None and extent.first is not None and extent.first == extent.last:
            news = weekday(Reference(extent.first, extent.first), Tense.PAST)
            if news is not None and news.first is not None:
                fitting.append(((extent.first - news.first).days, year, extent))
    nearest = min(fitting, key=lambda row: row[:2], default=None)
    if nearest is not None and nearest[0] <= 1:
        day.extent = nearest[2]


def _opens_text(doc: Doc, candidate: DateCandidate) -> bool:
    first, last = candidate.tokens
    begin = first
    while begin and "\n" not in doc[begin - 1].text and first - begin <= _BEFORE_DAY:
        word = doc[begin - 1]
        if not (word.text[:1].isupper() or word.is_punct or word.is_digit or word.is_space):
            return False
        begin -= 1
    if first - begin > _BEFORE_DAY or any(t.lower_ in ("on", "in", "by") for t in doc[begin:first]):
        return False
    for index in range(last, min(last + _AFTER_DAY, len(doc))):
        token = doc[index]
        if token.text in _CLOSING or (token.is_space and "\n" in token.text):
            return index > last or first > begin or token.is_space
        if not (token.text[:1].isupper() or token.is_punct or token.is_digit or token.is_space):
            return False
    return last >= len(doc)

"""The publication date and the title that a text states of itself: marker, published line, dateline, byline.

Only complete dates count: a dateline without a year ("TOKYO, March 3 (Agency) --") states no day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.catalog import load_catalog
from kg.documents.dates import DATE, read_day
from kg.model import Span

HEAD_LINES = 14
TAIL_LINES = 6
LONGEST_LINE = 160
LONGEST_TITLE = 250


@dataclass(frozen=True, slots=True)
class Dateline:
    """A day that a text states as its own: an EDTF date and the span of its words."""

    issued: str
    span: Span


_MARKER = re.compile(r"\s*(date[ \t]*:?[ \t]+(\d{4}-\d{2}-\d{2}))(?=\s|\Z)", re.IGNORECASE)


def find_marker(text: str) -> Dateline | None:
    """The ``date YYYY-MM-DD`` put before a text, or None. It is metadata, not a part of the article.

    >>> find_marker(" date 2025-02-11 Ministers met.")
    Dateline(issued='2025-02-11', span=Span(start=1, end=16))
    """
    found = _MARKER.match(text)
    day = DATE.fullmatch(found[2]) if found else None
    issued = read_day(day) if day else None
    return Dateline(issued, Span(*found.span(1))) if found and issued else None


_PUBLISHED = (
    r"(?:first\s+)?(?:date\s+of\s+)?(?:published|posted|issued|released|released?\s+date|publication(?:\s+date)?|"
    r"publish(?:ed)?\s+date|date\s+published|date\s+posted|dated?|created)"
)
_UPDATED = r"(?:last\s+)?(?:updated?|modified|revised)"
_LABEL = re.compile(
    rf"\W*(?:(?P<published>{_PUBLISHED})|(?P<updated>{_UPDATED}))(?:\s+(?:on|at))?\b", re.IGNORECASE
)
_CLOCK = (
    r"(?:[01]?\d|2[0-4])[:.h][0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?\s?m\b\.?)?|[01]?\d\s?[ap]\.?\s?m\b\.?|"
    r"\b[0-2]\d[0-5]\d(?:\s?hrs)?\b"
)
_WEEKDAY = r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
_ZONE = r"\b(?-i:[A-Z]{1,4}T|GMT|UTC|Z|local time)\b(?:\s?[+-]\d{1,2}(?::?\d\d)?)?"
_AROUND = re.compile(rf"{_CLOCK}|{_WEEKDAY}|{_ZONE}|\b(?:at|on|as of|hrs|hours)\b", re.IGNORECASE)
_PARTS = re.compile(r"\s*[|•·]\s*|\s+[–—/]\s+|\s+--?\s+")
_BAR = re.compile(r"[|•·]|\s/\s")
_BYLINE = re.compile(r"(?i:(?:written |reported |posted )?by)\s+[^\W\d_a-z].{0,100}")
_PLACE = re.compile(
    r"[^\W\d_a-z][\w.'’-]*(?:[\s,/]+(?:(?:of|de|da|do|la|el|the|and)\s)?[^\W\d_a-z][\w.'’-]*){0,4}[\s,]*"
)
_AGENCY = re.compile(r"\([^()]{2,40}\)|/[^/]{2,40}/")
_DASH = re.compile(r"\s*(?:--+|—|–|\s-\s)\s*")
_ON = re.compile(r"on\b", re.IGNORECASE)
_PUNCTUATION = " \t,.;:()[]-–—/+"
_LINE = re.compile(r"[^\n]+")
_SENTENCE_END = re.compile(r"""[.!?…]["'”’)\]]*\Z""")


def find_dateline(text: str, boilerplate: Sequence[Span] = ()) -> Dateline | None:
    """The publication date in the words of `text`, or None.

    In this order: the marker before the text; a line labelled as published; a line that holds nothing but a
    date (with time, weekday, zone, byline or place) or an agency's dateline before the first words of a
    paragraph; a line labelled as updated. Looked for in the first lines, labelled lines in the last ones
    too; lines in `boilerplate` are passed over. Dates inside sentences and headlines are dates of events,
    not of the text.
    """
    marker = find_marker(text)
    if marker:
        return marker
    found: list[tuple[int, Dateline]] = []
    head = list(_lines(text, HEAD_LINES, boilerplate))
    for number, (start, line) in enumerate(head):
        found.extend(_read_line(line, start, is_first=number == 0))
    for start, line in _last_lines(text, TAIL_LINES, boilerplate):
        if start > head[-1][0]:
            found.extend(row for row in _read_line(line, start, is_first=True) if row[0] != 1)
    if len({dateline.issued for rank, dateline in found if rank == 1}) > 2:
        # A chronicle: its days are those of what happened.
        found = [row for row in found if row[0] != 1]
    return min(found, key=lambda row: row[0])[1] if found else None


def _lines(text: str, count: int, boilerplate: Sequence[Span]) -> Iterator[tuple[int, str]]:
    for found in _LINE.finditer(text):
        if not count:
            return
        line = found[0][: 4 * LONGEST_LINE]
        span = Span(found.start(), found.start() + len(line))
        if line.strip() and not any(b.overlaps(span) for b in boilerplate):
            count -= 1
            yield span.start + len(line) - len(line.lstrip()), line.strip()


def _last_lines(text: str, count: int, boilerplate: Sequence[Span]) -> list[tuple[int, str]]:
    start = max(0, len(text) - 20 * LONGEST_LINE)
    shifted = [Span(b.start - start, b.end - start) for b in boilerplate if b.end > start]
    lines = list(_lines(text[start:], -1, shifted))
    return [(start + position, line) for position, line in lines][-count:]


def _read_line(line: str, start: int, is_first: bool) -> Iterator[tuple[int, Dateline]]:
    """(rank, dateline) of one line: 0 published, 1 a bare date, 2 updated."""
    dates = list(DATE.finditer(line[:LONGEST_LINE]))
    for date in dates[:3]:
        issued = read_day(date)
        if issued is None:
            continue
        rank = _rank(line, date, is_first)
        if rank is not None:
            yield rank, Dateline(issued, Span(start + date.start(), start + date.end()))


def _rank(line: str, date: re.Match[str], is_first: bool) -> int | None:
    before = line[: date.start()]
    label = next(reversed(list(_LABEL.finditer(before))), None)
    if (
        label
        and not _AROUND.sub("", before[label.end() :]).strip(_PUNCTUATION)
        and _is_label_line(line, label)
    ):
        return 0 if label["published"] else 2
    if len(line) <= LONGEST_LINE and _is_bare(line, date, is_first):
        return 1
    return 1 if _is_agency_line(line, date, is_first) else None


def _is_label_line(line: str, label: re.Match[str]) -> bool:
    """Whether the label opens the line or a part of it; "Oslo published on 3 June 2024 a" is a sentence."""
    before = line[: label.start()].rstrip()
    return len(line) <= LONGEST_LINE and (not before or before[-1] in "|•·:;,)–—-/")


def _is_bare(line: str, date: re.Match[str], is_first: bool) -> bool:
    """Whether the line is the date with what goes with one: time, weekday, zone, byline, place, section."""
    parts = _PARTS.split(line)
    own = next((part for part in parts if date[0] in part), line)
    others = [part for part in parts if part is not own and part.strip()]
    if any(len(part.split()) > 12 or _SENTENCE_END.search(part) for part in others):
        return False
    if not _BAR.search(line) and (
        (is_first and others) or not all(_PLACE.fullmatch(part) for part in others)
    ):
        # "The end of the war – September 2, 1945" is a headline or a line of a chronicle.
        return False
    rest = _AROUND.sub(" ", own.replace(date[0], " ", 1)).strip(_PUNCTUATION)
    if not rest or _BYLINE.fullmatch(rest):
        return True
    ends_with_date = own.rstrip().endswith(date[0])
    if not ends_with_date or not _PLACE.fullmatch(rest):
        return False
    # A first line may be a headline ("Paris Agreement, 12 December 2015"): there a place must be a known one.
    return not is_first or _is_known_place(rest)


def _is_known_place(words: str) -> bool:
    name = words.strip(_PUNCTUATION)
    surfaces = load_catalog().gazetteer.surfaces
    spellings = (name, name.title()) if name.isupper() else (name,)
    return any(s.key.startswith("place/") for spelling in spellings for s in surfaces.get(spelling, ()))


def _is_agency_line(line: str, date: re.Match[str], is_first: bool) -> bool:
    """Whether a paragraph opens with place, date and dash: "OSLO, Feb. 7, 2025 (Agency) — The"."""
    dashes = (dash for dash in _DASH.finditer(line, 0, LONGEST_LINE) if dash.end() > date.start())
    dash = next(dashes, None)
    if dash is None or dash.start() < date.end() or dash.end() == len(line) or _ON.match(line):
        return False
    opening = _AGENCY.sub(lambda found: found[0] if date[0] in found[0] else " ", line[: dash.start()])
    opening = _AROUND.sub(" ", _DASH.sub(" ", opening.replace(date[0], " ", 1))).strip(_PUNCTUATION)
    return bool(_PLACE.fullmatch(opening)) or (not opening and not is_first)


def find_title(text: str, boilerplate: Sequence[Span] = ()) -> str | None:
    """The first line of `text` if it reads as a headline: short, no sentence, with text after it."""
    head = list(_lines(text, 2, boilerplate))
    if len(head) < 2:
        return None
    line = re.sub(r"\A#{1,6}\s+", "", head[0][1])
    if len(line) > LONGEST_TITLE or len(line.split()) < 2 or _SENTENCE_END.search(line):
        return None
    if _BYLINE.match(line) or any(_read_line(line, 0, is_first=False)):
        return None
    return " ".join(line.split())

"""The publication date and the title that a text states of itself: marker, published line, dateline, byline.

Only complete dates count: a dateline without a year ("TOKYO, March 3 (Agency) --") states no day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from kg.catalog import load_catalog
from kg.documents.dates import DATE, find_day_order, read_day
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


class _Kind(IntEnum):
    """How a line states a day; of several the least counts."""

    PUBLISHED = 0
    BARE = 1
    GENRE = 2
    SIGNED = 3
    UPDATED = 4


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
# What a paragraph goes on after: a full stop or colon and a capital.
_STOP = re.compile(r"\)?[.:]\s+[\"“(]?[^\W\d_a-z]")
_BY = re.compile(r"\bby (?:the )?[\w ]{2,40}(?= on\b)", re.IGNORECASE)
# A day of another calendar beside the Gregorian one ("06 Sha'ban 1447 H").
_OTHER_CALENDAR = re.compile(
    r"\b\d{1,2}(?:st|nd|rd|th)?\s+[^\W\d_][^\W\d_'’ʿʻ` -]*(?:['’ʿʻ` -]{1,2}[^\W\d_]+){0,2},?\s+(?:1[34]\d\d)\b"
    r"(?:\s*A?\.?H\.?(?![a-z]))?"
)
_GENRE_WITHIN = 5
_ON = re.compile(r"on\b", re.IGNORECASE)
_PUNCTUATION = " \t,.;:()[]-–—/+"
_LINE = re.compile(r"[^\n]+")
_SENTENCE_END = re.compile(r"""[.!?…]["'”’)\]]*\Z""")


# How far from the start numeric dates are looked at for the order of day and month.
_ORDER_WITHIN = 20_000


def find_dateline(text: str, boilerplate: Sequence[Span] = ()) -> Dateline | None:
    """The publication date in the words of `text`, or None.

    In this order: the marker before the text; a line labelled as published; a line that holds nothing but a
    date (with time, weekday, zone, byline or place) or an agency's dateline before the first words of a
    paragraph; a heading that says what the text is ("Press briefing, 3 March 2025"); place and day as the last
    line; a line labelled as updated. Looked for in the first lines, labelled ones in the last lines too; lines
    in `boilerplate` are passed over. Dates inside sentences and headlines are dates of events, not of the text.
    """
    marker = find_marker(text)
    if marker:
        return marker
    day_first = find_day_order(text[:_ORDER_WITHIN])
    found: list[tuple[_Kind, Dateline]] = []
    head = list(_lines(text, HEAD_LINES, boilerplate))
    for number, (start, line) in enumerate(head):
        found.extend(_read_line(line, start, number == 0, day_first))
    last = [(start, line) for start, line in _last_lines(text, boilerplate) if start > head[-1][0]]
    for number, (start, line) in enumerate(last, start=1):
        found.extend(_read_end(line, start, number == len(last), day_first))
    if len({dateline.issued for kind, dateline in found if kind is _Kind.BARE}) > 2:
        # A chronicle: its days are those of what happened.
        found = [row for row in found if row[0] is not _Kind.BARE]
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


def _last_lines(text: str, boilerplate: Sequence[Span]) -> list[tuple[int, str]]:
    """The last lines, each cut to its last sentences."""
    rows: list[tuple[int, str]] = []
    for found in _LINE.finditer(text, max(0, len(text) - 20 * LONGEST_LINE)):
        line = found[0].rstrip()
        start = max(0, len(line) - LONGEST_LINE)
        span = Span(found.start() + start, found.start() + len(line))
        if line.strip() and not any(b.overlaps(span) for b in boilerplate):
            rows.append((span.start + len(line[start:]) - len(line[start:].lstrip()), line[start:].lstrip()))
    return rows[-TAIL_LINES:]


def _read_line(
    line: str, start: int, is_first: bool, day_first: bool | None = None
) -> Iterator[tuple[_Kind, Dateline]]:
    for date in list(DATE.finditer(line[:LONGEST_LINE]))[:3]:
        issued = read_day(date, line, day_first)
        if issued is None:
            continue
        kind = _label(line, date)
        if kind is None:
            kind = _kind(line, date, is_first)
        if kind is not None:
            yield kind, Dateline(issued, Span(start + date.start(), start + date.end()))


def _read_end(
    line: str, start: int, is_last: bool, day_first: bool | None
) -> Iterator[tuple[_Kind, Dateline]]:
    """What a line at the end of a text says of its day: a label, or where and when it was signed."""
    for date in DATE.finditer(line):
        issued = read_day(date, line, day_first)
        kind = _label(line, date, after_sentence=True)
        before = line[: date.start()].strip(_PUNCTUATION)
        if (
            kind is None
            and is_last
            and _is_known_place(before)
            and not line[date.end() :].strip(_PUNCTUATION)
        ):
            kind = _Kind.SIGNED
        if issued is not None and kind is not None:
            yield kind, Dateline(issued, Span(start + date.start(), start + date.end()))


def _label(line: str, date: re.Match[str], after_sentence: bool = False) -> _Kind | None:
    """The kind of a date with a label, such as "Published on", before it."""
    before = line[: date.start()]
    label = next(reversed(list(_LABEL.finditer(before))), None)
    if label is None or _AROUND.sub("", _BY.sub("", before[label.end() :])).strip(_PUNCTUATION):
        return None
    # The label opens the line or a part of it; "Oslo published on 3 June 2024 a list" is a sentence.
    opening = line[: label.start("published" if label["published"] else "updated")].rstrip()
    marks = "|•·:;,()–—-/" + (".!?" if after_sentence else "")
    if len(line) > LONGEST_LINE or (opening and opening[-1] not in marks):
        return None
    return _Kind.PUBLISHED if label["published"] else _Kind.UPDATED


def _kind(line: str, date: re.Match[str], is_first: bool) -> _Kind | None:
    if len(line) <= LONGEST_LINE:
        if _is_bare(_without_notices(line), date[0], is_first):
            return _Kind.BARE
        if _names_genre(line, date):
            return _Kind.GENRE
    return _Kind.BARE if _is_agency_line(line, date, is_first) else None


def _without_notices(line: str) -> str:
    """The line without words such as "Check against delivery", and without the full stop after a bare date."""
    bare = _notices().sub(" ", line).strip()
    return bare.rstrip(" .") if bare.count(".") == 1 or DATE.search(bare[-20:]) else bare


@lru_cache(maxsize=1)
def _notices() -> re.Pattern[str]:
    words = sorted(
        load_catalog().lexicon.entries("delivery_notices"), key=lambda notice: (-len(notice), notice)
    )
    return re.compile(rf"[\s(\[*]*\b(?:{'|'.join(map(re.escape, words))})\b[\s)\]*.:]*", re.IGNORECASE)


def _is_bare(line: str, written: str, is_first: bool) -> bool:
    """Whether the line is the date with what goes with one: time, weekday, zone, byline, place, section."""
    parts = _PARTS.split(line)
    own = next((part for part in parts if written in part), line)
    others = [part for part in parts if part is not own and part.strip()]
    if any(len(part.split()) > 12 or _SENTENCE_END.search(part) for part in others):
        return False
    known = not is_first or all(_is_body(part) or _is_known_place(part) for part in others)
    if not _BAR.search(line) and (not known or not all(_PLACE.fullmatch(part) for part in others)):
        # "The end of the war – September 2, 1945" is a headline or a line of a chronicle.
        return False
    rest = _AROUND.sub(" ", _OTHER_CALENDAR.sub(" ", own.replace(written, " ", 1))).strip(_PUNCTUATION)
    if not rest or _BYLINE.fullmatch(rest):
        return True
    if own.lstrip().startswith(written) or not own.rstrip(_PUNCTUATION).endswith(written):
        return _is_known_place(rest)
    *owners, place = (part.strip(_PUNCTUATION) for part in re.split(r",\s*|\s(?=\()", rest))
    if owners and all(_is_body(owner) or _is_known_place(owner) for owner in owners):
        return _is_known_place(place)
    # A first line may be a headline ("Paris Agreement, 12 December 2015"): there a place must be a known one.
    return bool(_PLACE.fullmatch(rest)) and (not is_first or _is_known_place(rest))


def _is_body(words: str) -> bool:
    """Whether the words name a body by what it is ("Ministry of Public Security", "Embassy of Japan")."""
    heads = load_catalog().lexicon.forms("organization_heads")
    split = words.strip(_PUNCTUATION).split()
    return (
        bool(split)
        and words.strip()[:1].isupper()
        and (split[0].lower() in heads or split[-1].lower() in heads)
    )


def _names_genre(line: str, date: re.Match[str]) -> bool:
    """Whether the line says what the text is and, set off from that, its day."""
    before = _AROUND.sub(" ", line[: date.start()]).rstrip()
    after = _without_notices(line[date.end() :]).strip(_PUNCTUATION)
    if (
        before[-1:] not in tuple(",–—-(|:")
        or (after and not _is_known_place(after))
        or _SENTENCE_END.search(before)
    ):
        return False
    words = re.findall(r"[\w-]+", before.lower())[:_GENRE_WITHIN]
    opening = f" {' '.join(words)} "
    return any(f" {genre} " in opening for genre in load_catalog().lexicon.entries("text_genres"))


def _is_known_place(words: str) -> bool:
    """Whether the words are a place that the gazetteer knows, with or without what it lies in ("Suva, Fiji")."""
    names = [name for part in re.split(r",|\(", words) if (name := part.strip(_PUNCTUATION))]
    surfaces = load_catalog().gazetteer.surfaces
    for name in names:
        spellings = (name, name.title()) if name.isupper() else (name,)
        if not any(s.key.startswith("place/") for spelling in spellings for s in surfaces.get(spelling, ())):
            return False
    return bool(names)


def _is_agency_line(line: str, date: re.Match[str], is_first: bool) -> bool:
    """Whether a paragraph opens with place, date and dash: "OSLO, Feb. 7, 2025 (Agency) — The"."""
    if _ON.match(line):
        return False
    before = _AROUND.sub(" ", line[: date.start()]).strip(_PUNCTUATION)
    if _STOP.match(line, date.end()) and _is_known_place(before):
        return True
    if not before and is_first:
        # "March 3, 2025 - Ottawa, Ontario - National Defence / The"
        parts = _DASH.split(line[date.end() : LONGEST_LINE])
        return len(parts) > 2 and not parts[0].strip() and _is_known_place(parts[1])
    dash = next((d for d in _DASH.finditer(line, 0, LONGEST_LINE) if d.end() > date.start()), None)
    if dash is None or dash.start() < date.end() or dash.end() == len(line):
        return False
    opening = _AGENCY.sub(lambda found: found[0] if date[0] in found[0] else " ", line[: dash.start()])
    opening = _OTHER_CALENDAR.sub(" ", _DASH.sub(" ", opening.replace(date[0], " ", 1)))
    opening = _AROUND.sub(" ", opening).strip(_PUNCTUATION)
    return bool(_PLACE.fullmatch(opening)) or (not opening and not is_first)


def find_title(text: str, boilerplate: Sequence[Span] = ()) -> str | None:
    """The first line of `text` if it reads as a headline: short, no sentence, with text after it."""
    head = list(_lines(text, 2, boilerplate))
    if len(head) < 2:
        return None
    line = re.sub(r"\A#{1,6}\s+", "", head[0][1])
    if len(line) > LONGEST_TITLE or len(line.split()) < 2 or _SENTENCE_END.search(line):
        return None
    if _BYLINE.match(line) or any(kind is not _Kind.GENRE for kind, _ in _read_line(line, 0, is_first=False)):
        return None
    return " ".join(line.split())

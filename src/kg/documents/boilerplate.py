"""What of a text is not the article: menus, lists of other pages, share lines, notices and footers.

They are told by their form (runs of short lines, headlines without a full stop, bars between entries)
together with the words of general use in ``ontology/lexicon/boilerplate.yaml``; no site or section is known
by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kg.catalog import load_catalog
from kg.documents.datelines import find_marker
from kg.model import Span

# Longer lines are paragraphs of an article; notices to the reader are the only long boilerplate.
LONGEST_NOTICE = 500
LONGEST_ITEM_WORDS = 32
LONGEST_HEADING_WORDS = 8
LONGEST_MENU_WORDS = 3
LONGEST_ENTRY_WORDS = 5
SHORTEST_MENU = 4
LONGEST_REQUEST_WORDS = 16

_LISTS = (
    "boilerplate_heading",
    "boilerplate_heading_start",
    "boilerplate_heading_modifier",
    "boilerplate_heading_noun",
    "boilerplate_inline_start",
    "boilerplate_line",
    "boilerplate_line_start",
    "boilerplate_phrase",
    "boilerplate_notice_noun",
    "navigation_mark",
    "navigation_word",
)


class _Words:
    """The word lists as sets of lower-case phrases, with the length in words of the longest of each."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self._lists = {name: frozenset(map(_plain, entries)) for name, entries in lists.items()}
        self._padded = {name: tuple(f" {e} " for e in sorted(es)) for name, es in self._lists.items()}
        self._longest = {name: max(len(e.split()) for e in entries) for name, entries in self._lists.items()}

    def has(self, name: str, plain: str) -> bool:
        """Whether `plain` is an entry of the list `name`."""
        return plain in self._lists[name]

    def prefix(self, name: str, words: Sequence[str]) -> int:
        """How many of the first `words` are an entry of the list `name`: the most, or 0."""
        for length in range(min(self._longest[name], len(words)), 0, -1):
            if " ".join(words[:length]) in self._lists[name]:
                return length
        return 0

    def within(self, name: str, plain: str) -> bool:
        """Whether an entry of the list `name` stands anywhere in `plain`."""
        padded = f" {plain} "
        return any(entry in padded for entry in self._padded[name])


@lru_cache(maxsize=1)
def _load_words() -> _Words:
    lexicon = load_catalog().lexicon
    return _Words({name: tuple(lexicon.entries(name)) for name in _LISTS})


_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})
_BULLET = re.compile(r"(?:[-–—•·*▪◦‣►▸»>+]+|\d{1,2}[.)]|#?\d{1,2}\Z)(?:\s+|\Z)")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_LINK_LINE = re.compile(r"(?:[-*+•|>/\s]|!?\[[^\[\]]*\]\([^()\s]*\))+")
_MARKUP = re.compile(r"\A#{1,6}\s+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
_WORD = re.compile(r"[^\W_](?:[\w&]|['.’-](?=\w))*'?|&")
_STOP = re.compile(r"""(?P<stop>[.!?…]+)["'”’)\]]*\s*\Z""")
# "U.S." and "Inc." end headlines as well; a full stop after them says nothing.
_ABBREVIATION = re.compile(r"(?:\b[^\W\d_](?:\.[^\W\d_])*|\b(?:Co|Corp|Inc|Ltd|Jr|Sr|No|vs|etc))\.\Z")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*(?:©|\(c\))?\s*(?:by\s+\w[\w ]{0,40},?\s*)?"
    r"(?:(?:1[89]|20)\d\d\b|\w+(?:\s+\w+){0,5}\s*\Z)",
    re.IGNORECASE,
)
_AGO = re.compile(
    r"(?:(?:posted|published|updated)\s+)?(?:\d{1,3}|an?|one)\s?(?:s|m|h|d|w|mins?|minutes?|secs?|seconds?|hrs?|hours?|days?|weeks?|"
    r"months?|years?)\s+(?:ago|read)|\d{1,3}\s?min(?:ute)?s?\s(?:read|listen|watch)|yesterday|today",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"\W*(?:(?:\d{1,2}[:.h]\d\d(?:\s?[ap]\.?m\.?)?|[A-Z]{2,4}T|GMT|UTC|\d{1,4}|\d{1,2}(?:st|nd|rd|th)|"
    r"jan\w*|feb\w*|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|"
    r"mon\w*|tue\w*|wed\w*|thu\w*|fri\w*|sat\w*|sun\w*|at|on)\b[\s,./|-]*)+",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s+[|>›»·•/]\s+|\s*[|›»•]\s*")
_BYLINE = re.compile(r"(?:\w+\s)?(?:by|from)\s+[^\W\d_a-z]")
_READER = frozenset({"we", "our", "us", "you", "your"})
# What follows the noun in "more stories from Asia", "top news this week".
_AFTER_NOUN = frozenset({"about", "for", "from", "in", "of", "on", "this", "today"})
_SAID = frozenset({"said", "says", "told", "saying", "added", "wrote"})


def _plain(text: str) -> str:
    """`text` in lower case without markup and punctuation: the words of `_WORD`, single spaces."""
    return " ".join(_WORD.findall(_MARKUP.sub("", _LINK.sub(r"\1", text)).translate(_QUOTES).lower()))


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not blank: where it is, its `text` after a bullet, the `count` words of it."""

    start: int
    end: int
    text: str
    plain: str
    count: int
    bullet: bool

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.plain.split())

    @property
    def is_bullet_only(self) -> bool:
        return self.bullet and not self.count

    @property
    def is_stamp(self) -> bool:
        """A time or a reading time, as stands beside the headlines of a list."""
        return bool(_AGO.fullmatch(self.text) or _STAMP.fullmatch(self.text))

    @property
    def is_sentence(self) -> bool:
        """A line of running text: long, or closed by a full stop."""
        if self.count > LONGEST_ITEM_WORDS:
            return True
        if self.text.endswith(":"):
            # What a colon closes opens a list of the article: "They agreed to cooperate in these areas:".
            return self.count > 4
        stop = _STOP.search(self.text)
        return bool(stop and stop["stop"] != "?" and self.count > 2 and not _ABBREVIATION.search(self.text))

    @property
    def is_item(self) -> bool:
        """What an entry of a list of headlines is: some words, no sentence, no byline, no time."""
        return self.count > 1 and not (self.is_sentence or self.is_stamp or _BYLINE.match(self.text.lower()))


def _read_lines(text: str) -> list[_Line]:
    lines = []
    for found in re.finditer(r"[^\n]+", text):
        raw = found[0].strip()
        if not raw:
            continue
        start = found.start() + found[0].index(raw)
        bullet = _BULLET.match(raw)
        body = raw[bullet.end() :] if bullet else raw
        # The words of a paragraph are of no use here; a number too many tells that it is one.
        plain = _plain(body[: 2 * LONGEST_NOTICE])
        lines.append(
            _Line(start, start + len(raw), body, plain, plain.count(" ") + bool(plain), bool(bullet))
        )
    return lines


def find_boilerplate(text: str) -> tuple[Span, ...]:
    """The spans of `text` that are not part of the article, sorted and disjoint.

    A span covers whole lines, from the first to the last of a run. The date marker before a text is one, too.
    """
    lines = _read_lines(text)
    words = _load_words()
    marked = [_is_lone(line, words) for line in lines]
    article = [i for i, line in enumerate(lines) if line.is_sentence and not marked[i]]
    first, last = (article[0], article[-1]) if article else (len(lines), -1)
    menus = (run for run in _find_menus(lines, marked, words) if run[1] <= first or run[0] > last)
    for run in (
        *menus,
        *_find_lists(lines, marked, words, first),
        *_find_link_runs(lines, text),
        *_find_teasers(lines),
    ):
        marked[run[0] : run[1]] = [True] * (run[1] - run[0])
    for i in range(max(last, 0) + 1, len(lines) - 1):
        # What stands alone between two parts of the footer is a part of it.
        if marked[i - 1] and marked[i + 1] and lines[i].count <= LONGEST_HEADING_WORDS:
            marked[i] = True
    spans = _join(lines, marked, len(text.rstrip()), len(text))
    marker = find_marker(text)
    if marker and not any(span.overlaps(marker.span) for span in spans):
        spans.insert(0, marker.span)
    return tuple(spans)


def _join(lines: Sequence[_Line], marked: Sequence[bool], text_end: int, end: int) -> list[Span]:
    """The spans of runs of marked lines; one that ends the text takes the white space after it along."""
    spans: list[Span] = []
    run_open = False
    for line, is_marked in zip(lines, marked, strict=True):
        if is_marked and run_open:
            spans[-1] = Span(spans[-1].start, line.end)
        elif is_marked:
            spans.append(Span(line.start, line.end))
        run_open = is_marked
    if spans and spans[-1].end == text_end:
        spans[-1] = Span(spans[-1].start, end)
    return spans


def _is_lone(line: _Line, words: _Words) -> bool:
    """Whether a line is boilerplate by itself: button, request to the reader, notice, footer, menu."""
    if len(line.text) > LONGEST_NOTICE or not line.count:
        return False
    line_words = line.words
    if words.has("boilerplate_line", line.plain) or _COPYRIGHT.match(line.text):
        return True
    if _is_menu_line(line, words) or _is_inline_link(line, words):
        return True
    if line.count <= LONGEST_REQUEST_WORDS and words.prefix("boilerplate_line_start", line_words):
        return not _SAID.intersection(line_words)
    if words.within("boilerplate_phrase", line.plain):
        return not _SAID.intersection(line_words)
    return (
        bool(_READER.intersection(line_words))
        and not _SAID.intersection(line_words)
        and line.text[0] not in "\"“'‘"
        and words.within("boilerplate_notice_noun", line.plain)
    )


def _is_menu_line(line: _Line, words: _Words) -> bool:
    """Whether a line is a menu or a trail: short entries between bars, one of which only menus have."""
    raw = [part for part in _SEPARATOR.split(line.text) if part.strip()]
    if len(raw) < 2 or any(len(part.split()) > LONGEST_ENTRY_WORDS for part in raw):
        return False
    parts = [_plain(part) for part in raw]
    marks = sum(words.has("navigation_mark", part) for part in parts)
    known = marks + sum(words.has("navigation_word", part) for part in parts)
    return marks > 0 and (len(parts) > 2 or known == 2)


def _is_inline_link(line: _Line, words: _Words) -> bool:
    """Whether a line is one link to another page: "Read more: <headline>"."""
    before, colon, after = line.text.partition(":")
    if not colon or not after.strip() or line.is_sentence:
        return False
    return words.has("boilerplate_inline_start", _plain(before))


def _find_menus(lines: Sequence[_Line], marked: Sequence[bool], words: _Words) -> Iterator[tuple[int, int]]:
    """Runs of short lines of which most are entries of menus and at least one is of nothing else."""
    for first, last in _runs(
        [
            (line.count <= LONGEST_MENU_WORDS and not line.is_sentence) or is_marked
            for line, is_marked in zip(lines, marked, strict=True)
        ]
    ):
        known = [
            i
            for i in range(first, last)
            if marked[i]
            or words.has("navigation_mark", lines[i].plain)
            or words.has("navigation_word", lines[i].plain)
        ]
        if not known:
            continue
        first, last = known[0], known[-1] + 1
        has_mark = any(words.has("navigation_mark", lines[i].plain) for i in known)
        if has_mark and last - first >= SHORTEST_MENU and 2 * len(known) >= last - first:
            yield first, last


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """The half-open index ranges of unbroken True."""
    edges = [i for i, (a, b) in enumerate(pairwise([False, *flags, False])) if a != b]
    yield from zip(edges[::2], edges[1::2], strict=True)


def _is_cue(line: _Line, words: _Words) -> bool:
    """Whether a line is the heading of a list of other pages."""
    if words.has("boilerplate_heading", line.plain):
        return True
    if not 0 < line.count <= LONGEST_HEADING_WORDS or line.is_sentence or line.text.endswith("?"):
        return False
    if words.prefix("boilerplate_heading_start", line.words):
        return True
    own = line.words
    for i in range(len(own)):
        modifier = words.prefix("boilerplate_heading_modifier", own[i:])
        noun = modifier and words.prefix("boilerplate_heading_noun", own[i + modifier :])
        rest = own[i + modifier + noun :]
        if noun and (not rest or (i == 0 and rest[0] in _AFTER_NOUN)):
            return True
    return False


def _find_lists(
    lines: Sequence[_Line], marked: Sequence[bool], words: _Words, first_sentence: int
) -> Iterator[tuple[int, int]]:
    """Headings of lists of other pages with the entries below them.

    Above the first sentence only lists with bullets count: without them nothing tells the last entry from the
    headline of the article ("World news", then its headline and byline).
    """
    i = 0
    while i < len(lines):
        if _is_cue(lines[i], words):
            last, items = _end_of_list(lines, marked, words, i + 1)
            is_in_head = i < first_sentence < len(lines) and not any(
                line.bullet for line in lines[i + 1 : i + 3]
            )
            if not is_in_head and (items > 1 or (items and last == len(lines))):
                yield i, last
                i = last
                continue
        i += 1


def _end_of_list(
    lines: Sequence[_Line], marked: Sequence[bool], words: _Words, start: int
) -> tuple[int, int]:
    """Where the list that begins at `start` ends, and how many entries it has."""
    items, last = 0, start
    bulleted = False
    after_bullet = False
    for i in range(start, len(lines)):
        line = lines[i]
        is_bulleted = line.bullet or after_bullet
        after_bullet = line.is_bullet_only
        if _is_cue(line, words):
            bulleted = False
        elif line.is_bullet_only or line.is_stamp or marked[i]:
            pass
        elif not (line.is_item or line.count == 1) or (
            bulleted and not is_bulleted and not _opens_more(lines, i)
        ):
            break
        else:
            items += line.is_item
            bulleted = bulleted or is_bulleted
        if not line.is_bullet_only:
            last = i + 1
    return last, items


def _opens_more(lines: Sequence[_Line], i: int) -> bool:
    """Whether a line without a bullet is the heading of more entries with bullets."""
    return lines[i].count <= LONGEST_HEADING_WORDS and i + 1 < len(lines) and lines[i + 1].bullet


def _find_link_runs(lines: Sequence[_Line], text: str) -> Iterator[tuple[int, int]]:
    """Runs of three or more lines of Markdown that are nothing but links."""
    flags = [
        bool(_LINK.search(line.text) and _LINK_LINE.fullmatch(text, line.start, line.end)) for line in lines
    ]
    for first, last in _runs(flags):
        if last - first > 2:
            yield first, last


def _find_teasers(lines: Sequence[_Line]) -> Iterator[tuple[int, int]]:
    """Headlines that alternate with "4 hours ago" or "3 min read", with the heading above them."""
    flags = [line.is_item or bool(_AGO.fullmatch(line.text)) or line.is_bullet_only for line in lines]
    for first, last in _runs(flags):
        stamps = [i for i in range(first, last) if _AGO.fullmatch(lines[i].text)]
        if len(stamps) > 1 and all(b - a <= 3 for a, b in pairwise(stamps)):
            yield max(first, stamps[0] - 2), stamps[-1] + 1

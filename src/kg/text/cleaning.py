"""A document's stored text, cleaned for reading, with the way back.

Quotes, spaces and hyphens are made uniform, invisible characters dropped, hard-wrapped lines joined, list
markers and Markdown markup taken out, and paragraphs parted by exactly one blank line. No word is added.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kg.model import Document, Span
from kg.text.markdown import find_markup

PARAGRAPH_BREAK = "\n\n"

#: Widths that texts are wrapped at; longer lines are whole paragraphs, a text of shorter ones is a list.
_NARROWEST_WRAP, _WIDEST_WRAP = 40, 132

_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_QUOTES = {"'": "‘’‚‛′ʼ`´", '"': "“”„‟″«»〝〞＂"}
_HYPHENS = "‐‑−﹣"
_SPACES = (
    "\t\x1f\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_UNIFORM = (
    {ord(c): plain for plain, curly in _QUOTES.items() for c in curly}
    | {ord(c): "-" for c in _HYPHENS}
    | {ord(c): " " for c in _SPACES}
    | {code: chr(code - 0xFEE0) for code in range(0xFF03, 0xFF5F)}
)
# Zero-width and directional marks, soft hyphens, byte-order marks, other controls, unpaired surrogates.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
)
_INVISIBLE_RUN = re.compile(f"[{_INVISIBLE}]+")
_SPARE_SPACES = re.compile(r"(?<= ) +|\A +| +\Z")
_SOFT_HYPHEN_END = re.compile("\xad[ \t]*\\Z")

_BULLET = re.compile(r"(?:[•‣◦▪▫●○■□◆◇▶►➢✓·∙]|[-*+–—](?= |\Z))\s*")
_DASH = re.compile(r"[–—] [^\W\d_]")
_ENUMERATOR = re.compile(
    r"(?:\((?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})\)|(?:\d{1,2}|[a-z]|[ivx]{1,5})[.)])(?:\s+|\Z)"
)
_SENTENCE_END = re.compile(r"[.!?:…][\"')\]]*\Z")
_OPEN_END = re.compile(
    r"(?:,|;|\b(?:a|an|and|as|at|but|by|for|from|in|into|its|nor|of|on|or|such|that|the|their|to|which|with))\Z"
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*\Z")
_FIRST_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True)
class CleanText:
    """A document's text made uniform.

    `offsets` gives, for each code point of `text`, the code point of the stored text that it stands for; it
    increases strictly, save that both line feeds of a paragraph break may stand for one stored code point.
    """

    text: str
    offsets: array[int]


@dataclass(slots=True)
class _Line:
    """One line: its uniform text, where each code point is stored, and how it stands to the line before."""

    text: str
    offsets: Sequence[int]
    after_blank: bool
    alone: bool
    soft_hyphen: bool


def clean(document: Document) -> CleanText:
    """The article text of `document`, uniform and unwrapped; never fails.

    Boilerplate is left out; a paragraph break stands in its place.
    """
    markup = find_markup(document.text) if document.media_type == "text/markdown" else None
    hidden = markup.hidden if markup else ()
    alone = markup.alone if markup else frozenset()
    lines = list(_read_lines(document.text, document.boilerplate, hidden, alone))
    return _Joiner(lines).join()


def _read_lines(
    text: str, boilerplate: Sequence[Span], hidden: Sequence[Span], alone: frozenset[int]
) -> Iterator[_Line]:
    """The lines that hold something, in order; `alone` are the offsets of lines that join with no other."""
    blank = True
    dropped = _Cursor(hidden)
    for span, after_break in _lines_outside(text, boilerplate):
        raw = text[span.start : span.end]
        uniform, offsets = _make_uniform(raw, span.start, dropped.overlapping(span))
        blank = blank or after_break
        if uniform:
            yield _Line(uniform, offsets, blank, span.start in alone, bool(_SOFT_HYPHEN_END.search(raw)))
        blank = not uniform and (blank or not dropped.touched)


def _lines_outside(text: str, boilerplate: Sequence[Span]) -> Iterator[tuple[Span, bool]]:
    """Each line's span outside boilerplate, and whether boilerplate lies between it and the line before."""
    start = 0
    kept: list[tuple[Span, bool]] = []
    for index, block in enumerate(boilerplate):
        kept.append((Span(start, block.start), index > 0))
        start = block.end
    kept.append((Span(start, len(text)), bool(boilerplate)))
    for area, broken in kept:
        begin = area.start
        for end in _LINE_ENDS.finditer(text, area.start, area.end):
            yield Span(begin, end.start()), broken
            begin, broken = end.end(), end[0] == "\u2029"
        yield Span(begin, area.end), broken


class _Cursor:
    """Walks sorted, disjoint spans beside a text that is read from start to end."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._next = 0
        self.touched = False

    def overlapping(self, area: Span) -> list[Span]:
        """The spans that overlap `area`, which must not begin before the area asked for last."""
        while self._next < len(self._spans) and self._spans[self._next].end <= area.start:
            self._next += 1
        found: list[Span] = []
        for index in range(self._next, len(self._spans)):
            if self._spans[index].start >= area.end:
                break
            found.append(self._spans[index])
        self.touched = bool(found)
        return found


def _make_uniform(raw: str, start: int, hidden: Iterable[Span]) -> tuple[str, Sequence[int]]:
    """`raw` with uniform characters and single spaces, and the stored offset of each code point kept."""
    uniform = raw.translate(_UNIFORM)
    offsets: Sequence[int] = range(start, start + len(raw))
    cuts = [(span.start - start, span.end - start) for span in hidden]
    if cuts:
        uniform, offsets = _cut(uniform, offsets, cuts)
    # Invisible characters go first: a run of spaces may have one in its middle.
    for pattern in (_INVISIBLE_RUN, _SPARE_SPACES):
        found = [match.span() for match in pattern.finditer(uniform)]
        if found:
            uniform, offsets = _cut(uniform, offsets, found)
    return uniform, offsets


def _cut(text: str, offsets: Sequence[int], cuts: Iterable[tuple[int, int]]) -> tuple[str, Sequence[int]]:
    """`text` and `offsets` without the sorted, disjoint ranges `cuts`, which may reach beyond the ends."""
    parts: list[str] = []
    kept: list[int] = []
    begin = 0
    for start, end in cuts:
        parts.append(text[begin : max(start, begin)])
        kept.extend(offsets[begin : max(start, begin)])
        begin = max(begin, end)
    parts.append(text[begin:])
    kept.extend(offsets[begin:])
    return "".join(parts), kept


class _Joiner:
    """Joins lines into paragraphs."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._lines = lines
        self._width = _wrap_width(lines)
        self._parts: list[str] = []
        self._offsets: array[int] = array("Q")
        self._seen = frozenset(
            word for line in lines for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)+", line.text.casefold())
        )

    def join(self) -> CleanText:
        """The whole text."""
        paragraph: _Line | None = None  # the last line of the paragraph so far
        words = 0
        for line in self._lines:
            if paragraph is None:
                if self._append(_without_marker(line)):
                    paragraph, words = line, _count_words(line)
                continue
            if self._continues(paragraph, line, words):
                self._glue(paragraph, line)
                words += _count_words(line)
                paragraph = line
                continue
            bare = _without_marker(line)
            if not bare.text:
                continue
            self._break(bare.offsets[0])
            self._append(bare)
            paragraph, words = line, _count_words(bare)
        return CleanText("".join(self._parts), self._offsets)

    def _append(self, line: _Line) -> bool:
        self._parts.append(line.text)
        self._offsets.extend(line.offsets)
        return bool(line.text)

    def _break(self, next_offset: int) -> None:
        self._parts.append(PARAGRAPH_BREAK)
        first = self._offsets[-1] + 1
        self._offsets.extend((first, max(first, next_offset - 1)))

    def _glue(self, last: _Line, line: _Line) -> None:
        """Appends `line` to the paragraph, with a space unless a word was broken at the line's end."""
        if last.soft_hyphen:
            self._append(line)
            return
        tail, head = re.search(r"([^\W\d_]+)-\Z", last.text), _FIRST_WORD.match(line.text)
        if (
            last.text.endswith("-")
            and len(last.text) > 1
            and (last.text[-2].isalnum() or last.text[-2] == ".")
        ):
            whole = f"{tail[1]}-{head[0]}".casefold() if tail and head else ""
            # A capital or a second hyphen tells of a compound ("U.S.-led", "command-and-control").
            broken_word = (
                tail is not None
                and head is not None
                and head[0][0].islower()
                and "-" not in head[0]
                and tail[1][1:].islower()
                and last.text[-len(tail[0]) - 1 : -len(tail[0])] not in ("-", ".")
                and whole not in self._seen
            )
            if broken_word:
                self._parts[-1] = self._parts[-1][:-1]
                self._offsets.pop()
            self._append(line)
            return
        self._parts.append(" ")
        self._offsets.append(self._offsets[-1] + 1)
        self._append(line)

    def _continues(self, last: _Line, line: _Line, words: int) -> bool:
        """Whether `line` goes on with the sentence or the wrapped paragraph that `last` is part of."""
        if last.alone or line.alone:
            return False
        ended = _SENTENCE_END.search(last.text) is not None
        if _BULLET.match(line.text):
            # A dash between words of one sentence may fall at the start of a wrapped line.
            inside = not line.after_blank and not ended and self._is_full(last, line)
            return inside and _DASH.match(line.text) is not None and line.text[2].islower()
        lower = line.text[0].islower()
        open_end = _OPEN_END.search(last.text) is not None
        if _ENUMERATOR.match(line.text) and (line.after_blank or ended or not self._is_full(last, line)):
            return False
        if line.after_blank:
            return not ended and lower and (open_end or (words >= 5 and last.text[-1].islower()))
        if lower and not ended:
            return True
        if self._is_full(last, line):
            return True
        return open_end and not ended and self._width is not None

    def _is_full(self, last: _Line, line: _Line) -> bool:
        """Whether the first word of `line` would not have fitted on `last` in this text's wrapping."""
        if self._width is None:
            return False
        words = line.text.split(" ", 2)
        # A dash is kept with the word that it leads.
        first_word = " ".join(words[:2]) if words[0] in ("-", "–", "—") else words[0]
        return len(last.text) + 1 + len(first_word) > self._width


def _wrap_width(lines: Sequence[_Line]) -> int | None:
    """The width this text was wrapped at, in code points; None where lines are whole paragraphs."""
    lengths = sorted(len(line.text) for line in lines)
    if len(lengths) < 2:
        return None
    width = lengths[(len(lengths) * 9) // 10 if len(lengths) >= 10 else -1]
    if not _NARROWEST_WRAP <= width <= _WIDEST_WRAP:
        return None
    wrapped = any(
        not after.after_blank
        and (after.text[0].islower() or after.text.startswith(("– ", "— ")))
        and not _ENUMERATOR.match(after.text)
        and not _SENTENCE_END.search(before.text)
        and len(before.text) >= 0.6 * width
        for before, after in pairwise(lines)
    )
    return width if wrapped else None


def _without_marker(line: _Line) -> _Line:
    """`line` without the bullets and numbers that lead a list item."""
    begin = 0
    while found := _BULLET.match(line.text, begin) or _ENUMERATOR.match(line.text, begin):
        begin = found.end()
    if begin == 0:
        return line
    return _Line(line.text[begin:], line.offsets[begin:], line.after_blank, line.alone, line.soft_hyphen)


def _count_words(line: _Line) -> int:
    return line.text.count(" ") + 1

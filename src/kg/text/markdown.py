"""Which code points of a Markdown text are markup (CommonMark 0.31, with tables and front matter)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.model import Span

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n.*?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"^[ ]{0,3}(#{1,6})(?=[ \t]|\r?$)[^\n]*?((?:[ \t]#+)?[ \t]*)\r?$", re.MULTILINE)
_SETEXT = re.compile(r"^[^\n]+\n[ ]{0,3}(?:=+|-+)[ \t]*\r?$", re.MULTILINE)
_QUOTE_MARK = re.compile(r"^(?:[ ]{0,3}>[ ]?)+", re.MULTILINE)
_RULE = re.compile(
    r"^[ ]{0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|=+[ \t]*)\r?$", re.MULTILINE
)
_FENCE = re.compile(r"^[ ]{0,3}(?:```|~~~)[^\n]*$", re.MULTILINE)
_DEFINITION = re.compile(r"^[ ]{0,3}\[[^\]\n]+\]:[ \t]*\S+[^\n]*$", re.MULTILINE)
_TABLE_ROW = re.compile(r"^[ \t]*\|[^\n]*\|[ \t]*\r?$", re.MULTILINE)
_TABLE_RULE = re.compile(
    r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*\r?$", re.MULTILINE
)
_IMAGE = re.compile(r"!\[[^\]\n]*\](?:\([^)\n]*\)|\[[^\]\n]*\])")
_LINK = re.compile(r"\[([^\[\]\n]*(?:\n[^\[\]\n]+)?)\](\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\]\n]*\])")
_AUTOLINK = re.compile(r"(<)(?:https?://|mailto:)[^>\s]+(>)")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>\n]*)?/?>")
_STRONG = re.compile(r"(\*{1,3}|_{2,3})(?=\S)([^*\n]+?(?:\n[^*\n]+?)?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w_])(_)(?=[^\s_])([^_\n]+?)(?<=\S)(_)(?![\w_])")
_STRUCK = re.compile(r"(~~)(?=\S)[^~\n]+(~~)")
_CODE = re.compile(r"(`+)[^`\n]+(\1)")
_ESCAPE = re.compile(r"(\\)[!-/:-@\[-`{-~]")


@dataclass(frozen=True)
class Markup:
    """Sorted, disjoint spans of markup, and the starts of lines that join with no other.

    Those are headings and rows of tables.
    """

    hidden: tuple[Span, ...]
    alone: frozenset[int]


def find_markup(text: str) -> Markup:
    """The markup in `text`; offsets are code points of `text`."""
    hidden = bytearray(len(text))

    def hide(start: int, end: int) -> None:
        hidden[start:end] = b"\1" * (end - start)

    whole = (_FRONT_MATTER, _COMMENT, _RULE, _FENCE, _DEFINITION, _TABLE_RULE, _IMAGE, _TAG, _QUOTE_MARK)
    for pattern in whole:
        for found in pattern.finditer(text):
            hide(*found.span())
    for pattern in (_HEADING, _AUTOLINK, _EMPHASIS, _STRUCK, _CODE, _ESCAPE):
        for found in pattern.finditer(text):
            for group in range(1, pattern.groups + 1):
                if pattern is not _EMPHASIS or group != 2:
                    hide(*found.span(group))
    for found in _STRONG.finditer(text):
        hide(*found.span(1))
        hide(found.end(2), found.end())
    for found in _LINK.finditer(text):
        hide(found.start(), found.start(1))
        hide(found.end(1), found.end())
    alone = {found.start() for pattern in (_HEADING, _SETEXT) for found in pattern.finditer(text)}
    for row in _TABLE_ROW.finditer(text):
        alone.add(row.start())
        for bar in re.finditer(r"\|", row[0]):
            hide(row.start() + bar.start(), row.start() + bar.end())
    spans = tuple(Span(*found.span()) for found in re.finditer(rb"\x01+", bytes(hidden)))
    return Markup(spans, frozenset(alone))

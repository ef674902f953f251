"""Dates in a text, resolved against the day it was published, as EDTF."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from spacy.tokens import Doc

from kg.catalog import Lexicon, load_catalog
from kg.mentions import dating
from kg.mentions.candidates import bounds, plain
from kg.mentions.date_chains import DateCandidate, date_by_weekday, is_dateline, join_ranges, lean_on_earlier
from kg.mentions.date_grammar import DateGrammar, Expression
from kg.mentions.dating import Extent, Reference, Tense
from kg.mentions.tense import TenseReader

ABSOLUTE, PARTIAL, RELATIVE, ANCHORED = "absolute", "partial", "relative", "duration-anchored"

_WORD_BEFORE = re.compile(r"([\w$€£&.'-]+)[ ]+[\"'(\[]*\Z")
_WORD_AFTER = re.compile(r"['\")\]]*[ -]([\w'-]+)")
_BOUNDS = re.compile(
    r"(?:(?<=[\s(\"'])|\A)(?P<word>[Ss]ince|[Uu]ntil|[Tt]ill|[Bb]y|[Bb]efore|[Aa]fter"
    r"|[Nn]o later than|[Nn]ot later than|[Aa]s early as|[Aa]s soon as"
    r"|[Aa]s late as|[Aa]round|[Aa]bout|[Cc]irca)"
    r"[ ](?:the[ ])?\Z"
)
_FULL_RULES = frozenset(
    {"iso", "iso-month", "numeric", "month-day", "day-month", "month-day-range", "day-month-range", "month"}
)
_RANGE_RULES = frozenset({"month-day-range", "day-month-range", "month-range", "year-range"})
_SEASON_OPENERS = frozenset({"in", "during", "by", "until", "since", "through", "throughout", "for"})
#: How far a verb that moves what was planned may stand before the old date, in code points.
_REACH_MOVING = 90


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date as worded in tokens ``[start_token, end_token)``.

    `edtf` is what it means (EDTF level 0 or 1), None where the words and the day of publication do not tell.
    `kind` is absolute (the words alone tell), partial (the year is left out), relative (told from the day of
    publication) or duration-anchored (open at one end, or a length of time from a known day). `partial` is
    the (month, day) that a partial date states. `ahead` says whether its clause looks ahead, None if unclear.
    """

    start_token: int
    end_token: int
    edtf: str | None
    kind: str
    text: str
    partial: tuple[int, int | None] | None = None
    ahead: bool | None = None
    heads: bool = False


class DateFinder:
    """Finds dates with the words of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._grammar = DateGrammar(lexicon)
        self._tense = TenseReader(lexicon)
        self._titles = frozenset(lexicon.entries("time_titles"))
        self._name_weekdays = frozenset(lexicon.entries("name_weekdays"))
        self._ambiguous = frozenset(lexicon.entries("ambiguous_months"))
        self._months = lexicon.entries("months")
        self._month_openers = frozenset(lexicon.entries("month_openers"))
        self._year_openers = frozenset(lexicon.entries("year_openers"))
        self._year_blockers = frozenset(lexicon.entries("year_blockers"))
        self._measures = frozenset(lexicon.entries("time_measures"))
        self._functions = frozenset(lexicon.entries("date_functions"))
        self._expecting = frozenset(lexicon.entries("future_cues"))
        moving = "|".join(sorted(map(re.escape, lexicon.forms("moving_verbs"))))
        self._moved = re.compile(rf"\b(?:{moving})\b[^.;!?]*\Z")

    def find(self, doc: Doc, issued: str | None) -> list[FoundDate]:
        """The dates of `doc` in order, without overlap; `issued` is the EDTF date of publication or None."""
        reference = dating.read_reference(issued)
        text = plain(doc)
        starts = [start for start, _ in bounds(doc)]
        candidates: list[DateCandidate] = []
        expressions = self._grammar.find(text)
        orders = {e.day_first for e in expressions if e.day_first is not None}
        for expression in self._unmoved(text, expressions):
            if not self._is_date(text, expression):
                continue
            start, bound = self._bound(text, expression)
            first = bisect_right(starts, start) - 1
            last = bisect_left(starts, expression.end)
            if candidates and candidates[-1].tokens[1] > first:
                continue
            tense = self._tense.read(doc, first, last)
            if bound == "since":
                tense = Tense.PAST
            elif bound in ("until", "by") and tense is Tense.UNKNOWN:
                tense = Tense.AHEAD
            candidate = DateCandidate(expression, start, bound, (first, last), tense)
            if expression.orders is not None and len(orders) == 1:
                candidate.extent = expression.orders[0 if True in orders else 1]
            candidate.superseded = self._is_superseded(text, expression)
            if candidates and candidates[-1].superseded:
                candidate.tense = Tense.AHEAD
            candidates.append(candidate)
        self._resolve(candidates, reference)
        if reference is None:
            date_by_weekday(doc, candidates)
            _fill_years(candidates)
        lean_on_earlier(candidates)
        return [
            _found(doc, candidate, reference is not None and is_dateline(doc, candidate, reference))
            for candidate in join_ranges(doc, candidates)
        ]

    def _unmoved(self, text: str, expressions: Sequence[Expression]) -> Iterator[Expression]:
        """The expressions; of "moved from 3 May to 4 June", which is no stretch of time, both days."""
        for expression in expressions:
            wording = text[expression.start : expression.end]
            to = wording.rfind(" to ")
            if expression.rule in _RANGE_RULES and to > 0 and wording[:5].lower() == "from ":
                before = text[max(0, expression.start - _REACH_MOVING) : expression.start]
                if self._moved.search(before):
                    for first, last in ((0, to), (to + 4, len(wording))):
                        for part in self._grammar.find(wording[first:last]):
                            start = expression.start + first + part.start
                            yield replace(part, start=start, end=start + part.end - part.start)
                    continue
            yield expression

    def _is_superseded(self, text: str, expression: Expression) -> bool:
        """Whether the date is the old one of what is put off: "postponed from 3 May to June"."""
        before = text[max(0, expression.start - _REACH_MOVING) : expression.start]
        if not before.endswith("from ") and text[expression.start : expression.start + 5].lower() != "from ":
            return False
        return text.startswith(" to ", expression.end) and self._moved.search(before) is not None

    # ------------------------------------------------------------------------------------- what is a date
    def _is_date(self, text: str, expression: Expression) -> bool:
        before = _last_word(text, expression.start)
        after = _next_word(text, expression.end)
        rule = expression.rule
        wording = text[expression.start : expression.end]
        # "Sunday Times", "October Revolution"; a lower-case noun is no part of a name.
        if after[:1].isupper() and after.lower() in self._titles and not wording[-1:].isdigit():
            return False
        if text.startswith(("-long", "-old", "-strong"), expression.end):
            return False  # "in a week-long exercise"
        if rule == "relative-season" and wording[:4].lower() == "the ":
            return before.lower() in _SEASON_OPENERS and after.lower() not in ("of", "in")
        if rule == "weekday":
            return before.lower() not in self._name_weekdays
        if rule == "month":
            return self._is_month(text, expression, before, after)
        if rule == "month-day":
            number = re.search(r"\d+\Z", wording)
            # "In May 20 ships left": "in" governs the month, the number counts.
            if number and before.lower() == "in" and re.match(r"[ ][a-z]+s\b", text[expression.end :]):
                return False
            return not (
                number and after.lower() in self._measures and after.lower() not in ("gmt", "utc", "hrs")
            )
        if rule == "day-month":
            return not (before.lower() in ("article", "chapter") or text[: expression.start].endswith("$"))
        if rule == "year":
            return self._is_year(text, expression, before, after)
        if rule in ("year-range", "iso-month"):
            return before.lower() not in self._year_blockers and after.lower() not in self._measures
        return True

    def _is_month(self, text: str, expression: Expression, before: str, after: str) -> bool:
        wording = text[expression.start : expression.end]
        word = wording.rstrip(".")
        if " " in word or "-" in word:
            return True
        lower = word.lower()
        opened = before.lower() in self._month_openers and (
            not before[:1].isupper() or _opens_sentence(text, expression.start)
        )
        full = lower in self._months and len(lower) > 4 and lower not in self._ambiguous
        if full:
            return not (after[:1].isupper() and before[:1].isupper() and not opened)
        if lower not in self._ambiguous:
            # An abbreviation alone needs an opener, and its full stop before a capital ("in Jan Novak's").
            return opened and (wording.endswith(".") or not after[:1].isupper())
        if opened and before.lower() in ("and", "or", "to", "of", "by", "for", "about"):
            # Names and verbs follow these too: "Theresa May and May's envoy"; a month beside them decides.
            earlier = _last_word(text, text.rfind(before, 0, expression.start))
            near_month = earlier.lower().rstrip(".") in self._months
            if before.lower() == "for" and earlier.lower() in self._expecting:
                return not after[:1].isupper()
            if before.lower() in ("and", "or", "to", "for"):
                return near_month
            return not after[:1].isupper() and not re.match(r"['’]s\b|,", text[expression.end :])
        if opened:
            return not (
                after[:1].isupper()
                and lower != "may"
                and before.lower() not in ("in", "since", "until", "this")
            )
        determined = before.lower() in ("the", "a", "an", "its", "their", "his", "her") or before.endswith(
            "'s"
        )
        return determined and after[:1].islower() and after.lower() not in self._functions

    def _is_year(self, text: str, expression: Expression, before: str, after: str) -> bool:
        number = int(text[expression.start : expression.end])
        lower, follows = before.lower(), after.lower()
        if lower.rstrip(".") in self._year_blockers or follows in self._measures:
            return False
        counted = (
            re.match(r"[ ][a-z]+s\b", text[expression.end :]) is not None and follows not in self._functions
        )
        if number % 50 == 0 and counted and lower not in ("the", "since", "until"):
            return False
        if number < 1800 or number > 2100:
            return lower in ("in", "since", "until", "of", "before", "after") and not counted
        opened = lower in self._year_openers or lower.endswith(("'s", "s'")) or lower in self._months
        if opened:
            return True
        mark = text[max(0, expression.start - 2) : expression.start].strip()
        return 1900 <= number <= 2100 and (
            mark in ("(", ",", "[", '"', "'") or before == "" or before[:1].isalpha()
        )

    # -------------------------------------------------------------------------------------- what bounds it
    def _bound(self, text: str, expression: Expression) -> tuple[int, str]:
        """Where the date begins with the word that bounds it ("since", "as early as"), and that word."""
        found = _BOUNDS.search(text, max(0, expression.start - 24), expression.start)
        if found is None:
            return expression.start, ""
        after = _next_word(text, expression.end)
        attached = text[expression.end : expression.end + 1] == " " and after[:1].islower()
        possessive = text[expression.end : expression.end + 2] in ("'s", "s'")
        # "after 2020 talks", "before Friday's vote": the preposition governs the noun, not the date.
        if possessive or (attached and after.lower() not in self._functions and not after.endswith("ly")):
            return expression.start, ""
        word = found["word"].lower()
        word = {
            "till": "until",
            "no later than": "by",
            "not later than": "by",
            "circa": "about",
            "around": "about",
        }.get(word, word)
        return found.start("word"), word

    # -------------------------------------------------------------------------------------- what it means
    def _resolve(self, candidates: Sequence[DateCandidate], reference: Reference | None) -> None:
        for candidate in candidates:
            expression = candidate.expression
            if expression.extent is not None:
                candidate.extent = expression.extent
            elif reference is not None and expression.from_reference is not None:
                candidate.extent = expression.from_reference(reference, candidate.tense)
            elif candidate.extent is None and reference is not None and expression.by_year is not None:
                candidate.extent = dating.choose_year(expression.by_year, reference, candidate.tense)
            if reference is not None and candidate.extent is not None:
                candidate.tense = _tense_of(candidate.extent, reference) or candidate.tense


def _tense_of(extent: Extent, reference: Reference) -> Tense | None:
    """The tense that a date wholly before or after the time of writing has; None for one that is neither."""
    if extent.last is not None and extent.last < reference.first:
        return Tense.PAST
    return Tense.AHEAD if extent.first is not None and extent.first > reference.last else None


def _fill_years(candidates: Sequence[DateCandidate]) -> None:
    """Gives dates without a year the one that fits best with the nearest full date of the text."""
    anchors = [
        (index, candidate.extent.first, candidate.tense)
        for index, candidate in enumerate(candidates)
        if candidate.expression.rule in _FULL_RULES
        and candidate.extent is not None
        and candidate.extent.first is not None
    ]
    if not anchors:
        return
    for index, candidate in enumerate(candidates):
        build = candidate.expression.by_year
        if candidate.extent is None and build is not None:
            _, day, tense = min(anchors, key=lambda anchor: (abs(anchor[0] - index), anchor[0]))
            candidate.extent = dating.near_anchor(build, day, tense)


def _found(doc: Doc, candidate: DateCandidate, heads: bool = False) -> FoundDate:
    expression, bound = candidate.expression, candidate.bound
    extent = candidate.extent
    kind = ABSOLUTE
    if expression.extent is None and expression.orders is None:
        kind = PARTIAL if expression.month_day is not None else RELATIVE
    if expression.rule in ("span",) or bound in ("since", "until", "by", "before", "after"):
        kind = ANCHORED
    if extent is not None:
        if bound == "about":
            extent = extent.approximately()
        elif bound in ("since", "after"):
            extent = extent.opened(start=False)
        elif bound in ("until", "by", "before"):
            extent = extent.opened(start=True)
    first, last = candidate.tokens
    return FoundDate(
        first,
        last,
        extent.edtf() if extent is not None and not candidate.superseded else None,
        kind,
        doc[first:last].text,
        expression.month_day,
        {Tense.PAST: False, Tense.AHEAD: True}.get(candidate.tense),
        heads,
    )


def _last_word(text: str, at: int) -> str:
    found = _WORD_BEFORE.search(text[max(0, at - 40) : at])
    return found[1] if found else ""


def _next_word(text: str, at: int) -> str:
    found = _WORD_AFTER.match(text, at)
    return found[1] if found else ""


def _opens_sentence(text: str, at: int) -> bool:
    """Whether the word before `at` is the first of its sentence."""
    before = text[max(0, at - 40) : at]
    return re.search(r"(?:\A|[.!?:;\"'(\n]\s*|[–—-][ ])[\w]+[ ]\Z", before) is not None


@lru_cache(maxsize=1)
def _shared_finder() -> DateFinder:
    return DateFinder(load_catalog().lexicon)


def find_dates(doc: Doc, issued: str | None) -> list[FoundDate]:
    """The dates of `doc`, in order and without overlap, by the built-in lexicon.

    `issued` is the EDTF date of publication; if it is None, relative expressions have no value, and a date
    without a year takes the one that fits the nearest full date of the text.
    """
    return _shared_finder().find(doc, issued)


def find_last_past_day(dates: Sequence[FoundDate]) -> date | None:
    """The latest day that the text dates by itself and does not look ahead to; None if there is none."""
    days = [
        date.fromisoformat(found.edtf)
        for found in dates
        if found.edtf
        and found.kind in (ABSOLUTE, PARTIAL)
        and found.ahead is not True
        and len(found.edtf) == 10
    ]
    return max(days, default=None)

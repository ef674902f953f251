"""What dates in English mean: each form of `kg.mentions.date_forms` with its reading.

The grammar reads characters, not tokens, so that any tokenizer may be used. Words come from the lexicon.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kg.catalog import Lexicon
from kg.mentions import dating
from kg.mentions.date_forms import NEEDED, compile_forms
from kg.mentions.dating import ByYear, Extent, Reference, Tense

FromReference = Callable[[Reference, Tense], Extent | None]
FromEarlier = Callable[[Extent], Extent | None]

_PARTS = {
    "early": "early",
    "mid": "mid",
    "late": "late",
    "beginning": "start",
    "start": "start",
    "middle": "middle",
    "end": "end",
    "close": "end",
    "first half": "first-half",
    "second half": "second-half",
    "latter half": "second-half",
    "first days": "start",
    "early days": "start",
    "opening days": "start",
    "last days": "end",
    "final days": "end",
    "closing days": "end",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A date as worded, at code points ``[start, end)``.

    One of these says what it means: `extent` (the words alone tell), `by_year` (the year is left out),
    `from_reference` (told from the time of writing), `from_earlier` (told from the date spoken of before) or
    `orders` (a numeric date read day first and month first). `month_day` is what a date without a year says,
    `day_first` what a numeric date tells of the order that its text writes in.
    """

    start: int
    end: int
    rule: str
    extent: Extent | None = None
    by_year: ByYear | None = None
    from_reference: FromReference | None = None
    from_earlier: FromEarlier | None = None
    orders: tuple[Extent, Extent] | None = None
    month_day: tuple[int, int | None] | None = None
    day_first: bool | None = None


@dataclass(frozen=True, slots=True)
class _Meaning:
    extent: Extent | None = None
    by_year: ByYear | None = None
    from_reference: FromReference | None = None
    from_earlier: FromEarlier | None = None
    orders: tuple[Extent, Extent] | None = None
    month_day: tuple[int, int | None] | None = None
    day_first: bool | None = None


_Reader = Callable[[re.Match[str]], _Meaning | None]


class DateGrammar:
    """All rules, compiled with the words of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._months = {word: int(number or 0) for word, number in lexicon.entries("months").items()}
        self._weekdays = {word: int(number or 0) for word, number in lexicon.entries("weekdays").items()}
        self._seasons = {word: int(code or 0) for word, code in lexicon.entries("seasons").items()}
        self._numbers = {w: int(n) for w, n in lexicon.entries("number_words").items() if n} | {
            "a": 1,
            "an": 1,
        }
        self._ordinals = {w: int(n) for w, n in lexicon.entries("ordinal_words").items() if n}
        self._days = {word: int(shift or 0) for word, shift in lexicon.entries("relative_days").items()}
        patterns = compile_forms(
            {
                "months": self._months,
                "weekdays": self._weekdays,
                "seasons": self._seasons,
                "numbers": self._numbers,
                "ordinals": self._ordinals,
                "days": self._days,
            }
        )
        readers = self._readers()
        self._rules = [(rule, pattern, readers[rule]) for rule, pattern in patterns.items()]

    def find(self, text: str) -> list[Expression]:
        """The dates in `text`, in order; of two that overlap the earlier one, then the longer one."""
        found: list[Expression] = []
        lower = text.lower()
        for name, pattern, reader in self._rules:
            if name in NEEDED and not any(needed in lower for needed in NEEDED[name]):
                continue
            for match in pattern.finditer(text):
                meaning = reader(match)
                if meaning is not None:
                    start, end = match.span("whole")
                    found.append(
                        Expression(
                            start,
                            end,
                            name,
                            meaning.extent,
                            meaning.by_year,
                            meaning.from_reference,
                            meaning.from_earlier,
                            meaning.orders,
                            meaning.month_day,
                            meaning.day_first,
                        )
                    )
        found.sort(key=lambda expression: (expression.start, -expression.end))
        kept: list[Expression] = []
        for expression in found:
            if not kept or expression.start >= kept[-1].end:
                kept.append(expression)
        return kept

    def _readers(self) -> dict[str, _Reader]:
        return {
            "iso": self._iso,
            "iso-month": self._iso,
            "numeric": self._numeric,
            "month-day-range": self._range,
            "day-month-range": self._range,
            "month-day": self._day,
            "day-month": self._day,
            "month-range": self._month_range,
            "month": self._month,
            "weekday": self._weekday,
            "week-of": self._week_of,
            "overnight": self._overnight,
            "year-end": self._year_end,
            "same": self._same,
            "in-the-day": self._same,
            "away": self._away,
            "today": self._today,
            "weekend": self._weekend,
            "unit": self._unit,
            "ago": self._ago,
            "span": self._span,
            "within": self._within,
            "monthday": self._monthday,
            "season": self._season,
            "relative-season": self._relative_season,
            "half": self._half,
            "quarter": self._half,
            "year-quarter": self._half,
            "fiscal": self._fiscal,
            "decade": self._decade,
            "century": self._century,
            "year-range": self._year_range,
            "part-year": self._part_year,
            "year": lambda match: _of(dating.year(int(match["y"]))),
        }

    def _iso(self, match: re.Match[str]) -> _Meaning | None:
        number = match.groupdict().get("d")
        if number is None:
            return _of(dating.month(int(match["y"]), int(match["m"])))
        return _of(dating.day(int(match["y"]), int(match["m"]), int(number)))

    def _numeric(self, match: re.Match[str]) -> _Meaning | None:
        one, two, number = int(match["a"]), int(match["b"]), int(match["y"])
        british, american = dating.day(number, two, one), dating.day(number, one, two)
        if british is None or american is None or british == american:
            order = (british is not None) if (british is None) != (american is None) else None
            only = british or american
            return _Meaning(extent=only, day_first=order if match["mark"] == "/" else None) if only else None
        # Full stops stand between numbers where the day comes first.
        return _of(british) if match["mark"] == "." else _Meaning(orders=(british, american))

    def _number(self, text: str) -> int:
        if text.isdigit():
            return int(text)
        return sum(self._numbers[part] for part in text.lower().split("-"))

    def _month_number(self, text: str) -> int:
        return self._months[text.lower()]

    def _dated(self, match: re.Match[str], by_year: ByYear, month: int, day: int | None) -> _Meaning | None:
        """A meaning by the year that the match states, tells from the time of writing, or leaves out."""
        if match["y"]:
            return _of(by_year(int(match["y"])))
        which = match["which"]
        if which:
            shift = {"last": -1, "this": 0, "next": 1}[which]
            return _Meaning(
                from_reference=lambda ref, _: by_year(ref.year + shift) if ref.year is not None else None
            )
        if not any(by_year(number) for number in range(2000, 2009)):
            return None
        return _Meaning(by_year=by_year, month_day=(month, day))

    def _day(self, match: re.Match[str]) -> _Meaning | None:
        month, number = self._month_number(match["m"]), int(re.sub(r"\D", "", match["d"]))
        return self._dated(match, lambda year: dating.day(year, month, number), month, number)

    def _range(self, match: re.Match[str]) -> _Meaning | None:
        whole = match["whole"]
        first = self._month_number(match["m"] or match["m2"])
        last = self._month_number(match["m2"] or match["m"])
        low, high = (int(re.sub(r"\D", "", match[group])) for group in ("d", "d2"))
        two_days = first == last and high == low + 1
        if " and " in whole and not two_days and not whole.startswith(("Between", "between")):
            return None

        def build(year: int) -> Extent | None:
            # A range over the turn of the year is dated by its end.
            return dating.join(dating.day(year - (first > last), first, low), dating.day(year, last, high))

        return self._dated(match, build, first, low)

    def _month_range(self, match: re.Match[str]) -> _Meaning | None:
        if " and " in match["whole"] and not match["whole"].startswith(("Between", "between")):
            return None
        first, last = self._month_number(match["m"]), self._month_number(match["m2"])

        def build(year: int) -> Extent | None:
            return dating.join(dating.month(year - (first > last), first), dating.month(year, last))

        return self._dated(match, build, first, None)

    def _month(self, match: re.Match[str]) -> _Meaning | None:
        number = self._month_number(match["m"])
        part = _part(match)

        def build(year: int) -> Extent | None:
            whole = dating.month(year, number)
            return dating.part_of(whole, part) if part else whole

        relative = match["rel"]
        if relative is None:
            return self._dated(match, build, number, None)
        if match["y"] or match["which"]:
            return None

        def resolve(reference: Reference, tense: Tense) -> Extent | None:
            now = reference.month
            if now is None:
                return None
            if relative == "this":
                return build(now.year)
            ahead = relative in ("next", "this coming", "the coming")
            step = 1 if ahead else -1
            for shift in range(1, 13):
                at = dating.shift_months(now, step * shift)
                if at.month == number:
                    return build(at.year)
            return None

        if relative == "this":
            return _Meaning(by_year=build, from_reference=resolve, month_day=(number, None))
        return _Meaning(from_reference=resolve)

    def _weekday(self, match: re.Match[str]) -> _Meaning | None:
        number, relative = self._weekdays[match["w"].lower()], match["rel"] or ""
        if match["week"] and not relative:
            shift = {"last": -1, "this": 0, "next": 1}[match["week"]]
            return _Meaning(from_reference=lambda ref, _: dating.weekday_of_week(ref, number, shift))

        def resolve(reference: Reference, tense: Tense) -> Extent | None:
            if reference.day is None:
                return None
            if relative in ("last", "this past", "the previous"):
                return dating.weekday_near(reference.day, number, ahead=False, strict=True)
            if relative in ("next", "this coming"):
                return dating.weekday_near(reference.day, number, ahead=True, strict=True)
            ahead = tense in (Tense.AHEAD, Tense.PRESENT)
            return dating.weekday_near(reference.day, number, ahead=ahead)

        return _Meaning(from_reference=resolve)

    def _week_of(self, match: re.Match[str]) -> _Meaning | None:
        month, word = self._month_number(match["m"]), match["o"].lower()
        number = {"last": 5, "final": 5, "closing": 5, "opening": 1}.get(word) or self._ordinal(word)
        if not 1 <= number <= 5:
            return None
        return self._dated(match, lambda year: dating.week_in(year, month, number), month, None)

    def _overnight(self, match: re.Match[str]) -> _Meaning:
        return _Meaning(from_reference=lambda ref, _: dating.duration(ref, "day", 1, ahead=False))

    def _year_end(self, match: re.Match[str]) -> _Meaning:
        unit = (match["u"] or match["u2"]).lower()
        return _Meaning(from_reference=lambda ref, _: dating.part_of(dating.unit_of(ref, unit, 0), "end"))

    def _same(self, match: re.Match[str]) -> _Meaning:
        """The day, month or year of the date spoken of before, or the one beside it."""
        unit = match["u"].lower()
        unit = unit if unit in ("week", "month", "year") else "day"
        which = (match.groupdict().get("which") or "same").lower()
        shift = {"following": 1, "next": 1, "previous": -1, "preceding": -1}.get(which, 0)
        back = which in ("previous", "preceding") and unit != "day"
        now = match["whole"].lower().endswith("in the day")
        return _Meaning(
            from_earlier=lambda earlier: dating.unit_beside(earlier, unit, shift),
            # "The previous year" of a text that has named no other.
            from_reference=(lambda ref, _: dating.unit_of(ref, unit, -1))
            if back
            else (lambda ref, _: dating.one_day(ref.day))
            if now
            else None,
        )

    def _away(self, match: re.Match[str]) -> _Meaning:
        unit, count = match["u"].lower(), self._number(match["n"])
        shift = -count if match["dir"].lower() in ("earlier", "previously") else count
        return _Meaning(from_earlier=lambda earlier: dating.unit_beside(earlier, unit, shift))

    def _ordinal(self, word: str) -> int:
        return self._ordinals.get(word) or int(re.sub(r"\D", "", word) or 0)

    def _today(self, match: re.Match[str]) -> _Meaning | None:
        shift = self._days[match["t"].lower()]
        return _Meaning(from_reference=lambda ref, _: dating.shift_days(ref, shift))

    def _weekend(self, match: re.Match[str]) -> _Meaning | None:
        relative = match["rel"].lower()

        def resolve(reference: Reference, tense: Tense) -> Extent | None:
            if reference.day is None:
                return None
            ahead = relative in ("next", "this coming") or (relative == "this" and tense is not Tense.PAST)
            ahead = ahead or (relative == "the" and tense is Tense.AHEAD)
            saturday = dating.weekday_near(reference.day, 6, ahead, strict=relative in ("next", "last")).first
            # On a Sunday "last weekend" is the one before.
            if saturday and relative == "last" and (reference.day - saturday).days < 2:
                saturday = dating.weekday_near(saturday, 6, ahead=False, strict=True).first
            return dating.join(
                dating.one_day(saturday),
                dating.one_day(saturday and dating.weekday_near(saturday, 7, ahead=True).first),
            )

        return _Meaning(from_reference=resolve)

    def _unit(self, match: re.Match[str]) -> _Meaning | None:
        unit, relative = match["u"].lower().split()[-1], match["rel"].lower()
        part, side = _part(match), (match["side"] or "").lower()
        if relative == "the" and not part:
            return None
        if relative == "the past":
            return (
                _Meaning(from_reference=lambda ref, _: dating.duration(ref, unit, 1, ahead=False))
                if not part
                else None
            )
        shift = {"last": -1, "next": 1, "the coming": 1}.get(relative, 0)

        def resolve(reference: Reference, tense: Tense) -> Extent | None:
            whole = dating.unit_of(reference, unit, shift)
            if whole is None or whole.first is None or whole.last is None:
                return None
            if part:
                return dating.part_of(whole, part)
            if side == "earlier" and whole.first <= reference.last <= whole.last:
                return Extent(whole.first, reference.last)
            if side == "later" and whole.first <= reference.first <= whole.last:
                return Extent(reference.first, whole.last)
            return whole

        return _Meaning(from_reference=resolve)

    def _ago(self, match: re.Match[str]) -> _Meaning | None:
        count = self._number(match["n"]) * (1 if match["dir"] != "ago" else -1)
        unit, approximate = match["u"].lower(), match["about"] is not None

        def resolve(reference: Reference, tense: Tense) -> Extent | None:
            extent = dating.unit_away(reference, unit, count)
            return extent.approximately() if extent and approximate else extent

        return _Meaning(from_reference=resolve)

    def _span(self, match: re.Match[str]) -> _Meaning | None:
        count, unit, ahead = (
            self._number(match["n"]),
            match["u"].lower(),
            match["rel"].lower() in ("next", "coming"),
        )
        return _Meaning(from_reference=lambda ref, _: dating.duration(ref, unit, count, ahead))

    def _within(self, match: re.Match[str]) -> _Meaning | None:
        count, unit, how = self._number(match["n"]), match["u"].lower(), match["how"].lower()

        def resolve(reference: Reference, tense: Tense) -> Extent | None:
            if tense is not Tense.AHEAD:
                return None
            return (
                dating.duration(reference, unit, count, True)
                if how == "within"
                else dating.unit_away(reference, unit, count)
            )

        return _Meaning(from_reference=resolve)

    def _monthday(self, match: re.Match[str]) -> _Meaning | None:
        number = int(re.sub(r"\D", "", match["d"]))

        def resolve(reference: Reference, tense: Tense) -> Extent | None:
            now = reference.month
            if now is None:
                return None
            around = [dating.shift_months(now, shift) for shift in (-2, -1, 0, 1, 2)]
            days = [
                found.first
                for at in around
                if (found := dating.day(at.year, at.month, number)) and found.first
            ]
            if tense is Tense.AHEAD:
                return dating.one_day(next((one for one in days if one >= reference.first), None))
            return dating.one_day(next((one for one in reversed(days) if one <= reference.last), None))

        return _Meaning(from_reference=resolve)

    def _season(self, match: re.Match[str]) -> _Meaning | None:
        return _of(dating.season(int(match["y"]), self._seasons[match["s"].lower()]))

    def _relative_season(self, match: re.Match[str]) -> _Meaning | None:
        code, relative = self._seasons[match["s"].lower()], match["rel"].lower()

        def resolve(reference: Reference, tense: Tense) -> Extent | None:
            if reference.month is None:
                return None
            near = [
                found for shift in (-1, 0, 1) if (found := dating.season(reference.first.year + shift, code))
            ]
            over = [found for found in near if found.last and found.last < reference.first]
            if relative in ("last", "this past", "the past"):
                return over[-1]
            to_come = [found for found in near if found.first and found.first > reference.last]
            if relative in ("next", "this coming", "the coming"):
                return to_come[0]
            now = [found for found in near if found not in over and found not in to_come]
            if now:
                return now[0]
            return over[-1] if tense is Tense.PAST else to_come[0]

        return _Meaning(from_reference=resolve)

    def _half(self, match: re.Match[str]) -> _Meaning | None:
        halves = match["u"].lower() in ("half", "h")
        last = 2 if halves else 4
        word = match["o"].lower()
        number = last if word == "last" else self._ordinal(word)
        if not 1 <= number <= last:
            return None
        length = 12 // last

        def build(year: int) -> Extent | None:
            return dating.months(year, (number - 1) * length + 1, number * length)

        if match["y"]:
            return _of(build(int(match["y"])))
        shift = {"last": -1, "next": 1}.get(match["rel"], 0)
        return _Meaning(
            from_reference=lambda ref, _: build(ref.year + shift) if ref.year is not None else None
        )

    def _fiscal(self, match: re.Match[str]) -> _Meaning | None:
        digits, end = match["y"].lstrip("'"), match["y2"]
        start = int(digits) if len(digits) == 4 else 2000 + int(digits)
        if end is None:
            return _of(dating.year(start))
        return _of(dating.years(start, int(end) if len(end) == 4 else start // 100 * 100 + int(end)))

    def _decade(self, match: re.Match[str]) -> _Meaning | None:
        digits = match["y"].lstrip("'")
        if len(digits) == 2 and not match["whole"].lower().startswith("the "):
            return None
        start = int(digits) if len(digits) == 4 else 1900 + int(digits)
        if start % 100 == 0 and start < 2000:
            return _of(dating.century(start // 100 + 1))
        return _of(dating.decade(start, match["part"]))

    def _century(self, match: re.Match[str]) -> _Meaning | None:
        number = int(match["c"]) if match["c"] else self._ordinals.get(match["o"].lower(), 0)
        return _of(dating.century(number)) if 11 <= number <= 21 else None

    def _year_range(self, match: re.Match[str]) -> _Meaning | None:
        whole = match["whole"]
        if " and " in whole and not whole.startswith(("Between", "between")):
            return None
        first, last = int(match["y"]), int(match["y2"])
        if last < 100:
            if not re.search(r"[-–/]\d\d\Z", whole):
                return None
            last += first // 100 * 100
        return _of(dating.years(first, last)) if last - first <= 300 else None

    def _part_year(self, match: re.Match[str]) -> _Meaning | None:
        part = _part(match)
        return _of(dating.part_of(dating.year(int(match["y"])), part)) if part else None


def _of(extent: Extent | None) -> _Meaning | None:
    return _Meaning(extent=extent) if extent is not None else None


def _part(match: re.Match[str]) -> str | None:
    word = match["part"] or match["hyphen"] or match["edge"]
    return _PARTS[word.lower()] if word else None

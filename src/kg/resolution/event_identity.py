"""Which events of different documents are one: same kind, same people or thing, same time; a plan and its outcome too.

Reports are taken one by one, the surest dated first, and join the occurrence they fit best: so the cost grows with the
number of reports, not with its square.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations

from kg.days import Days
from kg.model import Match, Verdict
from kg.resolution.knowledge import Happening, is_state
from kg.resolution.unions import Unions

#: How far a plan may slip, in days, and still be the same event; twice a month, the longest slip commonly reported.
_SLIP = timedelta(days=62)
#: How long after a document's day a plan without a date may come true.
_UNDATED_PLAN = timedelta(days=90)
#: How long before a document's day an event happened that the document does not date.
_NEWS = timedelta(days=14)
#: How long after an event a document may still speak of it as planned: dates of documents are sometimes inferred.
_LATE_PLAN = timedelta(days=3)
#: How far apart the days are that two reports give for one event, where one of them is wrong.
_MISDATED = timedelta(days=2)
_SHORT = 7  # days that a date may cover for two states' meeting to be told by it
_MOST_PEOPLE = 6  # participants whose pairs are keys
_VAGUE = "Event"
_DAY = timedelta(days=1)


@dataclass(slots=True)
class _Report:
    """A happening by canonical ends, and the days it may mean."""

    iri: str
    kind: str
    words: str
    document: str
    reported: date | None
    people: frozenset[str]
    states: frozenset[str]
    places: frozenset[str]
    concerns: frozenset[str]
    days: Days | None
    planned: bool
    window: tuple[date, date]
    telling: frozenset[str]

    @property
    def order(self) -> tuple[int, date, date, str]:
        """Reports of what was held on a day first, then what was held, then plans, each from the shortest window."""
        length = (self.window[1] - self.window[0]).days
        sure = 0 if self.days is not None and not self.planned else 1 if not self.planned else 2
        return (sure * 100_000 + min(length, 99_999), *self.window, self.iri)

    def keys(self) -> Iterator[tuple[str, ...]]:
        """What two reports must share one of to be compared."""
        people = sorted(self.people)[:_MOST_PEOPLE]
        for pair in combinations(people, 2):
            yield (self.kind, *pair)
        for person in people:
            for place in sorted(self.places):
                yield (self.kind, person, place)
            for thing in sorted(self.concerns):
                yield (self.kind, person, thing)
        for pair in combinations(sorted(self.states)[:_MOST_PEOPLE], 2):
            yield (self.kind, *pair)
        if self.kind != _VAGUE:
            for thing in sorted(self.concerns):
                yield (self.kind, thing)
            for where in (*people, *sorted(p for p in self.places if not is_state(p))):
                for word in sorted(self.telling):
                    yield (self.kind, where, word)


@dataclass(slots=True)
class _Occurrence:
    """Reports that are one event."""

    reports: list[_Report] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    concerns: set[str] = field(default_factory=set)
    telling: set[str] = field(default_factory=set)
    held: Days | None = None
    latest_plan: date | None = None
    windows: set[tuple[date, date]] = field(default_factory=set)
    circles: set[frozenset[str]] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)

    @property
    def iri(self) -> str:
        """The IRI of the first report."""
        return self.reports[0].iri

    def add(self, report: _Report) -> None:
        """Take a report in."""
        self.reports.append(report)
        self.people |= report.people
        self.states |= report.states
        self.places |= report.places
        self.concerns |= report.concerns
        self.telling |= report.telling
        self.windows.add(report.window)
        self.circles.add(report.people)
        self.documents.add(report.document)
        if report.planned:
            day = report.reported
            if day is not None and (self.latest_plan is None or day > self.latest_plan):
                self.latest_plan = day
        elif report.days is not None:
            self.held = report.days if self.held is None else _narrower(self.held, report.days)


def match_events(
    happenings: Iterable[Happening],
    find: Callable[[str], str],
    common: Collection[str],
    unions: Unions,
    matches: list[Match],
) -> None:
    """Join what is one event; `find` leads to canonical people and things, `common` are words that tell no event.

    Two reports are one event if their kind agrees, what they say of people, places and things does, and they may mean
    one day. A plan is the event that was reported later with its people within `_SLIP` of the planned days. Two
    reports of what was held on different days are one only if the days are next to each other, and all else agrees.
    """
    reports = sorted((r for h in happenings if (r := _report(h, find, common))), key=lambda r: r.order)
    index: defaultdict[tuple[str, ...], list[tuple[date, int]]] = defaultdict(list)
    occurrences: list[_Occurrence] = []
    for report in reports:
        fitting: dict[int, tuple[float, ...]] = {}
        keys = list(report.keys())
        for key in keys:
            for number in _near(index[key], report.window):
                if number not in fitting and (fit := _fit(occurrences[number], report)) is not None:
                    fitting[number] = fit
        home = _join(report, fitting, occurrences, unions, matches)
        if home is None:
            home = len(occurrences)
            occurrences.append(_Occurrence())
        occurrences[home].add(report)
        for other in fitting:
            if other != home:
                _unite(occurrences[home], occurrences[other], unions, matches)
        for key in dict.fromkeys(keys):
            entry = (report.window[0], home)
            place = bisect_left(index[key], entry)
            if place == len(index[key]) or index[key][place] != entry:
                insort(index[key], entry)


def match_vague(
    happenings: Iterable[Happening], find: Callable[[str], str], unions: Unions, matches: list[Match]
) -> None:
    """Join events of no kind ("the transition", "the upgrade") of one thing, told once each beside one other event."""
    by_document: defaultdict[str, list[Happening]] = defaultdict(list)
    for h in happenings:
        by_document[h.document].append(h)
    groups: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for told in by_document.values():
        vague: defaultdict[str, list[str]] = defaultdict(list)
        for h in told:
            if h.kind == _VAGUE and not h.people:
                for thing in {t for t in map(find, h.concerns) if not is_state(t)}:
                    vague[thing].append(h.iri)
        if not vague:
            continue
        shared = sorted(
            {e for h in told if len(h.people) > 1 for e in [find(h.iri)] if len(unions.members(e)) > 1}
        )
        for thing, told_of in sorted(vague.items()):
            for event in shared if len(told_of) == 1 else ():
                groups[thing, event].add(told_of[0])
    for (thing, _), iris in sorted(groups.items()):
        first, *others = sorted(iris)
        for other in others:
            if find(first) != find(other) and unions.join(first, other):
                why = (
                    f"+ of one thing: {thing.rsplit('/', 1)[-1]}",
                    "+ both documents report one other event",
                )
                matches.append(Match(first, other, Verdict.SAME, 80, why))


def _join(
    report: _Report,
    fitting: Mapping[int, tuple[float, ...]],
    occurrences: Sequence[_Occurrence],
    unions: Unions,
    matches: list[Match],
) -> int | None:
    """The number of the occurrence that the report now is part of, or None."""
    for number in sorted(fitting, key=lambda n: (tuple(-x for x in fitting[n]), n)):
        home = occurrences[number]
        if unions.join(home.iri, report.iri):
            low, high = sorted((home.iri, report.iri))
            matches.append(Match(low, high, Verdict.SAME, _score(fitting[number]), _because(home, report)))
            return number
    return None


def _unite(one: _Occurrence, other: _Occurrence, unions: Unions, matches: list[Match]) -> None:
    """Make two occurrences one that a report fits both of, if one of them is made of plans that each fit the other."""
    home, plans = (one, other) if other.held is None else (other, one)
    if plans.held is not None or not all(_fit(home, r) is not None for r in plans.reports):
        return
    if unions.join(home.iri, plans.iri):
        for report in plans.reports:
            low, high = sorted((home.iri, report.iri))
            matches.append(Match(low, high, Verdict.SAME, 75, _because(home, report)))
            home.add(report)


def _report(h: Happening, find: Callable[[str], str], common: Collection[str]) -> _Report | None:
    """The happening with the days it may mean; None if nothing tells them or who or what it is about."""
    window = _window(h)
    ends = {find(p) for p in h.people}
    states = frozenset(p for p in ends if is_state(p))
    concerns = frozenset(t for t in map(find, h.concerns) if not is_state(t))
    places = frozenset(map(find, h.places))
    telling = frozenset(w for w in h.words.split() if len(w) > 3 and w not in common)
    if window is None or not (ends or concerns or (places and telling)):
        return None
    people = frozenset(ends) - states
    return _Report(
        h.iri,
        h.kind,
        h.words,
        h.document,
        h.reported,
        people,
        states,
        places,
        concerns,
        h.days,
        h.planned,
        window,
        telling,
    )


def _window(h: Happening) -> tuple[date, date] | None:
    """First and last day that the happening may mean, slips of plans and habits of the news allowed for."""
    if h.days is not None:
        first, last = h.days.first or h.days.last, h.days.last or h.days.first
        if first is None or last is None:
            return None
        return (_shift(first, -_SLIP), _shift(last, _SLIP)) if h.planned else (first, last)
    if h.reported is None:
        return None
    if h.planned:
        return _shift(h.reported, -_LATE_PLAN), _shift(h.reported, _UNDATED_PLAN)
    return _shift(h.reported, -_NEWS), h.reported


def _shift(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return day


def _near(entries: Sequence[tuple[date, int]], window: tuple[date, date]) -> Iterator[int]:
    """Occurrences one of whose reports begins at most half a year before the window and not after it."""
    start = bisect_left(entries, (_shift(window[0], -4 * _SLIP), -1))
    end = bisect_left(entries, (_shift(window[1], _DAY + _MISDATED), -1))
    yield from dict.fromkeys(number for _, number in entries[start:end])


def _fit(home: _Occurrence, report: _Report) -> tuple[float, ...] | None:
    """How well a report fits an occurrence, the most important first; None if it does not.

    What one document tells as two events are two.
    """
    if report.document in home.documents and all(r.iri != report.iri for r in home.reports):
        return None
    who = _people_fit(home, report)
    if who is None or not (_days_fit(home, report) or _misdated(home, report)):
        return None
    gap = min(_gap(w, report.window) for w in home.windows)
    place = bool(home.places & report.places)
    sure = home.held is not None
    return (-gap, who, place, sure)


def _people_fit(home: _Occurrence, report: _Report) -> float | None:
    """How much those involved speak for one event (0 to 1); None if they speak against it or say too little."""
    shared = home.people & report.people
    place = bool(home.places & report.places)
    thing = bool(home.concerns & report.concerns)
    words = bool(home.telling & report.telling)
    if shared:
        nested = any(c and (c <= report.people or report.people <= c) for c in home.circles)
        if nested and (len(shared) > 1 or place or thing or words):
            return 1.0
        return 0.7 if len(shared) > 2 and place else None
    if home.people and report.people:
        return None
    if thing and report.kind != _VAGUE:
        return 0.8
    if words and any(not is_state(p) for p in home.places & report.places):
        return 0.5
    dated = home.held is not None and report.days is not None and report.days.length <= _SHORT
    if len(home.states & report.states) > 1 and home.states == report.states and dated and not report.planned:
        return 0.6
    return None


def _days_fit(home: _Occurrence, report: _Report) -> bool:
    if report.planned:
        if home.held is not None and home.held.last is not None:
            if report.reported is not None and report.reported > home.held.last + _LATE_PLAN:
                return False
            return _overlap((home.held.first or home.held.last, home.held.last), report.window)
        return any(_overlap(w, report.window) for w in home.windows)
    if report.days is not None:
        if home.held is not None:
            return home.held.overlaps(report.days)
        last = report.days.last
        if home.latest_plan is not None and last is not None and home.latest_plan > last + _LATE_PLAN:
            return False
    return any(_overlap(w, report.window) for w in home.windows)


def _misdated(home: _Occurrence, report: _Report) -> bool:
    """Whether two days are given for one event: next to each other, with all the same people in the same town."""
    if report.planned or report.days is None or home.held is None:
        return False
    days = (home.held.first, home.held.last, report.days.first, report.days.last)
    if None in days or home.held.length > 1 or report.days.length > 1:
        return False
    near = abs(home.held.first - report.days.first) <= _MISDATED  # type: ignore[operator]
    town = any(not is_state(p) for p in home.places & report.places)
    return near and town and len(report.people) > 1 and report.people == home.people


def _overlap(one: tuple[date, date], other: tuple[date, date]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _gap(one: tuple[date, date], other: tuple[date, date]) -> int:
    """Days between the middles of two windows, in weeks."""
    middles = [w[0].toordinal() + w[1].toordinal() for w in (one, other)]
    return abs(middles[0] - middles[1]) // 14


def _narrower(one: Days, other: Days) -> Days:
    return min((one, other), key=lambda d: (d.length, d.first or date.min, d.last or date.max))


def _score(fit: tuple[float, ...]) -> int:
    gap, who, place, _ = fit
    return max(60, min(98, round(70 + 20 * who + 5 * place + max(-10, gap))))


def _because(home: _Occurrence, report: _Report) -> tuple[str, ...]:
    reasons = [f"+ one kind of event: {report.kind}"]
    for what, ends in (
        ("people", home.people & report.people),
        ("states", home.states & report.states),
        ("places", home.places & report.places),
        ("things", home.concerns & report.concerns),
        ("words", home.telling & report.telling),
    ):
        if ends:
            reasons.append(f"+ {what}: {', '.join(sorted(e.rsplit('/', 1)[-1] for e in ends))}")
    if report.planned and home.held is not None:
        reasons.append("+ a plan, and what came of it")
    reasons.append("+ they may mean one day")
    return tuple(reasons)

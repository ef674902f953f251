"""Aligning the dump's events with the annotated ones, and scoring their slots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from kg.evaluation.dates import are_compatible, same_days
from kg.evaluation.gold import TOP_OF, GoldDocument, GoldEvent
from kg.evaluation.sides import Side
from kg.evaluation.tally import Ledger, Outcome


class _Fit(NamedTuple):
    """How a dump's event fits an annotated one; `loose`: only because the class Other takes any class."""

    fits: bool
    why_not: str
    score: float
    loose: bool


def _met(gold: GoldDocument, wanted: Iterable[str], found: set[str | None]) -> set[str]:
    """The wanted ids that were found, a country standing for its government and back."""
    return {g for g in wanted if g in found or gold.governments.get(g, set()) & found}


def _containing_and_contained(gold: GoldDocument, places: Iterable[str]) -> tuple[set[str], set[str]]:
    wanted = set(places)
    containing = {up for place in wanted for up in gold.containers.get(place, set())}
    contained = {place for place, ups in gold.containers.items() if ups & wanted}
    return containing, contained


def _own_classes(side: Side, event: str) -> list[str]:
    plain = ("Event", "Other")
    return sorted(c for c in side.dump.classes(event) if TOP_OF.get(c) == "Event" and c not in plain)


@dataclass(frozen=True)
class _Comparison:
    side: Side
    lenient_dates: bool

    @property
    def one_slot(self) -> bool:
        """Whether the dump does not tell participants from concerns."""
        return not {"participant", "concerns"} <= self.side.dump.event_relations

    def fit(self, gold: GoldEvent, event: str) -> _Fit:
        side, slots = self.side, self.side.events[event]
        values = slots.values
        own = set(_own_classes(side, event)) or {"Other"}
        rank = (
            3 if gold.classes[0] in own else 2 if own & set(gold.classes) else int(gold.classes[0] == "Other")
        )
        participants = side.gold_ids(values["participant"], role=True)
        places, concerns = side.gold_ids(values["location"]), side.gold_ids(values["concerns"])
        met = _met(side.gold, gold.participant, participants | concerns if self.one_slot else participants)
        date_fits = self._date_fits(gold, values["date"])
        overlap = bool(side.overlaps(slots.claims, gold.quotes))
        exact = any(same_days(d, g) for d in values["date"] for g in gold.dates if g)
        wanted_places = set(gold.location) | gold.optional["location"]
        at = bool(places & (wanted_places | _containing_and_contained(side.gold, wanted_places)[0]))
        about = bool(
            (concerns | participants)
            & (set(gold.concerns) | (gold.optional["concerns"] & concerns) | gold.optional["participant"])
        )
        named = bool(side.keys[event] & gold.keys)
        extra = participants - gold.optional["participant"] - set(gold.concerns)
        union = len(set(gold.participant) | extra) or 1
        status_fits = {side.status(value) for value in values["status"]} <= gold.status
        score = (
            2 * rank
            + 3 * len(met) / union
            + 2 * overlap
            + 2 * named
            + exact
            + at
            + about * 0.5
            + status_fits * 0.25
        )
        why_not = (
            "class"
            if not rank
            else "participants"
            if len(met) * 2 < len(gold.participant)
            else "nothing in common"
            if not gold.participant and not (overlap or exact or at or about or named)
            else "date"
            if not date_fits
            else ""
        )
        return _Fit(not why_not, why_not, score, rank == 1 and not overlap and not named)

    def _date_fits(self, gold: GoldEvent, dates: list[str]) -> bool:
        if gold.date is None:
            return True
        if not dates:
            return None in gold.dates or self.lenient_dates
        return any(are_compatible(d, g) for d in dates for g in gold.dates if g)


def align_events(side: Side, lenient_dates: bool, ledger: Ledger) -> None:
    """Fill `side.aligned_events`, and count events and slots that are right, wrong, missed or neutral."""
    gold = side.gold
    comparison = _Comparison(side, lenient_dates)
    fits: dict[tuple[str, str], _Fit] = {}
    events_concern_events = any(c.predicate == "concerns" and c.object in side.events for c in side.claims)
    for _ in range(1 + events_concern_events):
        fits = {
            (g.id, event): comparison.fit(g, event)
            for g in gold.events.values()
            for event in side.events
            if event not in side.refused
        }
        firm = {event for (_, event), fit in fits.items() if fit.fits and not fit.loose}
        order = sorted(
            (-fit.score, not gold.events[g].required, g, event)
            for (g, event), fit in fits.items()
            if fit.fits and not (fit.loose and event in firm)
        )
        taken: set[str] = set()
        aligned: dict[str, str] = {}
        for _, _, g, event in order:
            if g not in taken and event not in aligned:
                aligned[event] = g
                taken.add(g)
        side.aligned_events = aligned
    found = set(side.aligned_events.values())
    for event in sorted(side.events):
        if event in side.aligned_events:
            thing = gold.events[side.aligned_events[event]]
            outcome = Outcome.RIGHT if thing.required else Outcome.NEUTRAL
            ledger.record("events", gold.stem, outcome, "event", thing.classes[0])
            if thing.required:
                _score_slots(side, thing, event, comparison.one_slot, ledger)
        else:
            name = (_own_classes(side, event) or ["Other"])[0]
            ledger.record("events", gold.stem, Outcome.WRONG, "event", name)
            _note_wrong(side, event, fits, found, ledger)
    for thing in gold.events.values():
        if thing.required and thing.id not in found:
            ledger.record("events", gold.stem, Outcome.MISSED, "event", thing.classes[0])
            status = "/".join(sorted(str(s) for s in thing.status))
            what = (
                f"{thing.classes[0]} {thing.label} [{', '.join(thing.participant)}; "
                f"{', '.join(thing.location)}; {thing.date}; {status}]"
            )
            ledger.note("event-missed", gold.stem, what, thing.quotes[0] if thing.quotes else "")


def _describe(side: Side, event: str) -> str:
    values, dump = side.events[event].values, side.dump
    own = (_own_classes(side, event) or ["Event"])[0]
    return (
        f"{own} {dump.name(event)} [{dump.names(values['participant'])}; "
        f"{dump.names(values['location'])}; {', '.join(values['date'])}; "
        f"{', '.join(sorted(side.status(s) for s in values['status']))}]"
    )


def _note_wrong(
    side: Side, event: str, fits: dict[tuple[str, str], _Fit], found: set[str], ledger: Ledger
) -> None:
    gold = side.gold
    mine = [(-fit.score, g, fit) for (g, e), fit in fits.items() if e == event]
    alike = sorted((score, g) for score, g, fit in mine if fit.fits and not fit.loose)
    close = sorted(
        (score, g) for score, g, fit in mine if fit.why_not in ("date", "participants") and g not in found
    )
    passages = (side.dump.passage(c) for c in side.events[event].claims)
    quote = next((text for text in passages if text), "") or side.context(side.surfaces[event])
    what = _describe(side, event)
    if event in side.refused:
        kind = side.refused[event]
    elif alike:
        kind = "duplicate"
        what += f" like {gold.events[alike[0][1]].label}"
    elif close:
        thing = gold.events[close[0][1]]
        kind = fits[thing.id, event].why_not
        what += f" for gold {thing.label} [{', '.join(thing.participant)}; {thing.date}]"
    else:
        kind = "spurious"
    ledger.note(f"event-{kind}", gold.stem, what, quote)


@dataclass(frozen=True)
class _SlotCounter:
    """Counts the outcomes of one event's slots; `concerns` is shown but not summed."""

    side: Side
    label: str
    quote: str
    ledger: Ledger
    event: str

    def judge(self, slot: str, value: str, right: bool) -> None:
        """Keep whether the event's claims of `value` in `slot` are right, with the confidence of the surest."""
        claims = [c for c in self.side.events[self.event].claims if c.predicate == slot and c.object == value]
        self.ledger.judge(
            max((c.confidence for c in claims if c.confidence is not None), default=None), right
        )

    def count(self, slot: str, outcome: Outcome, detail: str | None = None, times: int = 1) -> None:
        self.ledger.count("slot", slot, outcome, times)
        if slot != "concerns":
            self.ledger.count("slot", "all", outcome, times)
        if detail:
            self.ledger.note(f"slot-{slot}", self.side.gold.stem, f"{self.label}: {detail}", self.quote)


def _score_slots(side: Side, thing: GoldEvent, event: str, one_slot: bool, ledger: Ledger) -> None:
    slots = side.events[event]
    quote = side.dump.passage(slots.claims[0]) if slots.claims else ""
    counter = _SlotCounter(side, thing.label, quote, ledger, event)
    _score_participants(side, thing, event, one_slot, counter)
    _score_location(side, thing, slots.values["location"], counter)
    _score_date(thing, slots.values["date"], counter)
    found = {side.status(value) for value in slots.values["status"]}
    if thing.status - {None}:
        for value in sorted(set(slots.values["status"])):
            counter.judge("status", value, side.status(value) in thing.status)
    wanted = "/".join(sorted(str(s) for s in thing.status))
    if thing.status - {None}:
        if found & thing.status:
            counter.count("status", Outcome.RIGHT)
        else:
            counter.count("status", Outcome.MISSED, f"status {wanted} missed")
    for status in sorted(found - thing.status):
        counter.count("status", Outcome.WRONG, f"status {status}, gold {wanted}")


def _score_participants(
    side: Side, thing: GoldEvent, event: str, one_slot: bool, counter: _SlotCounter
) -> None:
    values, governments = side.events[event].values, side.gold.governments
    for slot, wanted, other in (
        ("participant", thing.participant, thing.concerns),
        ("concerns", thing.concerns, thing.participant),
    ):
        other_slot = "concerns" if slot == "participant" else "participant"
        ids = {value: side.find_gold(value, role=True) for value in set(values[slot])}
        both = side.gold_ids(values["participant"] + values["concerns"], role=True)
        met = _met(side.gold, wanted, both if one_slot else set(ids.values()))
        fine = set(wanted) | thing.optional[slot] | set(other) | thing.optional[other_slot]
        fine |= {g for w in wanted for g in governments.get(w, set())}
        counter.count(slot, Outcome.RIGHT, times=len(met))
        for gold_id in sorted(set(wanted) - met):
            counter.count(slot, Outcome.MISSED, f"{slot} {gold_id} missed")
        for value in sorted(ids):
            counter.judge(slot, value, ids[value] in fine)
            if ids[value] not in fine:
                counter.count(slot, Outcome.WRONG, f"{slot} {side.dump.name(value)} wrong")


def _score_location(side: Side, thing: GoldEvent, values: list[str], counter: _SlotCounter) -> None:
    wanted = set(thing.location) | thing.optional["location"]
    containing, contained = _containing_and_contained(side.gold, wanted)
    ids = {value: side.find_gold(value) for value in set(values)}
    if thing.location:  # one of several is enough
        if any(gold_id in wanted | containing for gold_id in ids.values()):
            counter.count("location", Outcome.RIGHT)
        else:
            counter.count("location", Outcome.MISSED, f"location {'/'.join(thing.location)} missed")
    for value in sorted(ids):
        counter.judge("location", value, ids[value] in wanted | containing | contained)
        if ids[value] not in wanted | containing | contained:
            counter.count("location", Outcome.WRONG, f"location {side.dump.name(value)} wrong")


def _score_date(thing: GoldEvent, values: list[str], counter: _SlotCounter) -> None:
    dates = sorted(set(values))
    right = [d for d in dates if any(same_days(d, g) for g in thing.dates if g)]
    if thing.date is not None and (right or dates or None not in thing.dates):
        if right:
            counter.count("date", Outcome.RIGHT)
        else:
            counter.count("date", Outcome.MISSED, f"date {thing.date} missed")
    for date in dates:
        counter.judge("date", date, date in right)
        if date not in right:
            counter.count("date", Outcome.WRONG, f"date {date}, gold {thing.date}")

"""Which triggers speak of one event in one document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.days import find_days
from kg.model import Mention, Statement, Status

_SPOKEN_OF_AGAIN = frozenset({"Meeting", "PhoneCall", "Visit", "Ceremony", "Exercise"})
_LOOK_BACK = 50  # events of a class that a trigger is compared with, the latest first
_DAY = 10  # code points of an EDTF day
_EXPLICIT = 85  # confidence of a status that the words state; a default one is lower
_TOLD = 83  # confidence of "held" where a verb in the past tells it
#: Classes of places of which an event has one: two cities, two bases. A part and its whole are of different classes.
_ONE_OF = frozenset({"City", "Country", "MilitaryBase", "Airfield", "Port", "Island"})
#: Classes whose events are told apart by what is signed, set up or built.
_OF_ONE_THING = frozenset({"Signing", "Establishment", "Construction"})
#: Nouns for an event of any class that was spoken of before: "took part in the event".
_ANY_CLASS = frozenset({"event"})
#: Verbs for what people do when they meet or telephone.
_TALKS = frozenset({"discuss", "exchange views"})
#: Verbs that name more who take part in the event spoken of last ("Two frigates took part.").
_JOINING = frozenset({("take", "Event"), ("participate", "Event")})
#: Ordinals by which an event is none of those spoken of before.
_OTHERS = frozenset({"another", "next", "previous", "separate", "further", "return"})


@dataclass(eq=False)
class EventCluster:
    """An event: its triggers and what is said in its slots; `status` is decided from the surest statement."""

    subkind: str
    mentions: list[Mention] = field(default_factory=list)
    participants: dict[str, None] = field(default_factory=dict)
    locations: dict[str, None] = field(default_factory=dict)
    concerns: dict[str, None] = field(default_factory=dict)
    dates: dict[str, None] = field(default_factory=dict)
    statuses: list[tuple[int, int, Status]] = field(default_factory=list)
    ordinals: dict[str, None] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)

    @property
    def filled(self) -> bool:
        """Whether any slot says something."""
        return bool(self.participants or self.locations or self.dates or self.concerns)

    def status(self) -> tuple[Status, int]:
        """(status, confidence): the surest, the earliest of equally sure ones."""
        if not self.statuses:
            return Status.HELD, 0
        confidence, _, status = min(self.statuses, key=lambda s: (-s[0], s[1]))
        return status, confidence


def cluster_events(
    triggers: Sequence[Mention],
    statements: Sequence[Statement],
    ends: Mapping[tuple[int, int, str], Sequence[str]],
    needs: Mapping[str, str | None],
    subkinds: Mapping[str, str | None],
) -> tuple[list[EventCluster], dict[tuple[int, int, str], EventCluster]]:
    """(events in text order, trigger place → event); `ends` gives the IRIs that a mention stands for,
    `needs` the slots of which an event of a class (lower-case) must have one to be told at all, `subkinds` the most
    specific class of IRIs.

    A trigger joins the last event of its class whose participants, dates and status do not clash with its own; one
    that says nothing of its own joins the last event of its class, and is left out if there is none.
    """
    by_trigger: dict[tuple[int, int, str], list[Statement]] = {}
    for s in statements:
        if s.subject.kind == "Event":
            by_trigger.setdefault(s.subject.place, []).append(s)
    events: list[EventCluster] = []
    spoken_of: dict[str, list[EventCluster]] = {}  # by class, the one spoken of last at the end
    placed: dict[tuple[int, int, str], EventCluster] = {}
    latest = EventCluster("Event")
    for m in sorted(triggers, key=lambda m: m.tokens):
        said = by_trigger.get(m.place, ())
        if not said:
            continue  # its arguments show that it tells of no event
        # What the trigger's arguments made of it weighs more than its word.
        own = EventCluster(said[0].subject.subkind or "Event")
        own.mentions.append(m)
        ordinal = m.feature("ordinal")
        if ordinal:
            own.ordinals[ordinal] = None
        name = m.feature("name")
        if name:
            own.names[name] = None
        for s in said:
            _fill(own, s, ends)
        if (m.feature("lemma"), own.subkind) in _JOINING:
            if events and not own.dates and not _told_apart(latest, own):
                latest.participants |= own.participants
                placed[m.place] = latest
            continue
        if m.feature("lemma") in _TALKS:
            # "discussed it with B": by telephone, if that is how the two spoke.
            told = (e for e in reversed(events[-_LOOK_BACK:]) if e.subkind in {"Meeting", "PhoneCall"})
            with_them = next((e for e in told if own.participants.keys() <= e.participants.keys()), None)
            own.subkind = with_them.subkind if with_them is not None else own.subkind
        if m.feature("lemma") in _ANY_CLASS and m.feature("definite") and events:
            own.subkind = latest.subkind
        recent = spoken_of.setdefault(own.subkind, [])
        alike = [e for e in reversed(recent[-_LOOK_BACK:]) if _same(e, own, subkinds)]
        # One that the text has told something of comes before one that it has only named.
        home = next((e for e in alike if e.filled), alike[0] if alike else None)
        if home is None:
            if not own.filled and own.mentions[0].feature("trigger") != "verb" and not own.statuses:
                continue
            events.append(own)
            home = own
        else:
            _absorb(home, own)
            recent.remove(home)
        recent.append(home)
        latest = placed[m.place] = home
    kept = [e for e in events if _tells(e, needs)]
    return kept, {p: e for p, e in placed.items() if _tells(e, needs)}


def _tells(event: EventCluster, needs: Mapping[str, str | None]) -> bool:
    """Whether enough is said of an event: one of the slots that its class needs, any slot where it needs none."""
    slots = (needs.get(event.subkind.lower()) or "").split()
    filled = {
        "participant": event.participants,
        "location": event.locations,
        "concerns": event.concerns,
        "date": event.dates,
    }
    return any(filled[s] for s in slots) if slots else event.filled


def _fill(event: EventCluster, s: Statement, ends: Mapping[tuple[int, int, str], Sequence[str]]) -> None:
    if isinstance(s.object, Status):
        event.statuses.append((s.confidence, s.subject.tokens[0], s.object))
        return
    slot = {"participant": event.participants, "location": event.locations, "concerns": event.concerns}.get(
        s.predicate
    )
    if isinstance(s.object, Mention):
        if slot is not None:
            slot.update(dict.fromkeys(ends.get(s.object.place, ())))
    elif s.predicate == "date":
        event.dates[s.object.value] = None


def _absorb(event: EventCluster, other: EventCluster) -> None:
    event.mentions += other.mentions
    event.participants |= other.participants
    event.locations |= other.locations
    event.concerns |= other.concerns
    event.dates |= other.dates
    event.statuses += other.statuses
    event.ordinals |= other.ordinals
    event.names |= other.names


def _same(event: EventCluster, other: EventCluster, subkinds: Mapping[str, str | None]) -> bool:
    if event.subkind != other.subkind or _differ(event, other, subkinds):
        return False
    a, b = set(event.participants), set(other.participants)
    if any(not (x <= y or y <= x) for x, y in _of_one_kind(a, b)):
        return False
    if (
        event.dates
        and other.dates
        and not all(_may_be_one_day(x, y) for x in event.dates for y in other.dates)
    ):
        return False
    places = _of_one_kind(set(event.locations), set(other.locations))
    if any(not x & y for x, y in places) and not (a & b):
        return False
    alike = bool(set(event.concerns) & set(other.concerns)) or not (event.concerns and other.concerns)
    if not alike and (event.subkind in _OF_ONE_THING or not (a & b)):
        return False
    mine, sure = event.status()
    theirs, also = other.status()
    future = {Status.PLANNED, Status.PROPOSED}
    if sure >= _EXPLICIT and also >= _EXPLICIT and (mine in future) != (theirs in future) and not (a & b):
        return False
    if not other.filled:
        # "the talks", "the ceremony": what was spoken of before. A verb that says nothing more is not.
        return all(m.feature("trigger") == "noun" for m in other.mentions)
    slots = ("participants", "locations", "concerns")
    if any(set(getattr(event, slot)) & set(getattr(other, slot)) for slot in slots):
        return True
    days = {d for d in event.dates.keys() & other.dates.keys() if len(d) == _DAY}
    if days and not (a and b):
        return True  # "vote on Sunday in a referendum"
    # Nothing in common but the class: one of them must say too little to be another, and be of a kind that is
    # commonly spoken of again and again in one text.
    if all(m.feature("definite") for m in other.mentions):
        return True
    if (event.names or other.names) and any(m.feature("trigger") == "verb" for m in other.mentions):
        return False
    silent = not (a and b) and not (event.dates and other.dates)
    return silent and event.subkind in _SPOKEN_OF_AGAIN


def _differ(event: EventCluster, other: EventCluster, subkinds: Mapping[str, str | None]) -> bool:
    """Whether ordinals, places or what verbs say of them tell two events apart, whoever takes part."""
    if event.names and other.names and not _share_name(event.names, other.names):
        return True
    if event.ordinals and other.ordinals and not event.ordinals.keys() & other.ordinals.keys():
        return True
    if other.ordinals.keys() & _OTHERS and not event.ordinals:
        return True
    by_kind: dict[str, tuple[set[str], set[str]]] = {}
    for part, iris in enumerate((event.locations, other.locations)):
        for iri in iris:
            subkind = subkinds.get(iri) or ""
            if "/facility/" in iri and event.subkind == "Visit":
                subkind = "Port"  # one visits one facility after the other
            if subkind in _ONE_OF:
                by_kind.setdefault(subkind, (set(), set()))[part].add(iri)
    if any(x and y and not x & y for x, y in by_kind.values()):
        return True
    return _told_apart(event, other) or _told_apart(other, event)


def _share_name(a: Iterable[str], b: Iterable[str]) -> bool:
    """Whether one name of `a` holds all words of one of `b`, or the other way round."""
    words = [(set(x.split()), set(y.split())) for x in a for y in b]
    return any(x <= y or y <= x for x, y in words)


def _told_apart(told: EventCluster, planned: EventCluster) -> bool:
    """Whether a verb in the past tells of one event, and words put the other ahead: "met", "will hold talks"."""
    (first, sure), (second, also) = told.status(), planned.status()
    ahead = second in {Status.PLANNED, Status.PROPOSED}
    return first is Status.HELD and ahead and sure >= _TOLD and also >= _EXPLICIT


def _of_one_kind(a: set[str], b: set[str]) -> list[tuple[set[str], set[str]]]:
    """The parts of two sets of IRIs that can clash: people with people, cities with cities, not a city with a hall."""
    kinds: dict[str, tuple[set[str], set[str]]] = {}
    for part, iris in enumerate((a, b)):
        for iri in iris:
            kinds.setdefault(iri.rsplit("/", 2)[-2], (set(), set()))[part].add(iri)
    return [(x, y) for x, y in kinds.values() if x and y]


def _may_be_one_day(a: str, b: str) -> bool:
    """Whether two EDTF dates can mean one day; a date that cannot be read clashes with none."""
    first, second = find_days(a), find_days(b)
    return first is None or second is None or first.overlaps(second)

"""Gold annotations as the scorer uses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.evaluation.gold_files import ContradictionRow, MustNotRow

_SUBCLASSES = {
    "Person": "",
    "Office": "",
    "Organization": "Government Ministry ArmedForce Command Unit InternationalOrganization Company "
    "MediaOutlet Party",
    "Facility": "MilitaryBase Building Port Airfield Headquarters",
    "Agreement": "Treaty Accord Plan Framework JointStatement Memorandum Contract",
    "Place": "Country Region City Island WaterBody Prefecture State Site",
    "Equipment": "Weapon Platform Programme",
    "Event": "Meeting PhoneCall Visit Ceremony Exercise Establishment Announcement Signing Attack "
    "Construction Election Other",
}
#: Top classes of the annotation guide.
TOP_CLASSES = frozenset(_SUBCLASSES)
#: Class → top class.
TOP_OF: Mapping[str, str] = {sub: top for top, subs in _SUBCLASSES.items() for sub in (top, *subs.split())}
#: Relations of the annotation guide, slots of events apart.
RELATIONS = frozenset(
    {
        "holdsOffice",
        "officeOf",
        "memberOf",
        "partOf",
        "subordinateTo",
        "counterpartOf",
        "locatedIn",
        "headquarteredAt",
        "operatedBy",
        "replaces",
        "hasParty",
        "concerns",
        "date",
        "establishedOn",
        "alliedWith",
    }
)
#: Relations that say one thing to the scorer.
PART = frozenset({"partOf", "subordinateTo"})
LOCATION = frozenset({"locatedIn", "headquarteredAt"})
SYMMETRIC = frozenset({"alliedWith", "counterpartOf"})
#: Relations in which a country and its government stand for each other.
ROLE = frozenset({"hasParty", "operatedBy", "participant"})


@dataclass(frozen=True)
class GoldEntity:
    """An annotated entity.

    `weights` say how much a shared key counts, `words` are those of label and mentions.
    """

    id: str
    label: str
    classes: list[tuple[str, str | None]]
    weights: dict[str, float]
    strong: bool
    required: bool
    strings: list[str]
    named: bool
    words: list[frozenset[str]]


@dataclass(frozen=True)
class GoldFact:
    """An annotated fact, with the modalities and the (relation, object) alternatives that are right too."""

    s: str
    p: str
    o: str
    modalities: frozenset[str]
    required: bool
    quotes: list[str]
    alternatives: list[tuple[str, str]]


@dataclass(frozen=True)
class GoldEvent:
    """An annotated event; None among `dates` says that no date is right."""

    id: str
    classes: list[str]
    required: bool
    participant: list[str]
    location: list[str]
    concerns: list[str]
    optional: dict[str, frozenset[str]]
    date: str | None
    dates: list[str | None]
    status: frozenset[str | None]
    quotes: list[str]
    keys: frozenset[str]
    label: str


@dataclass
class GoldDocument:
    """An annotated document; nothing outside its code points ``[start, end)`` counts.

    `containers` and `wholes` give all places and bodies that one lies in, `governments` pairs countries with
    theirs.
    """

    stem: str
    text: str | None
    entities: dict[str, GoldEntity]
    facts: list[GoldFact]
    events: dict[str, GoldEvent]
    must_not: list[MustNotRow]
    forbidden: frozenset[str]
    start: int
    end: int
    containers: dict[str, set[str]] = field(default_factory=dict)
    wholes: dict[str, set[str]] = field(default_factory=dict)
    governments: dict[str, set[str]] = field(default_factory=dict)

    def label(self, gold_id: str) -> str:
        """The label of an entity or event, or `gold_id` itself (a date)."""
        thing = self.entities.get(gold_id) or self.events.get(gold_id)
        return thing.label if thing else gold_id


#: (document stem, gold id)
Item = tuple[str, str]


@dataclass
class AcrossDocuments:
    """What is one thing across documents, and what is not; `clusters` maps what is annotated to things."""

    clusters: dict[Item, tuple[str, ...]] = field(default_factory=dict)
    different: list[tuple[tuple[str | None, str], tuple[str | None, str], str]] = field(default_factory=list)
    skipped: set[frozenset[tuple[str | None, str]]] = field(default_factory=set)
    contradictions: list[ContradictionRow] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


@dataclass
class GoldSet:
    """All that is annotated."""

    documents: dict[str, GoldDocument]
    across: AcrossDocuments
    warnings: Counter[str]

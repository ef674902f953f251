"""What the words around a trigger say of it, and what that comes to."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.model import Modality, Status


@dataclass(frozen=True, slots=True)
class ModalityReading:
    """What a clause says of its trigger.

    `status` is None where the words do not say; `cues` are the token indexes of the words that decide.
    """

    modality: Modality
    status: Status | None
    cues: tuple[int, ...]


@dataclass(slots=True)
class Marks:
    """What the words around a trigger say, cue by cue."""

    planned: bool = False
    proposed: bool = False
    denied: bool = False
    cancelled: bool = False
    ongoing: bool = False
    former: bool = False
    cues: set[int] = field(default_factory=set)

    def hedge(self, value: str | None, at: int) -> None:
        """Adds a cue at token `at` whose value is planned, proposed or cancelled."""
        self.planned = self.planned or value == "planned"
        self.proposed = self.proposed or value == "proposed"
        self.cancelled = self.cancelled or value == "cancelled"
        self.cues.add(at)

    def take(self, other: Marks) -> None:
        """Adds the marks of `other`."""
        self.planned |= other.planned
        self.proposed |= other.proposed
        self.denied |= other.denied
        self.cancelled |= other.cancelled
        self.ongoing |= other.ongoing
        self.former |= other.former
        self.cues |= other.cues

    def hedge_as(self, setting: Marks) -> None:
        """Adds what the clause says of the event at which it happens: what is not said there does not undo it."""
        self.planned |= setting.planned
        self.proposed |= setting.proposed
        self.cues |= setting.cues

    def joined(self, other: Marks) -> Marks:
        """These marks and those of `other` together."""
        self.take(other)
        return self

    @property
    def ahead(self) -> bool:
        """Whether anything says that it is still to come."""
        return self.planned or self.proposed

    def reading(self) -> ModalityReading:
        """The weightiest mark decides: denial, cancellation, proposal, plan, past state, course."""
        cues = tuple(sorted(self.cues))
        if self.denied:
            return ModalityReading(Modality.DENIED, Status.DENIED, cues)
        if self.cancelled and not self.ahead:
            return ModalityReading(Modality.ASSERTED, Status.CANCELLED, cues)
        if self.proposed:
            return ModalityReading(Modality.PLANNED, Status.PROPOSED, cues)
        if self.planned:
            return ModalityReading(Modality.PLANNED, Status.PLANNED, cues)
        if self.former:
            return ModalityReading(Modality.FORMER, None, cues)
        if self.ongoing:
            return ModalityReading(Modality.ASSERTED, Status.ONGOING, cues)
        return ModalityReading(Modality.ASSERTED, None, cues)

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

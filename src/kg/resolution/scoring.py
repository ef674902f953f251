"""How likely two names are one person's: what speaks for it and against it, added up.

Each piece of evidence has a weight in log odds (natural logarithm), set by hand and held by ``benchmarks/identity.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp

from kg.model import Verdict

#: What a likeness of names (from so many hundredths on) is worth by itself.
_NAMES = ((97, 3.2), (90, 2.7), (84, 1.6), (76, 0.2), (70, -0.4), (55, -1.5), (0, -4.0))
SAME_OFFICE = 4.0
SAME_POST = 1.0
SAME_STATE = 1.5
OTHER_STATE = -5.0
SAME_DOCUMENT = -6.0
COMPANY = 2.0
SUFFIXES = -7.0
RARE = 0.5
COMMON = -1.2
#: From which log odds on two are one, and below which they are not.
_SURE, _NEVER = 2.2, -2.2


@dataclass
class Evidence:
    """Reasons with their weights, the weightiest first when told."""

    items: list[tuple[float, str]] = field(default_factory=list)

    def add(self, weight: float, reason: str) -> None:
        """Take in a reason for (above 0) or against (below 0)."""
        self.items.append((weight, reason))

    def add_names(self, likeness: int, because: tuple[str, ...]) -> None:
        """Take in how alike the names are."""
        weight = next(w for least, w in _NAMES if likeness >= least)
        self.add(weight, "; ".join(because) if because else "the same words")

    @property
    def total(self) -> float:
        """The sum of the weights."""
        return sum(weight for weight, _ in self.items)

    @property
    def score(self) -> int:
        """The probability in hundredths, never quite 0 or 100."""
        return min(99, max(1, round(100 / (1 + exp(-self.total)))))

    @property
    def verdict(self) -> Verdict:
        """What the sum says."""
        if self.total >= _SURE:
            return Verdict.SAME
        return Verdict.DIFFERENT if self.total <= _NEVER else Verdict.UNSURE

    @property
    def because(self) -> tuple[str, ...]:
        """The reasons, with a sign for whether they speak for or against."""
        ordered = sorted(self.items, key=lambda item: (-abs(item[0]), item[1]))
        return tuple(f"{'+' if weight > 0 else '-'} {reason}" for weight, reason in ordered)

"""Whether claims are right as often as their confidence says: a reliability table and its expected error.

A claim is judged where the scorer judges it: a fact that is right or wrong, a slot of an event that is aligned with
an annotated one. What the annotation leaves open is not judged. The expected calibration error is that of Naeini et
al. (2015, "Obtaining Well Calibrated Probabilities Using Bayesian Binning"): the mean distance between claimed
confidence and share of right claims, over bins of equal width, weighted by their claims.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

#: How many bins the confidences from 0 to 1 are put into.
BINS = 20


@dataclass(frozen=True, slots=True)
class Bin:
    """Claims with a confidence in ``[low, high)``: how many, the mean of what they claim, how many are right."""

    low: float
    high: float
    claims: int
    claimed: float
    right: int

    @property
    def share(self) -> float:
        """The share of right claims."""
        return self.right / self.claims

    def to_json(self) -> dict[str, object]:
        """The figures by name."""
        return {
            "from": self.low,
            "to": self.high,
            "claims": self.claims,
            "claimed": round(self.claimed, 4),
            "right": self.right,
            "share": round(self.share, 4),
        }


@dataclass(frozen=True, slots=True)
class Calibration:
    """The bins that hold claims, from the least sure."""

    bins: tuple[Bin, ...]

    @property
    def claims(self) -> int:
        """How many claims were judged."""
        return sum(row.claims for row in self.bins)

    @property
    def error(self) -> float | None:
        """The expected calibration error, None where nothing was judged."""
        if not self.claims:
            return None
        return sum(row.claims * abs(row.share - row.claimed) for row in self.bins) / self.claims

    @property
    def text(self) -> str:
        """The error in words."""
        if self.error is None:
            return "no claim with a confidence was judged"
        return f"expected calibration error {self.error:.3f} over {self.claims} judged claims"

    def to_json(self) -> dict[str, object]:
        """The table and its error."""
        error = self.error
        return {
            "claims": self.claims,
            "expected_calibration_error": None if error is None else round(error, 4),
            "bins": [row.to_json() for row in self.bins],
        }


def calibrate(judged: Iterable[tuple[float, bool]]) -> Calibration:
    """The calibration of (confidence from 0 to 1, whether right).

    >>> table = calibrate([(0.91, True), (0.93, True), (0.92, False), (0.52, True)])
    >>> [(row.low, row.claims, row.right) for row in table.bins], round(table.error, 2)
    ([(0.5, 1, 1), (0.9, 3, 2)], 0.31)
    """
    rows: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in judged:
        rows[min(BINS - 1, int(confidence * BINS + 1e-9))].append((confidence, right))
    return Calibration(
        tuple(
            Bin(
                number / BINS,
                (number + 1) / BINS,
                len(row),
                sum(confidence for confidence, _ in row) / len(row),
                sum(right for _, right in row),
            )
            for number, row in sorted(rows.items())
        )
    )

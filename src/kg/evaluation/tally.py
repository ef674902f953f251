"""Counting right, wrong, missed and neutral."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from enum import StrEnum

_QUOTE_LENGTH = 240


class Outcome(StrEnum):
    """What became of one item."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 (None where nothing could be right or wrong), and the counts behind them."""

    p: float | None
    r: float | None
    f1: float | None
    right: int
    wrong: int
    missed: int
    neutral: int

    def to_json(self) -> dict[str, object]:
        """The fields by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `total`."""

    hits: int
    total: int

    @property
    def share(self) -> float | None:
        """The quotient, None where there is nothing to divide by."""
        return self.hits / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Finding:
    """One miss or false positive, with the text it is about."""

    kind: str
    document: str
    what: str
    quote: str

    def to_json(self) -> dict[str, object]:
        """The fields by name."""
        return {"kind": self.kind, "doc": self.document, "what": self.what, "quote": self.quote}


class Tally:
    """Counts of outcomes."""

    def __init__(self) -> None:
        self.counts: Counter[Outcome] = Counter()

    def score(self) -> Score:
        """The figures of what was counted."""
        right, wrong = self.counts[Outcome.RIGHT], self.counts[Outcome.WRONG]
        missed, neutral = self.counts[Outcome.MISSED], self.counts[Outcome.NEUTRAL]
        if not (right or wrong or missed):
            return Score(None, None, None, right, wrong, missed, neutral)
        precision = right / (right + wrong) if right + wrong else 0.0
        if not right + missed:
            return Score(0.0, None, None, right, wrong, missed, neutral)
        recall = right / (right + missed)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return Score(precision, recall, f1, right, wrong, missed, neutral)


class Ledger:
    """All that is counted and found while a dump is scored."""

    def __init__(self) -> None:
        self.tallies: defaultdict[tuple[str, str], Tally] = defaultdict(Tally)
        self.yes: Counter[str] = Counter()
        self.no: Counter[str] = Counter()
        self.per_document: Counter[tuple[str, str]] = Counter()
        self.findings: list[Finding] = []
        self.warnings: Counter[str] = Counter()
        self.judged: list[tuple[float, bool]] = []

    def judge(self, confidence: float | None, right: bool) -> None:
        """Keep whether a claim of a stated confidence (0 to 1) is right."""
        if confidence is not None:
            self.judged.append((confidence, right))

    def count(self, group: str, name: str, outcome: Outcome, times: int = 1) -> None:
        """Count an outcome in one tally."""
        self.tallies[group, name].counts[outcome] += times

    def record(self, area: str, document: str, outcome: Outcome, group: str, name: str) -> None:
        """Count an outcome in the total, for the document and for the class or relation."""
        for where in ((area, "total"), (area, document), (group, name)):
            self.count(*where, outcome)

    def check(self, what: str, passed: bool) -> None:
        """Count a check that passed or did not."""
        (self.yes if passed else self.no)[what] += 1

    def share(self, what: str) -> Share:
        """How many of the checks of one kind passed."""
        return Share(self.yes[what], self.yes[what] + self.no[what])

    def note(self, kind: str, document: str, what: str, quote: str = "") -> None:
        """Keep a finding, with at most the first characters of its quote."""
        flat = re.sub(r"\s+", " ", quote or "").strip()[:_QUOTE_LENGTH]
        self.findings.append(Finding(kind, document, what, flat))

    def score(self, area: str, name: str) -> Score:
        """The figures of one tally."""
        return self.tallies[area, name].score()

    def group(self, area: str) -> dict[str, Score]:
        """The figures of all tallies of one area but its total, by name."""
        return {n: t.score() for (a, n), t in sorted(self.tallies.items()) if a == area and n != "total"}

"""The figures of an evaluation, for people and for machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import EvaluationError
from kg.evaluation.calibration import Calibration, calibrate
from kg.evaluation.identity import ContradictionResult, IdentityResult
from kg.evaluation.tally import Finding, Ledger, Score, Share

_AREAS = ("entities", "facts", "events")
_TABLES = (
    ("entity class", "classes"),
    ("relation", "relations"),
    ("event class", "event_classes"),
    ("event slot", "slot_scores"),
)
_PARTS = ("p", "r", "f1")
_SCORES = (*_AREAS, "slots", "identity")
_SHARES = ("evidence", "quotes", "contradictions", "subclass")


@dataclass(frozen=True)
class DocumentFigures:
    """The figures of one document."""

    entities: Score
    facts: Score
    events: Score
    duplicates: int
    boilerplate: int
    forbidden: int
    must_not: int

    def to_json(self) -> dict[str, object]:
        """The figures by name."""
        return {
            **{area: getattr(self, area).to_json() for area in _AREAS},
            "duplicate": self.duplicates,
            "boilerplate": self.boilerplate,
            "forbidden": self.forbidden,
            "must_not": self.must_not,
        }


@dataclass(frozen=True)
class Report:
    """All figures and findings.

    `evidence` is the share of claims whose passages stand in the text at their offsets, `quotes` the share
    of right facts whose passages meet the annotated quote. `duplicates`, `boilerplate`, `forbidden` and
    `must_not` count second nodes for one thing, mentions in boilerplate, mentions under forbidden names and
    forbidden readings.
    """

    documents: dict[str, DocumentFigures]
    entities: Score
    facts: Score
    events: Score
    slots: Score
    identity: Score
    evidence: Share
    quotes: Share
    subclass: Share
    contradictions: Share
    duplicates: int
    boilerplate: int
    forbidden: int
    must_not: int
    classes: dict[str, Score]
    relations: dict[str, Score]
    event_classes: dict[str, Score]
    slot_scores: dict[str, Score]
    identity_scores: dict[str, Score]
    identity_result: IdentityResult
    contradiction_results: tuple[ContradictionResult, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    calibration: Calibration
    listed_errors: int = 0

    @property
    def summary(self) -> str:
        """One line: precision, recall and F1 of entities, facts and events; evidence; identity."""
        areas = [f"{area} {_figures(getattr(self, area), short=True)}" for area in _AREAS]
        evidence = f"evidence {_percent(self.evidence)}"
        return " | ".join([*areas, evidence, f"identity {_number(self.identity.f1).strip()}"])

    @property
    def text(self) -> str:
        """The whole report for people; its last line is the summary."""
        return "\n".join(_lines(self))

    def to_json(self) -> dict[str, object]:
        """All figures and findings as JSON values."""
        return {
            "summary": self._summary_json(),
            "documents": {stem: figures.to_json() for stem, figures in self.documents.items()},
            "classes": _scores_json(self.classes),
            "relations": _scores_json(self.relations),
            "event_classes": _scores_json(self.event_classes),
            "slots": _scores_json(self.slot_scores),
            "identity": {
                "gold_pairs": self.identity_result.gold_pairs,
                "tested_pairs": self.identity_result.tested_pairs,
                "lookalikes": [row.to_json() for row in self.identity_result.lookalikes],
                "sources": list(self.identity_result.sources),
                **_scores_json(self.identity_scores),
            },
            "contradictions": [row.to_json() for row in self.contradiction_results],
            "calibration": self.calibration.to_json(),
            "errors": [finding.to_json() for finding in self.findings],
            "warnings": list(self.warnings),
        }

    def _summary_json(self) -> dict[str, object]:
        def share(value: Share, hits: str, total: str) -> dict[str, object]:
            return {"share": value.share, hits: value.hits, total: value.total}

        return {
            **{area: getattr(self, area).to_json() for area in (*_AREAS, "slots", "identity")},
            "evidence": share(self.evidence, "exact", "claims"),
            "evidence_on_quote": share(self.quotes, "overlap", "facts"),
            "contradictions": share(self.contradictions, "found", "required"),
            "subclass": {"share": self.subclass.share},
            "duplicates": self.duplicates,
            "boilerplate_mentions": self.boilerplate,
            "forbidden_mentions": self.forbidden,
            "must_not": self.must_not,
        }

    def figure(self, name: str) -> float | None:
        """The figure called `name`: ``"facts"`` is the F1, ``"facts.p"`` a precision, ``"evidence"`` a share.

        None where there was nothing to count. Raises `EvaluationError` for an unknown name.
        """
        area, _, part = name.partition(".")
        if area in _SHARES and not part:
            share: Share = getattr(self, area)
            return share.share
        if area in _SCORES and part in ("", *_PARTS):
            found: float | None = getattr(getattr(self, area), part or "f1")
            return found
        allowed = ", ".join((*_SCORES, *_SHARES))
        raise EvaluationError(
            f"unknown figure {name!r}; want one of {allowed}, the first five also with .p, .r or .f1"
        )

    def below(self, mins: Mapping[str, float]) -> list[str]:
        """The figures that are below the wanted ones, in words."""
        return [
            f"{name} {_number(self.figure(name)).strip()} < {least}"
            for name, least in mins.items()
            if (self.figure(name) or 0.0) < least
        ]

    def exit_ok(self, mins: Mapping[str, float]) -> bool:
        """Whether no figure is below the wanted one."""
        return not self.below(mins)


def make_report(
    stems: Sequence[str],
    ledger: Ledger,
    identity: IdentityResult,
    contradictions: tuple[ContradictionResult, ...],
    listed_errors: int,
) -> Report:
    """The report of what was counted."""
    per = ledger.per_document
    counted = [row for row in contradictions if row.required and row.expressible]
    identity_total = ledger.score("identity", "total")
    if identity_total.f1 is None and any(identity.gold_pairs.values()):
        # nothing could be tested although the annotation has pairs: that is a failure, not an absence
        identity_total = Score(0.0, 0.0, 0.0, 0, identity_total.wrong, 0, 0)
    return Report(
        documents={
            stem: DocumentFigures(
                entities=ledger.score("entities", stem),
                facts=ledger.score("facts", stem),
                events=ledger.score("events", stem),
                duplicates=per["duplicate", stem],
                boilerplate=per["boilerplate", stem],
                forbidden=per["forbidden", stem],
                must_not=per["must_not", stem],
            )
            for stem in stems
        },
        entities=ledger.score("entities", "total"),
        facts=ledger.score("facts", "total"),
        events=ledger.score("events", "total"),
        slots=ledger.score("slot", "all"),
        identity=identity_total,
        evidence=ledger.share("evidence"),
        quotes=ledger.share("quote"),
        subclass=ledger.share("subclass"),
        contradictions=Share(sum(row.found for row in counted), len(counted)),
        duplicates=sum(per["duplicate", stem] for stem in stems),
        boilerplate=sum(per["boilerplate", stem] for stem in stems),
        forbidden=sum(per["forbidden", stem] for stem in stems),
        must_not=sum(per["must_not", stem] for stem in stems),
        classes=ledger.group("class"),
        relations=ledger.group("relation"),
        event_classes=ledger.group("event"),
        slot_scores=ledger.group("slot"),
        identity_scores={kind: ledger.score("identity", kind) for kind in ("entities", "events")},
        identity_result=identity,
        contradiction_results=contradictions,
        findings=tuple(ledger.findings),
        warnings=tuple(f"{w} ({n})" if n > 1 else w for w, n in sorted(ledger.warnings.items())),
        calibration=calibrate(ledger.judged),
        listed_errors=listed_errors,
    )


def _scores_json(scores: Mapping[str, Score]) -> dict[str, object]:
    return {name: score.to_json() for name, score in scores.items()}


def _number(value: float | None) -> str:
    return "    -" if value is None else f"{value:.3f}"


def _figures(score: Score, *, short: bool = False) -> str:
    numbers = [_number(getattr(score, part)) for part in _PARTS]
    return " ".join(number.strip() if short else number for number in numbers)


def _percent(share: Share) -> str:
    return "-" if share.share is None else f"{share.share:.1%}"


def _of(share: Share) -> str:
    return f"{_percent(share)} ({share.hits} of {share.total})"


def _lines(report: Report) -> Iterator[str]:
    for warning in report.warnings:
        yield f"warning: {warning}"
    head = "P     R     F1"
    yield f"{'document':24} {'entities':^17}   {'facts':^17}   {'events':^17}   dup boil forb must-not"
    yield f"{'':24} {head:>17}   {head:>17}   {head:>17}"
    rows: list[tuple[str, DocumentFigures | Report]] = [*report.documents.items(), ("all", report)]
    for stem, row in rows:
        areas = "   ".join(_figures(getattr(row, area)) for area in _AREAS)
        counts = f"{row.duplicates:3} {row.boilerplate:4} {row.forbidden:4} {row.must_not:8}"
        yield f"{stem[:24]:24} {areas}   {counts}"
    for title, name in _TABLES:
        yield f"\n{title:24} {head:>17}   right wrong missed neutral"
        table: dict[str, Score] = getattr(report, name)
        for key, t in table.items():
            yield f"{key:24} {_figures(t)}   {t.right:5} {t.wrong:5} {t.missed:6} {t.neutral:7}"
    yield f"\nsubclass right for {_percent(report.subclass)} of the aligned entities that have one"
    yield (
        f"evidence exact: {_of(report.evidence)} claims; "
        f"on the gold quote: {_of(report.quotes)} matched facts"
    )
    yield from _calibration_lines(report.calibration)
    yield from _identity_lines(report)
    yield from _finding_lines(report)
    yield ""
    yield report.summary


def _calibration_lines(calibration: Calibration) -> Iterator[str]:
    if not calibration.claims:
        return
    yield f"\n{'confidence':24} claimed  right   claims"
    for row in calibration.bins:
        yield f"{f'{row.low:.2f} to {row.high:.2f}':24} {row.claimed:7.3f} {row.share:6.3f} {row.claims:8}"
    yield calibration.text


def _identity_lines(report: Report) -> Iterator[str]:
    result = report.identity_result
    for kind, score in report.identity_scores.items():
        if result.gold_pairs.get(kind):
            yield (
                f"identity of {kind:9} {_figures(score)}   split {score.missed}, merged {score.wrong}; "
                f"coverage {result.tested_pairs[kind]} of {result.gold_pairs[kind]} gold pairs"
            )
    if result.lookalikes:
        merged = [row for row in result.lookalikes if row.merged]
        tested = sum(row.tested for row in result.lookalikes)
        listed = len(result.lookalikes)
        yield f"look-alikes wrongly merged: {len(merged)} of {tested} tested ({listed} listed)"
        for row in merged:
            yield f"  {row.a} = {row.b}  {row.why}"
    if report.contradiction_results:
        yield f"contradictions: {_of(report.contradictions)} required and expressible"
        for x in report.contradiction_results:
            tag = ("required" if x.required else "optional") + (
                "" if x.expressible else ", no relation for it"
            )
            linked = f" linked by {', '.join(x.links)}" if x.links else ""
            yield f"  {x.id:4} {'found' if x.found else '-----'} {linked} {x.property} [{tag}]"


def _finding_lines(report: Report) -> Iterator[str]:
    if not report.listed_errors:
        return
    kinds: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        kinds[finding.kind].append(finding)
    yield "\nerrors by kind (all documents)"
    for kind, findings in sorted(kinds.items()):
        yield f"\n{kind}: {len(findings)}"
        for finding in findings[: report.listed_errors]:
            yield f"  [{finding.document}] {finding.what}"
            if finding.quote:
                yield f"      “{finding.quote}”"
        if len(findings) > report.listed_errors:
            yield f"  ... {len(findings) - report.listed_errors} more"

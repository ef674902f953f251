"""Scoring a dump against a gold set.

Precision is right/(right+wrong), recall right/required, summed over documents. A find that meets an optional
annotation is neutral. Entities are aligned first (`entities`), then events (`events`), then facts between
aligned ends (`facts`), then identity and contradictions across documents (`identity`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from kg.evaluation.dump import Dump
from kg.evaluation.entities import align_entities
from kg.evaluation.events import align_events
from kg.evaluation.facts import check_evidence, check_forbidden_readings, score_facts
from kg.evaluation.gold_reading import read_gold
from kg.evaluation.identity import score_contradictions, score_identity
from kg.evaluation.report import Report, make_report
from kg.evaluation.sides import Side, make_side
from kg.evaluation.tally import Ledger
from kg.evaluation.wording import document_stem
from kg.terms import KG


def evaluate(
    gold: Path,
    dump: Path | Sequence[Path],
    texts: Path | None = None,
    *,
    lenient_dates: bool = False,
    errors: int = 0,
) -> Report:
    """The scores of a dump (RDF files: .ttl, .nt, .nq, .trig, also .gz) against the annotations in `gold`.

    Texts, for checking evidence, are looked for in `texts` and in `gold`. With `lenient_dates` an event
    without a date fits any date. `errors` is how many findings of each kind the report's text lists.
    Raises `EvaluationError` for gold or a dump that cannot be read.
    """
    gold_set = read_gold(gold, texts)
    graph = Dump([dump] if isinstance(dump, Path) else list(dump))
    ledger = Ledger()
    ledger.warnings += gold_set.warnings + graph.warnings
    if graph.triples and not graph.documents:
        ledger.warnings[
            f"the dump has {graph.triples} triples but no kg:Document with dct:identifier (namespace {KG}?)"
        ] += 1
    iris = _match_documents(graph, list(gold_set.documents), ledger)
    sides: dict[str, Side] = {}
    for stem, document in gold_set.documents.items():
        if not iris[stem]:
            ledger.warnings[f"document {stem} is not in the dump: everything in it counts as missed"] += 1
        elif len(iris[stem]) > 1:
            ledger.warnings[f"{len(iris[stem])} documents of the dump match {stem}, taken together"] += 1
        sides[stem] = make_side(document, graph, iris[stem], ledger)
    for side in sides.values():
        align_entities(side, ledger)
        align_events(side, lenient_dates, ledger)
        score_facts(side, ledger)
        check_evidence(side, ledger)
    for side in sides.values():
        check_forbidden_readings(side, list(sides.values()), ledger)
    identity = score_identity(gold_set, sides, ledger)
    contradictions = score_contradictions(gold_set, sides, graph, ledger)
    return make_report(list(sides), ledger, identity, contradictions, errors)


def _match_documents(graph: Dump, stems: Sequence[str], ledger: Ledger) -> defaultdict[str, list[str]]:
    """Gold document → IRIs of the dump's documents with that base name, extension ignored."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for iri, name in sorted(graph.documents.items()):
        fitting = [stem for stem in dict.fromkeys((name, document_stem(name))) if stem in stems]
        for stem in fitting:
            found[stem].append(iri)
        if not fitting:
            ledger.warnings["documents of the dump that are not in the gold, ignored"] += 1
    return found

"""Reading a folder of gold files into what the scorer uses."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from kg.errors import EvaluationError
from kg.evaluation.gold import (
    LOCATION,
    PART,
    TOP_CLASSES,
    TOP_OF,
    AcrossDocuments,
    GoldDocument,
    GoldEntity,
    GoldEvent,
    GoldFact,
    GoldSet,
)
from kg.evaluation.gold_files import CorpusFile, CrossFile, DocumentFile, EntityRow, EventRow, FactRow, Row
from kg.evaluation.wording import content_words, document_stem, matching_keys, normalize

_NUMERALS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_MODALITIES = {"planned": "Planned", "denied": "Denied", "former": "Former"}
_WHOLE_TEXT = 10**12
_Model = TypeVar("_Model", bound=BaseModel)


def _texts_of(values: Iterable[str | None]) -> list[str]:
    return [value for value in values if value is not None]


def _split_class(name: str, default: str) -> tuple[str, str | None]:
    top, _, sub = name.partition("/")
    if top in TOP_CLASSES:
        return top, sub.split("/")[0] or None
    return TOP_OF.get(top, default), top


def _closure(edges: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Node → everything that can be reached from it."""
    reached: dict[str, set[str]] = {}
    for node in edges:
        seen: set[str] = set()
        todo = [node]
        while todo:
            for following in edges.get(todo.pop(), set()) - seen:
                seen.add(following)
                todo.append(following)
        reached[node] = seen - {node}
    return reached


def _read_entity(row: EntityRow, shared: Counter[tuple[str, str]]) -> GoldEntity:
    person = row.class_ == "Person"
    group = set(row.group_mentions)
    if group >= set(row.mentions):
        group = set()  # known by a joint name only
    soft = group | set(row.adjectival) | set(row.mentions_optional)
    weights: dict[str, float] = {}
    for surface in [*row.mentions, *_texts_of(row.mentions_optional)]:
        joint = surface in group or shared[row.class_, normalize(surface)] > 1
        weight = 0.5 if joint else 1 if surface in soft else 2
        for key in matching_keys(surface, person):
            weights[key] = max(weights.get(key, 0), weight)
    for key in matching_keys(row.label or "", person):
        weights[key] = max(weights.get(key, 0), 3)
    classes = [(row.class_, (row.subclass or "").split("/")[0] or None)]
    classes += [(row.class_, sub) for sub in row.subclass_alt]
    classes += [_split_class(c, row.class_) for c in _texts_of([*row.class_alt, *row.alt_class])]
    return GoldEntity(
        id=row.id,
        label=row.label or row.id,
        classes=classes,
        weights=weights,
        strong=any(weight >= 1 for weight in weights.values()),
        required=row.required,
        strings=list(row.mentions),
        named=row.named,
        words=[content_words(text) for text in [row.label or "", *row.mentions]],
    )


def _read_fact(row: FactRow) -> GoldFact:
    modalities = {_MODALITIES.get(m or "", "Asserted") for m in [row.modality, *row.alt_modality]}
    if "former" in (row.modality, row.temporal):
        modalities.add("Former")
        if row.modality in (None, "former"):
            modalities.add("Asserted")
    alternatives = [(a.p or row.p, a.o or row.o) for a in row.accept]
    alternatives += [(p, row.o) for p in _texts_of(row.alt_p)]
    return GoldFact(
        s=row.s,
        p=row.p,
        o=row.o,
        modalities=frozenset(modalities),
        required=row.required and not row.outside_guide,
        quotes=_texts_of([*row.evidence, *row.evidence_more]),
        alternatives=alternatives,
    )


def _read_event(row: EventRow) -> GoldEvent:
    named: set[str] = set()
    for text in [row.label, *row.mentions]:
        named |= matching_keys(text) if text else set()
    quotes = _texts_of([*row.evidence, *row.evidence_more])
    return GoldEvent(
        id=row.id,
        classes=[row.class_, *_texts_of([*row.class_alt, *row.alt_class])],
        required=row.required,
        participant=row.participants,
        location=row.location,
        concerns=row.concerns,
        optional={
            "participant": frozenset(row.participants_optional),
            "location": frozenset(row.location_optional),
            "concerns": frozenset(row.concerns_optional),
        },
        date=row.date,
        dates=[row.date, *row.date_alt, *row.alt_date],
        status=frozenset([row.status, *row.status_alt, *row.alt_status]),
        quotes=quotes,
        keys=frozenset(named),
        label=row.label or (quotes[0] if quotes else row.id),
    )


def _warn_of_unknown_fields(file: DocumentFile, warnings: Counter[str]) -> None:
    groups: list[tuple[str, Sequence[Row]]] = [
        ("document", [file]),
        ("entity", file.entities),
        ("fact", file.facts),
        ("event", file.events),
        ("must_not entry", file.must_not),
    ]
    for kind, group in groups:
        for row in group:
            for name in row.unknown_fields():
                warnings[f"gold: unknown {kind} field {name!r} ignored"] += 1


def _find_text(file: DocumentFile, folders: Sequence[Path]) -> str | None:
    for folder in folders:
        for path in (folder / Path(file.doc).name, folder / f"{document_stem(file.doc)}.txt"):
            if path.is_file():
                return path.read_bytes().decode("utf-8")
    return None


def _article_range(file: DocumentFile, text: str | None) -> tuple[int, int]:
    """The code points of the article, from where boilerplate ends to where it begins again."""
    start, end = 0, _WHOLE_TEXT
    if text is None:
        return start, end
    if file.boilerplate_from and file.boilerplate_from in text:
        end = text.find(file.boilerplate_from)
    note = re.search(r"first (\w+) lines? (?:is|are) boilerplate", file.note or "", re.IGNORECASE)
    if note:
        count = _NUMERALS.get(note[1].lower(), int(note[1]) if note[1].isdigit() else 0)
        start = sum(len(line) for line in text.splitlines(keepends=True)[:count])
    return start, end


def _read_document(
    path: Path,
    file: DocumentFile,
    folders: Sequence[Path],
    warnings: Counter[str],
    containments: Sequence[tuple[str, str, str]],
) -> GoldDocument:
    _warn_of_unknown_fields(file, warnings)
    text = _find_text(file, folders)
    if text is None:
        stem = document_stem(file.doc)
        warnings[f"text of {stem} not found (--texts): evidence and boilerplate not checked"] += 1
    start, end = _article_range(file, text)
    shared = Counter(
        (row.class_, surface)
        for row in file.entities
        for surface in {normalize(m) for m in _texts_of([*row.mentions, *row.mentions_optional])}
    )
    entities: dict[str, GoldEntity] = {}
    for row in file.entities:
        if row.id in entities:
            raise EvaluationError(f"{path}: entity id {row.id!r} is used twice; ids are unique in a document")
        entities[row.id] = _read_entity(row, shared)
    document = GoldDocument(
        stem=document_stem(file.doc),
        text=text,
        entities=entities,
        facts=[_read_fact(row) for row in file.facts],
        events={row.id: _read_event(row) for row in file.events},
        must_not=file.must_not,
        forbidden=frozenset(normalize(name) for name in file.forbidden_mentions),
        start=start,
        end=end,
    )
    _relate_places_and_bodies(document, containments)
    return document


def _relate_places_and_bodies(document: GoldDocument, containments: Sequence[tuple[str, str, str]]) -> None:
    places: dict[str, set[str]] = defaultdict(set)
    bodies: dict[str, set[str]] = defaultdict(set)
    own = [(f.s, f.p, f.o) for f in document.facts if f.modalities != {"Denied"}]
    for subject, relation, obj in [*own, *(c for c in containments if c[0] in document.entities)]:
        if relation in LOCATION:
            places[subject].add(obj)
        elif relation in PART:
            bodies[subject].add(obj)
            body, country = document.entities.get(subject), document.entities.get(obj)
            if (
                body
                and country
                and ("Organization", "Government") in body.classes
                and ("Place", "Country") in country.classes
                and re.search(r"government|administration|cabinet", body.label, re.IGNORECASE)
            ):
                document.governments.setdefault(subject, set()).add(obj)
                document.governments.setdefault(obj, set()).add(subject)
    document.containers, document.wholes = _closure(places), _closure(bodies)


def _load(path: Path, model: type[_Model]) -> _Model:
    try:
        return model.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the whole file"
        raise EvaluationError(f"{path}: not a gold file: {where}: {first['msg']}") from error
    except ValueError as error:
        raise EvaluationError(f"{path}: not JSON in UTF-8: {error}") from error


def _read_corpus(corpus: CorpusFile, stems: Sequence[str], across: AcrossDocuments) -> None:
    for thing in [*corpus.entities, *corpus.events]:
        for name in thing.docs:
            across.clusters[name if name in stems else document_stem(name), thing.id] = ("id", thing.id)
    across.contradictions += corpus.contradictions
    across.sources.append("corpus.json")


def _read_cross(
    cross: CrossFile, folder: Path, stems: Sequence[str], read: Mapping[str, GoldDocument], gold: GoldSet
) -> None:
    across = gold.across

    def item(reference: str) -> tuple[str | None, str]:
        """``"01:mod_jp"`` → (document, id); the document's number is enough."""
        prefix, _, gold_id = reference.partition(":")
        fitting = [s for s in stems if s == prefix] or [s for s in stems if s.startswith(prefix + "_")]
        if not fitting:
            gold.warnings[f"crossdoc.json: no document for {reference!r}"] += 1
            return None, reference
        return fitting[0], gold_id

    for number, group in enumerate(cross.same):
        for member in group.members:
            stem, gold_id = item(member)
            if stem is not None:
                across.clusters[stem, gold_id] = ("same", str(folder), str(number))
    for stem in stems:
        for gold_id in read[stem].entities:
            across.clusters.setdefault((stem, gold_id), ("one", stem, gold_id))
    for row in cross.different:
        a, b, why = (*row, "")[:3]
        across.different.append((item(a), item(b), why))
    across.skipped |= {frozenset(item(reference) for reference in row[:2]) for row in cross.do_not_score}
    across.sources.append("crossdoc.json")


def read_gold(folder: Path, texts: Path | None = None) -> GoldSet:
    """All gold of `folder`: its ``[0-9]*.json`` files, with ``corpus.json`` and ``crossdoc.json`` if there.

    Texts are looked for in `texts` and in `folder`. Raises `EvaluationError` for a missing folder or a
    malformed file.
    """
    if not folder.is_dir():
        raise EvaluationError(f"gold folder not found: {folder}")
    if texts is not None and not texts.is_dir():
        raise EvaluationError(f"folder of texts not found: {texts}")
    paths = sorted(folder.glob("[0-9]*.json"))
    if not paths:
        raise EvaluationError(f"no gold files ([0-9]*.json) in {folder}")
    files = {path: _load(path, DocumentFile) for path in paths}
    corpus_path, cross_path = folder / "corpus.json", folder / "crossdoc.json"
    corpus = _load(corpus_path, CorpusFile) if corpus_path.is_file() else None
    containments = [(f.s, f.p, f.o) for f in corpus.facts if f.p in LOCATION] if corpus else []
    folders = [*([texts] if texts else []), folder]
    gold = GoldSet({}, AcrossDocuments(), Counter())
    for path, file in files.items():
        document = _read_document(path, file, folders, gold.warnings, containments)
        if document.stem in gold.documents:
            raise EvaluationError(f"{path}: document {document.stem} occurs twice in the gold")
        gold.documents[document.stem] = document
    stems = list(gold.documents)
    if corpus:
        _read_corpus(corpus, stems, gold.across)
    if cross_path.is_file():
        _read_cross(_load(cross_path, CrossFile), folder, stems, gold.documents, gold)
    return gold

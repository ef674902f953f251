"""Wires the stages: a document's extraction, and a build of many into a store."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kg.catalog import Catalog, load_catalog
from kg.claims import ClaimReader
from kg.claims import Read as Claimed
from kg.days import find_days
from kg.documents import (
    Origin,
    Read,
    Unreadable,
    assign_identifiers,
    check_edtf,
    find_sources,
    merge_documents,
    read_bytes,
    read_dates_csv,
    read_document,
    read_source,
)
from kg.errors import KgError, StoreError
from kg.extractors import Admission, Proposals, count_refusals, mark_proposed, open_extractors
from kg.graph import load_rdf
from kg.graph.dumps import publish
from kg.graph.folder import Folder
from kg.graph.patches import PatchLog
from kg.graph.places import Place, is_address, open_reader, open_writer
from kg.graph.store import Identity, Progress
from kg.graph.writing import LocalWriter
from kg.mentions import Found, MentionFinder
from kg.model import Claim, DateBasis, Document, Extraction, Literal, Modality, Rejection
from kg.resolution import Resolved, Resolver, decide_identity, parse_judgements
from kg.resolution.judgements import read_judgements
from kg.settings import DEFAULT_MODEL, Settings, load_settings
from kg.text.reader import Reader
from kg.text.reading import Reading
from kg.workers import Failure, Workers, attempt, describe

#: Raise when the same text and catalog would be read differently, so that stored extractions are made anew.
EXTRACTION_VERSION = 1


class Extractor:
    """Reads documents one at a time; the same document and catalog always give the same extraction."""

    def __init__(
        self,
        *,
        model: str = DEFAULT_MODEL,
        extractors: Sequence[str] | None = None,
        settings: Settings | None = None,
        catalog: Catalog | None = None,
    ) -> None:
        """`model` is ``"rules"``, ``"kg"`` or a spaCy pipeline; `extractors` propose more (None: those of `settings`).

        Raises `CatalogError`, `ExtractorError` or `MissingExtra`.
        """
        self._settings = settings or load_settings()
        self._catalog = catalog or load_catalog()
        self._reader = Reader(self._catalog, model)
        self._mentions = MentionFinder(self._catalog)
        self._claims = ClaimReader(self._catalog, self._reader.vocab)
        self._resolver = Resolver(self._catalog, self._settings.base_iri)
        names = self._settings.extractors.split() if extractors is None else extractors
        self._proposers = open_extractors(names, self._catalog, self._settings)
        self._admission = Admission(self._catalog)

    @property
    def proposers(self) -> tuple[str, ...]:
        """The names that the rules and refusals of its extractors are filed under."""
        return tuple(proposer.name for proposer in self._proposers)

    @cached_property
    def version(self) -> str:
        """Hexadecimal digits for all that an extraction depends on beside its document."""
        try:
            package = version("statecraft-kg")
        except PackageNotFoundError:
            package = "source"
        parts = (
            EXTRACTION_VERSION,
            package,
            self._catalog.digest,
            self._reader.version,
            self._settings.base_iri,
            *(proposer.version for proposer in self._proposers),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def record(self, document: Document) -> str:
        """The name under which a store keeps the extraction of `document`."""
        meta = (document.issued, document.title, document.source, document.media_type, document.boilerplate)
        digest = hashlib.sha256(repr((document.sha256, meta, self.version)).encode()).hexdigest()
        return f"{document.key}-{digest[:16]}"

    def extract(self, document: Document) -> Extraction:
        """All that is read out of `document`. Raises `NoAnswer` or `ExtractorError` if an extractor does."""
        reading = self._reader.read(document)
        proposed = [(proposer.name, proposer.propose(reading)) for proposer in self._proposers]
        found, read, resolved = self._read_from(reading, document.issued, proposed)
        as_of, basis = _as_of(document, resolved.claims, found.last_day)
        if basis is DateBasis.INFERRED:
            # "last week" and "Saturday" can be read once a day is known from which to look back.
            found, read, resolved = self._read_from(reading, as_of, proposed)
        return Extraction(
            document,
            as_of,
            basis,
            resolved.entities,
            resolved.mentions,
            resolved.claims,
            (*found.rejections, *read.rejections, *resolved.rejections),
        )

    def _read_from(
        self, reading: Reading, today: str | None, proposed: Sequence[tuple[str, Proposals]]
    ) -> tuple[Found, Claimed, Resolved]:
        """The stages after reading, with relative dates seen from `today`."""
        found = self._mentions.find(reading, today)
        if not proposed:
            read = self._claims.read(reading, found.outer, found.nested, today=today)
        else:
            admitted = self._admission.admit(reading, proposed, found.outer, found.nested)
            outer = tuple(sorted((*found.outer, *admitted.mentions), key=lambda m: m.tokens))
            found = replace(found, outer=outer, rejections=(*found.rejections, *admitted.rejections))
            read = self._claims.read(reading, outer, found.nested, admitted.statements, today)
            read = replace(read, statements=mark_proposed(read.statements))
        mentions = (*found.outer, *found.nested)
        return found, read, self._resolver.resolve(reading.document.key, mentions, read.statements)


def _as_of(document: Document, claims: Iterable[Claim], last_day: str | None) -> tuple[str | None, DateBasis]:
    """(as-of day, where it comes from): the last day of `issued`, else the latest past day that the text dates.

    `last_day` is a day that it dates to the day; else the last day of what it dates to a month or year.
    """
    if document.issued is not None:
        days = find_days(document.issued)
        if days is not None and days.last is not None:
            return days.last.isoformat(), DateBasis.STATED
    if last_day is not None:
        return last_day, DateBasis.INFERRED
    dated = [
        days.last
        for c in claims
        if c.predicate == "date" and c.modality is Modality.ASSERTED and isinstance(c.object, Literal)
        if (days := find_days(c.object.value)) is not None and days.last is not None
    ]
    return (max(dated).isoformat(), DateBasis.INFERRED) if dated else (None, DateBasis.UNKNOWN)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    `failed` are (name, message) of what could not be read, `undated` the identifiers of documents without a
    stated date; the counts are of documents, except `entities` and `claims`, which count those of the documents
    of this build. `refused` says for each optional extractor how many of its proposals for documents read anew were
    not taken, by reason.
    """

    generation: str
    documents: int
    added: int
    replaced: int
    unchanged: int
    entities: int
    claims: int
    failed: tuple[tuple[str, str], ...]
    undated: tuple[str, ...]
    refused: Mapping[str, Mapping[str, int]]


def read_one(path: Path | str, date: str | None = None, settings: Settings | None = None) -> Document:
    """The document in a file, or on standard input for ``"-"``. Raises `DocumentError`."""
    settings = settings or load_settings()
    date = _check_date(date)
    if str(path) == "-":
        return read_bytes(sys.stdin.buffer.read(), "stdin", settings=settings, date=date)
    return read_document(Path(path), settings=settings, date=date)


def build(
    paths: Sequence[Path],
    store: Place,
    *,
    jobs: int = 1,
    model: str = DEFAULT_MODEL,
    extractors: Sequence[str] | None = None,
    date: str | None = None,
    dates_file: Path | None = None,
    judgements: Path | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Read documents, add them to the store (a folder, or an endpoint's address), and switch it to the new generation.

    Documents whose text, metadata and extractor are unchanged are not extracted again. A document that cannot be
    read, or that one of the stages fails on, is reported, and the others are built; so is one that would take the
    place of another text from another folder. `judgements` is a table of decisions on identity by hand
    (`kg.resolution.judgements`); the store follows it until it is given another. `progress` steps are ``read``,
    ``extract``, then those of the store.
    `extractors` are optional ones beside the rules, such as ``"llm:MODEL"`` (None: those of `settings`).
    Raises `KgError` if nothing can be built: bad settings or dates, a missing path, an `IdentifierClash`, a store that
    cannot be written.
    """
    settings = settings or load_settings()
    date = _check_date(date)
    dates = read_dates_csv(dates_file) if dates_file is not None else {}
    extractor = Extractor(model=model, extractors=extractors, settings=settings)
    documents, places, failed = _read_all(paths, settings, dates, date, progress)
    file = judgements or (Path(settings.judgements) if settings.judgements else None)
    judged = read_judgements(file, settings.base_iri) if file is not None else None
    with open_writer(store, settings) as writer:
        if judged is not None:
            writer.judge(judged)
        before = writer.known()
        documents, refused = _refuse_strangers(documents, places, before, writer.origins())
        failed += refused
        todo: list[tuple[str, Document]] = []
        kept: list[tuple[str, Document]] = []
        for document in documents:
            record = extractor.record(document)
            (kept if writer.has(record) else todo).append((record, document))
        entities = claims = 0
        rejections: list[Rejection] = []
        for record, document in kept:
            extraction = replace(writer.reuse(record), document=document)
            entities, claims = entities + len(extraction.entities), claims + len(extraction.claims)
            writer.put(record, extraction)
        share = replace(settings, llm_concurrency=max(1, settings.llm_concurrency // jobs))
        start = partial(_start_worker, model, extractors, share)
        extracted = _extract_all(extractor, [d for _, d in todo], jobs, start)
        built = [document for _, document in kept]
        for done, ((record, document), result) in enumerate(zip(todo, extracted, strict=True), 1):
            if isinstance(result, Failure):
                failed.append((document.identifiers[0], f"{document.identifiers[0]}: {result.reason}"))
            else:
                writer.put(record, result)
                built.append(document)
                entities, claims = entities + len(result.entities), claims + len(result.claims)
                rejections += (r for r in result.rejections if r.stage in extractor.proposers)
            if progress is not None:
                progress("extract", done, len(todo))
        for identifier in (i for d in built for i in d.identifiers):
            writer.remember(identifier, places[identifier])
        generation = writer.commit(decider(writer), progress)
    publish_dumps(store, settings)
    replaced = sum(any(i in before and before[i] != d.key for i in d.identifiers) for d in built)
    return BuildReport(
        generation=generation,
        documents=len(built),
        added=sum(not any(i in before for i in d.identifiers) for d in built),
        replaced=replaced,
        unchanged=len(kept),
        entities=entities,
        claims=claims,
        failed=tuple(sorted(failed)),
        undated=tuple(sorted(d.identifiers[0] for d in built if d.issued is None)),
        refused=count_refusals(rejections, extractor.proposers),
    )


def publish_dumps(store: Place, settings: Settings) -> None:
    """Write the dumps that come with a generation, now that it is served."""
    if is_address(store):
        return
    with closing(open_reader(store)) as reader:
        publish(reader, settings.dump_triples)


def decider(writer: LocalWriter) -> Identity:
    """Decides identity as the store of `writer` has it judged."""
    judgements = parse_judgements(writer.judgements, "judgements of the store", writer.base)
    return partial(decide_identity, judgements=judgements)


def _check_date(date: str | None) -> str | None:
    if date is None:
        return None
    try:
        return check_edtf(date)
    except ValueError as error:
        raise KgError(f"date: {error}") from None


def _read_all(
    paths: Sequence[Path],
    settings: Settings,
    dates: Mapping[str, str],
    date: str | None,
    progress: Progress | None,
) -> tuple[list[Document], dict[str, Path], list[tuple[str, str]]]:
    """(documents by hash of their text, the file of each identifier, what failed); one document for each text."""
    sources = find_sources(paths)
    if not sources:
        named = ", ".join(map(str, paths))
        raise KgError(
            f"{named}: no documents there; want txt, md, html, pdf or jsonl files, or folders of them"
        )
    documents: dict[str, Document] = {}
    origins: list[tuple[Origin, str, Path]] = []
    failed: list[tuple[str, str]] = []
    for done, source in enumerate(sources, 1):
        try:
            for one in read_source(source, settings=settings, dates=dates, date=date):
                if isinstance(one, Unreadable):
                    failed.append((one.name, one.message))
                    continue
                assert isinstance(one, Read)
                key = one.document.sha256
                origins.append((one.origin, key, Path(*source.place)))
                known = documents.get(key)
                documents[key] = merge_documents(known, one.document) if known else one.document
        except KgError:
            raise
        except Exception as error:
            failed.append((source.shown, f"{source.shown}: {describe(error)}"))
        if progress is not None:
            progress("read", done, len(sources))
    assigned = assign_identifiers((origin, key) for origin, key, _ in origins)
    places: dict[str, Path] = {}
    for origin, key, place in sorted(origins):
        steps = "/" + "/".join(origin.steps)
        for name in assigned[key]:
            if steps.endswith("/" + name):
                places.setdefault(name, place)
    return (
        [replace(documents[key], identifiers=names) for key, names in assigned.items()],
        places,
        failed,
    )


def _refuse_strangers(
    documents: Sequence[Document],
    places: Mapping[str, Path],
    known: Mapping[str, str],
    origins: Mapping[str, Path],
) -> tuple[list[Document], list[tuple[str, str]]]:
    """(documents without the identifiers that are another file's, what was refused).

    An identifier is another file's if the store has another text under it, read from a file of another folder that
    is still there: then this is not a later version of that file, nor the file moved.
    """
    left: list[Document] = []
    refused: list[tuple[str, str]] = []
    for document in documents:
        names = []
        for name in document.identifiers:
            origin, place = origins.get(name), places[name]
            if (
                known.get(name, document.key) == document.key
                or origin is None
                or origin.parent == place.parent
                or not origin.is_file()
            ):
                names.append(name)
                continue
            refused.append(
                (
                    str(place),
                    f"{place}: the store has another text under the identifier {name!r}, from {origin}; "
                    "rename one of them, or take the old one out with `kg remove` and build both in one call",
                )
            )
        if names:
            left.append(replace(document, identifiers=tuple(names)))
    return left, refused


def _extract_all(
    extractor: Extractor,
    documents: Sequence[Document],
    jobs: int,
    start: Callable[[], Callable[[Document], Extraction]],
) -> Iterator[Extraction | Failure]:
    """The extraction of each, in the order given, whatever the number of processes."""
    if jobs <= 1 or len(documents) <= 1:
        return (attempt(extractor.extract, document) for document in documents)
    return Workers(start, min(jobs, len(documents))).run(documents)


def _start_worker(
    model: str, extractors: Sequence[str] | None, settings: Settings
) -> Callable[[Document], Extraction]:
    return Extractor(model=model, extractors=extractors, settings=settings).extract


def remove(identifier: str, store: Place, settings: Settings | None = None) -> str:
    """Take a document and exactly its claims out of the store; its IRI. Raises `StoreError` if it is not there."""
    with open_writer(store, settings or load_settings()) as writer:
        iri = writer.remove(identifier)
        writer.commit(decider(writer))
    return iri


def drop_patches(numbers: Sequence[int], store: Path, settings: Settings | None = None) -> list[int]:
    """Take patches out and make the store anew without them; their numbers.

    Raises `StoreError` if one of them is not there; then none is taken out.
    """
    with open_writer(store, settings or load_settings()) as writer, PatchLog(Folder(store).patches) as log:
        missing = sorted(n for n in set(numbers) if log.find(n) is None)
        if missing:
            raise StoreError(f"{store}: no patch {missing[0]}; `kg patches list` lists them")
        dropped = log.drop(numbers)
        writer.commit(decider(writer))
    publish_dumps(store, settings or load_settings())
    return dropped


def load(paths: Sequence[Path], store: Place, settings: Settings | None = None) -> str:
    """Load RDF dumps into the store; the new generation's name."""
    settings = settings or load_settings()
    generation = load_rdf(paths, store, settings)
    publish_dumps(store, settings)
    return generation


__all__ = [
    "BuildReport",
    "Extractor",
    "KgError",
    "build",
    "decider",
    "drop_patches",
    "load",
    "publish_dumps",
    "read_one",
    "remove",
]

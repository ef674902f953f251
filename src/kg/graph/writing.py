"""The write side of a local store."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kg.catalog.ontology import Ontology
from kg.errors import IdentifierClash, StoreError
from kg.graph.assembly import state_claims, verify
from kg.graph.folder import (
    Folder,
    Lock,
    discard,
    extraction_name,
    read_compressed,
    sync_file,
    sync_folder,
    write_compressed,
    writing,
)
from kg.graph.generation import Generation
from kg.graph.network import find_network
from kg.graph.patches import PatchLog, State
from kg.graph.records import (
    EXTRACTION,
    Entry,
    Extractions,
    decode_decisions,
    describe_generation,
    generation_name,
    judgements_of,
    names_by_record,
    read_extraction,
    read_manifest,
    read_state,
    speakers,
)
from kg.graph.snapshots import catch_up, switching
from kg.graph.store import Identity, Progress
from kg.graph.weaving import build_index
from kg.model import DateBasis, Extraction, Identities
from kg.settings import Settings
from kg.terms import document_iri

_RECORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\Z")
_BASES = tuple(DateBasis)


class LocalWriter:
    """Writes to a local store; see `StoreWriter` for what its methods promise."""

    def __init__(self, path: Path, settings: Settings, ontology: Ontology) -> None:
        self._folder = folder = Folder(path)
        self._ontology = ontology
        if path.exists() and not path.is_dir():
            raise StoreError(f"{path}: not a folder; a store is a folder")
        if not folder.description.exists():
            folder.prepare()
        self._lock: Lock | None = Lock(folder.lock)
        try:
            if not folder.description.exists():
                folder.create(settings.base_iri)
            self._base = folder.read_base()
            if self._base != settings.base_iri:
                raise StoreError(
                    f"{path}: the store's IRIs begin with {self._base}, the setting base_iri is "
                    f"{settings.base_iri}; want the same"
                )
            with writing(path):
                for place in (folder.extractions, folder.generations, folder.loaded):
                    place.mkdir(exist_ok=True)
            manifest = read_manifest(folder)
            self._entries, self._loaded = read_state(manifest)
            self._judgements = judgements_of(manifest)
            self._origins = folder.read_origins()
            self._names = names_by_record(self._entries)
            self._new: dict[str, Entry] = {}
            with writing(path), switching(folder):
                self._sweep()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> LocalWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def base(self) -> str:
        """The base IRI of the store's instances."""
        return self._base

    @property
    def folder(self) -> Folder:
        """Where things lie that are written."""
        return self._folder

    @property
    def judgements(self) -> str:
        """The table of judgements on identity that the next generation follows, in CSV; empty if there is none."""
        return self._judgements

    def judge(self, judgements: str) -> None:
        """Have the next generation, and those after it, follow another table of judgements."""
        self._check_open()
        self._judgements = judgements

    def known(self) -> Mapping[str, str]:
        """Identifier → key of all documents that are in."""
        return {identifier: entry.key for identifier, entry in sorted(self._entries.items())}

    def has(self, record: str) -> bool:
        """Whether an extraction is kept under the name `record`."""
        return record in self._names

    def put(self, record: str, extraction: Extraction) -> None:
        """Keep an extraction under the name `record`; it replaces what its identifiers named.

        Raises `IdentifierClash` if another text was put under one of them since the last commit, `StoreError`
        if a claim has no evidence, a passage is outside the text, or the file cannot be written.
        """
        self._check_open()
        if not _RECORD.match(record):
            raise StoreError(f"record name {record!r}: want letters, digits, '.', '_' and '-', at most 200")
        verify(extraction)
        state_claims(extraction, lambda iri: iri, self._base)  # raises for terms that are no IRIs
        document = extraction.document
        for identifier in document.identifiers:
            earlier = self._new.get(identifier)
            if earlier is not None and earlier.key != document.key:
                raise IdentifierClash(
                    f"identifier {identifier!r}: two different texts in one build, {earlier.key} and "
                    f"{document.key}; want one text per identifier"
                )
        # Names are kept apart from the extraction: a text that gets another name is not extracted again.
        bare = replace(extraction, document=replace(document, identifiers=()))
        data = EXTRACTION.dump_json(bare)
        digest = hashlib.sha256(data).hexdigest()
        path = self._folder.extraction(record, digest)
        if not path.is_file():
            with writing(path):
                write_compressed(path, data)
        rank = (_BASES.index(extraction.as_of_basis), extraction.as_of or "", record)
        entry = Entry(document.key, record, digest, rank)
        for identifier in document.identifiers:
            earlier = self._new.get(identifier)
            chosen = entry if earlier is None or entry.rank <= earlier.rank else earlier
            replaced = self._entries.get(identifier)
            if replaced is not None:
                self._names[replaced.record].discard(identifier)
                if not self._names[replaced.record]:
                    del self._names[replaced.record]
            self._new[identifier] = self._entries[identifier] = chosen
            self._names[chosen.record].add(identifier)

    def reuse(self, record: str) -> Extraction:
        """The kept extraction with all identifiers of its record. Raises `StoreError` if there is none."""
        if record not in self._names:
            raise StoreError(f"{self._folder.path}: no record {record!r}")
        names = tuple(sorted(self._names[record]))
        return read_extraction(self._folder, self._entries[names[0]], names)

    def origins(self) -> Mapping[str, Path]:
        """Identifier → the file that its text was read from, where that was said."""
        here = self._folder.path
        return {i: Path(os.path.normpath(here / o)) for i, o in self._origins.items() if i in self._entries}

    def remember(self, identifier: str, origin: Path) -> None:
        """Keep, with the next generation, which file the text of `identifier` was read from."""
        # relative: store and documents may be moved together
        self._origins[identifier] = os.path.relpath(origin, self._folder.path)

    def remove(self, identifier_or_iri: str) -> str:
        """Take a document, under all its identifiers, and exactly its claims out; its IRI.

        Raises `StoreError` for what no document is called, naming what there is.
        """
        self._check_open()
        entry = self._entries.get(identifier_or_iri)
        key = entry.key if entry is not None else self._find_key(identifier_or_iri)
        if key is None:
            some = ", ".join(sorted(self._entries)[:5]) or "none"
            raise StoreError(
                f"{self._folder.path}: no document {identifier_or_iri!r}; there are {len(self._entries)}: "
                f"{some}{', …' if len(self._entries) > 5 else ''}"
            )
        self._entries = {i: e for i, e in self._entries.items() if e.key != key}
        self._new = {i: e for i, e in self._new.items() if e.key != key}
        self._names = names_by_record(self._entries)
        return document_iri(key, self._base)

    def _find_key(self, iri: str) -> str | None:
        return next((e.key for e in self._entries.values() if document_iri(e.key, self._base) == iri), None)

    def add_loaded(self, name: str) -> None:
        """Make the parts in ``loaded/NAME`` part of the next generation."""
        self._check_open()
        if name not in self._loaded:
            self._loaded = sorted([*self._loaded, name])

    def commit(self, identity: Identity, progress: Progress | None = None) -> str:
        """Make the next generation of all that is in, switch to it atomically; its name.

        Progress steps are ``identify``, ``assemble``, ``derive``, ``write``, ``load``, ``index``. Raises
        `StoreError` if it cannot be written; the old generation then still serves, and what was put stays for
        another try.
        """
        self._check_open()
        extractions = Extractions(self._folder, speakers(self._entries))
        if progress is not None:
            progress("identify", 0, 1)
        decided = identity(extractions)
        identities = decided if isinstance(decided, Identities) else Identities(decided)
        if progress is not None:
            progress("identify", 1, 1)
        with PatchLog(self._folder.patches) as log:
            patches = log.state()
        described = describe_generation(
            self._base,
            self._ontology.turtle,
            self._entries,
            identities,
            self._loaded,
            self._judgements,
            patches,
        )
        name = generation_name(described)
        with writing(self._folder.path):
            if not (self._folder.generation(name) / "manifest.json").is_file():
                self._make(name, extractions, identities, described, patches, progress)
            elif find_network(self._folder.generation(name)) is None:  # made by an earlier version
                build_index(self._folder.generation(name), self._base)
            self._folder.write_origins({i: o for i, o in self._origins.items() if i in self._entries})
            with switching(self._folder):
                name = catch_up(self._folder, name, patches)
                self._folder.switch(name)
                self._new.clear()
                self._sweep()
        return name

    def identity(self) -> Identities:
        """The identity decisions of the generation that is served."""
        current = self._folder.read_current()
        if current is None:
            return Identities({})
        place = self._folder.generation(current.name)
        canonical: dict[str, str] = json.loads(read_compressed(place / "identity.json.gz"))
        return decode_decisions(canonical, read_compressed(place / "matches.json.gz"))

    def close(self) -> None:
        """Let go of the lock; what was put and not committed is dropped. Closing twice is once."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _check_open(self) -> None:
        if self._lock is None:
            raise StoreError(f"{self._folder.path}: this writer is closed")

    def _make(
        self,
        name: str,
        extractions: Extractions,
        identity: Identities,
        described: Mapping[str, object],
        patches: State,
        progress: Progress | None,
    ) -> None:
        for entry in self._new.values():
            sync_file(self._folder.extraction(entry.record, entry.sha256))
        sync_folder(self._folder.extractions)
        target = self._folder.unfinished()
        loaded = [self._folder.loaded / digest for digest in self._loaded]
        try:
            with PatchLog(self._folder.patches) as log:
                generation = Generation(target, self._base, self._ontology, progress, log, patches)
                generation.build(extractions, identity, loaded, described)
            discard(self._folder.generation(name))  # one without a manifest is damaged
            os.replace(target, self._folder.generation(name))
            sync_folder(self._folder.generations)
        except BaseException:
            discard(target)
            raise

    def _sweep(self) -> None:
        files = {extraction_name(e.record, e.sha256) for e in self._entries.values()}
        self._folder.sweep(files, set(self._loaded))

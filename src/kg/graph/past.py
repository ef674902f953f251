"""A store as it stood on a day: what its documents published by then say, derived anew.

A document was published by a day if its as-of day is not later; one without an as-of day belongs to no day. The
graph of a day is made by the function that makes the whole graph, of the extractions of those documents alone, so
it is the graph of a store into which nothing else was ever built. It is kept beside the generation it was made
of, and goes with it. What updates wrote belongs to no document, and is of every day.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import cached_property
from pathlib import Path

from kg.catalog.ontology import Ontology
from kg.errors import StoreDamaged, StoreError
from kg.graph.assembly import last_day
from kg.graph.folder import Folder, discard, encode_json, read_compressed, writing
from kg.graph.generation import Generation
from kg.graph.loaded import cut_to_day
from kg.graph.local import LocalReader
from kg.graph.patches import PatchLog, State
from kg.graph.records import (
    Entry,
    Extractions,
    describe_generation,
    generation_name,
    read_manifest_of,
    read_state,
    speakers,
)
from kg.graph.snapshots import folded_state, read_live
from kg.graph.store import Identity
from kg.model import Identities

#: Days of one generation that are kept in the store; the one not asked for the longest goes first.
MOST_DAYS = 12


class PastReader(LocalReader):
    """Reads a generation as it stood on `day`."""

    def __init__(
        self, place: Path, name: str, base: str, day: date, whole: Path, scratch: Path | None
    ) -> None:
        super().__init__(place, name, base)
        self.day = day
        self._whole = whole
        self._scratch = scratch

    def find_earlier(self, iri: str) -> list[str]:
        """What stood then for the thing that `iri` stands for in the whole graph, sorted.

        None if nothing was known of it, several if they were only later found to be one.
        """
        members = self._members.get(self._identity.get(iri, iri), {iri})
        known = {self._then.get(member, member) for member in members}
        return sorted(one for one in known if next(self.quads(one), None) is not None)

    @cached_property
    def _identity(self) -> Mapping[str, str]:
        return _read_identity(self._whole)

    @cached_property
    def _then(self) -> Mapping[str, str]:
        return _read_identity(self.path)

    @cached_property
    def _members(self) -> Mapping[str, set[str]]:
        members: dict[str, set[str]] = {}
        for provisional, target in self._identity.items():
            members.setdefault(target, {target}).add(provisional)
        return members

    def close(self) -> None:
        """Let go of the files; closing twice is once."""
        super().close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)


def open_past(reader: LocalReader, day: date, identity: Identity, ontology: Ontology) -> PastReader:
    """A reader of the generation of `reader` as it stood on `day`; made if it was not asked for before.

    Where the store cannot be written to, it is made in a temporary folder that goes with the reader. Raises
    `StoreError` if the generation was replaced in the meantime, or there is no room.
    """
    whole = reader.path
    folder = Folder(whole.parent.parent)
    try:
        manifest, live = read_manifest_of(whole), read_live(whole)
        entries, loaded = read_state(manifest)
    except StoreDamaged as error:
        raise StoreError(f"{whole}: replaced in the meantime; ask again ({error})") from None
    kept = published_by(entries, day)
    named = {i: [e.key, e.sha256] for i, e in sorted(kept.items())}
    # loaded RDF has days of its own, known only when it is read
    of_day = [day.isoformat()] if loaded else []
    patches = folded_state(manifest)
    digest = hashlib.sha256(encode_json([named, of_day, patches])).hexdigest()[:24]
    place = folder.days / whole.name / digest
    scratch = None
    if kept.keys() == entries.keys() and not loaded:
        place = whole
    elif not (place / "manifest.json").is_file():
        scratch = _make(place, folder, reader, kept, loaded, identity, ontology, day, patches)
    if scratch is not None:
        place = scratch / digest
    elif place != whole:
        _touch(place)
    try:
        described = {k: v for k, v in read_manifest_of(place).items() if k != "parts"}
        if place == whole and live is not None:
            described["live"] = live.state
        return PastReader(place, generation_name(described), reader.base, day, whole, scratch)
    except StoreDamaged:
        if scratch is None and place != whole:
            discard(place)
        raise


def published_by(entries: Mapping[str, Entry], day: date) -> dict[str, Entry]:
    """Identifier → the entry that speaks for its text, of the documents published by `day`."""
    return {
        identifier: entry
        for entry, identifiers in speakers(entries)
        for identifier in identifiers
        if _published(entry, day)
    }


def _published(entry: Entry, day: date) -> bool:
    last = last_day(entry.rank[1] or None)
    return last is not None and last <= day.isoformat()


def _make(
    place: Path,
    folder: Folder,
    reader: LocalReader,
    kept: Mapping[str, Entry],
    loaded: list[str],
    identity: Identity,
    ontology: Ontology,
    day: date,
    patches: State,
) -> Path | None:
    """Make the graph of the documents `kept` at `place`; or, where that cannot be, in the folder returned."""
    extractions = Extractions(folder, speakers(kept))
    decided = identity(extractions)
    mapping = decided if isinstance(decided, Identities) else Identities(decided)
    of_day = [f"{one}@{day}" for one in loaded]
    described = describe_generation(
        reader.base, ontology.turtle, kept, mapping, of_day, reader.judgements, patches
    )
    scratch: Path | None = None
    name = f".making-{os.getpid()}-{threading.get_ident()}"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        target = place.parent / name
        discard(target)
        target.mkdir()
    except OSError:
        scratch = Path(tempfile.mkdtemp(prefix="kg-day-"))
        target = scratch / place.name
        target.mkdir()
    try:
        with writing(target), PatchLog(folder.patches) as log:
            Generation(target, reader.base, ontology, None, log, patches).build(
                extractions,
                mapping,
                [cut_to_day(folder.loaded / one, day, target, ontology) for one in loaded],
                described,
            )
            for cut in target.glob("loaded-*"):
                discard(cut)
            if scratch is None:
                if not (place / "manifest.json").is_file():
                    discard(place)
                    os.replace(target, place)
                _trim(place.parent, place)
    except BaseException:
        discard(scratch or target)
        raise
    finally:
        if scratch is None:
            discard(target)
    return scratch


def _trim(days: Path, newest: Path) -> None:
    """Keep the `MOST_DAYS` that were asked for last."""
    found = [d for d in days.iterdir() if not d.name.startswith(".") and d != newest]
    found.sort(key=lambda d: (_used(d), d.name), reverse=True)
    for old in found[MOST_DAYS - 1 :]:
        discard(old)


def _used(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except OSError:
        return 0.0


def _touch(place: Path) -> None:
    """Note that a day was asked for."""
    with suppress(OSError):  # a store that may only be read: then nobody trims it either
        os.utime(place)


def _read_identity(place: Path) -> dict[str, str]:
    try:
        decided: dict[str, str] = json.loads(read_compressed(place / "identity.json.gz"))
    except StoreDamaged:
        return {}  # swept while it was read: IRIs then stand for themselves
    return decided

"""A folder in the user's cache that holds what the store at an endpoint keeps, so that only what is new is fetched."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from kg.catalog.ontology import Ontology
from kg.errors import StoreDamaged, StoreError
from kg.graph.assembly import Part
from kg.graph.folder import Folder, Lock, discard, extraction_name, sync_folder, write_atomically, writing
from kg.graph.generation import Generation
from kg.graph.records import Entry, Extractions, decode_decisions, read_manifest_of, read_state, speakers
from kg.graph.remote.state import State
from kg.settings import Settings

log = logging.getLogger("kg.store")

#: The files of a generation that say what it is made of; the others follow from them.
DECISIONS = ("manifest.json", "identity.json.gz", "matches.json.gz")


def mirror_folder(url: str, settings: Settings) -> Path:
    """Where the mirror of an endpoint lies (XDG Base Directory Specification), unless the settings say."""
    name = hashlib.sha256(f"{url}\n{settings.base_iri}".encode()).hexdigest()[:24]
    if settings.remote_cache:
        return Path(settings.remote_cache).expanduser() / name
    own = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(own) if own and Path(own).is_absolute() else Path("~/.cache").expanduser()
    return root / "statecraft-kg" / "remote" / name


def pull(folder: Folder, base: str, generation: str, state: State, ontology: Ontology) -> None:
    """Have the mirror serve `generation` of the endpoint; what it lacks is fetched. Raises `StoreError`."""
    if not folder.description.exists():
        folder.prepare()
    lock = Lock(folder.lock)
    try:
        if not folder.description.exists():
            folder.create(base)
        with writing(folder.path):
            for place in (folder.extractions, folder.generations, folder.loaded):
                place.mkdir(exist_ok=True)
            if not (folder.generation(generation) / "manifest.json").is_file():
                _make(folder, base, generation, state, ontology)
            folder.switch(generation)
    finally:
        lock.release()


def _make(folder: Folder, base: str, generation: str, state: State, ontology: Ontology) -> None:
    manifest, canonical, matches = (
        content for _, content in state.read([f"generations/{generation}/{name}" for name in DECISIONS])
    )
    try:
        described = json.loads(manifest)
        entries, loaded = read_state(described)
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise StoreDamaged(f"the endpoint's manifest cannot be read: {error}") from None
    missing = [
        name for name, path in kept_files(folder, list(entries.values()), loaded) if not path.is_file()
    ]
    for name, content in state.read(missing):
        path = folder.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content, durable=False)
    identity = decode_decisions(json.loads(gzip.decompress(canonical)), gzip.decompress(matches))
    target = folder.unfinished()
    try:
        Generation(target, base, ontology, None).build(
            Extractions(folder, speakers(entries)),
            identity,
            [folder.loaded / one for one in loaded],
            {key: value for key, value in described.items() if key != "parts"},
        )
        made = json.loads((target / "manifest.json").read_text("utf-8"))
        if made["parts"] != described["parts"]:
            log.warning("the endpoint's graph was made by another version of kg; build into it once more")
        os.replace(target, folder.generation(generation))
        sync_folder(folder.generations)
    except BaseException:
        discard(target)
        raise


def kept_files(folder: Folder, entries: list[Entry], loaded: list[str]) -> Iterator[tuple[str, Path]]:
    """(name at the endpoint, path in the folder) of the files that a generation is made of."""
    names = sorted({f"extractions/{extraction_name(e.record, e.sha256)}" for e in entries})
    names += [f"loaded/{one}/{part.value}.nt.gz" for one in loaded for part in Part]
    for name in names:
        yield name, folder.path / name


def decision_files(folder: Folder, generation: str) -> Iterator[tuple[str, bytes]]:
    """(name at the endpoint, content) of what says what a generation is made of."""
    for name in DECISIONS:
        path = folder.generation(generation) / name
        try:
            yield f"generations/{generation}/{name}", path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {error.strerror or error}") from None


def is_mirrored(folder: Folder, generation: str, state: State) -> bool:
    """Whether the mirror's generation has the triples of the endpoint's: the same version of kg made both."""
    name = f"generations/{generation}/manifest.json"
    ((_, there),) = state.read([name])
    here: object = read_manifest_of(folder.generation(generation))["parts"]
    return bool(json.loads(there).get("parts") == here)

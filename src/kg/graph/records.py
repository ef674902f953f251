"""What a store keeps of each document: the record of its extraction, and which of them a generation is made of."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload

from pydantic import TypeAdapter, ValidationError

from kg.errors import StoreDamaged
from kg.graph.folder import FORMAT, Folder, encode_json, read_compressed
from kg.graph.patches import NOTHING, State
from kg.model import Extraction, Identities, Match, Verdict

EXTRACTION = TypeAdapter(Extraction)
#: Bytes of compressed extractions that are kept decoded between the passes of a commit.
_HELD_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What an identifier stands for: a text (its key), the record of its extraction, that record's SHA-256.

    `rank` decides which record speaks for a text that was put with different metadata: lowest first.
    """

    key: str
    record: str
    sha256: str
    rank: tuple[int, str, str]


def speakers(entries: Mapping[str, Entry]) -> list[tuple[Entry, tuple[str, ...]]]:
    """For each text the entry that speaks for it, with all its identifiers; sorted by key."""
    by_key: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
    for identifier, entry in entries.items():
        by_key[entry.key].append((identifier, entry))
    return [
        (min((e for _, e in named), key=lambda e: e.rank), tuple(sorted(i for i, _ in named)))
        for _, named in sorted(by_key.items())
    ]


class Extractions(Sequence[Extraction]):
    """The kept extractions of distinct texts, sorted by key, read when they are asked for.

    Few of them stay in memory, many are read again each time.
    """

    def __init__(self, folder: Folder, entries: Sequence[tuple[Entry, tuple[str, ...]]]) -> None:
        self._folder = folder
        self._entries = entries
        self._held: dict[int, Extraction] | None = {}

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Extraction: ...
    @overload
    def __getitem__(self, index: slice) -> list[Extraction]: ...
    def __getitem__(self, index: int | slice) -> Extraction | list[Extraction]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        position = range(len(self))[index]
        if self._held is not None and position in self._held:
            return self._held[position]
        entry, identifiers = self._entries[position]
        found = read_extraction(self._folder, entry, identifiers)
        if self._held is not None:
            self._held[position] = found
        return found

    def __iter__(self) -> Iterator[Extraction]:
        if self._held is not None and self._size() > _HELD_BYTES:
            self._held = None
        for position in range(len(self)):
            yield self[position]

    def _size(self) -> int:
        paths = (self._folder.extraction(entry.record, entry.sha256) for entry, _ in self._entries)
        return sum(path.stat().st_size for path in paths if path.is_file())


def read_extraction(folder: Folder, entry: Entry, identifiers: tuple[str, ...]) -> Extraction:
    """The extraction of a record, under `identifiers`. Raises `StoreDamaged`."""
    path = folder.extraction(entry.record, entry.sha256)
    data = read_compressed(path)
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise StoreDamaged(f"{path}: its content is not what was put there (SHA-256 differs)")
    try:
        bare = EXTRACTION.validate_json(data)
    except ValidationError as error:
        raise StoreDamaged(f"{path}: not an extraction: {error}") from None
    return replace(bare, document=replace(bare.document, identifiers=identifiers))


def names_by_record(entries: Mapping[str, Entry]) -> defaultdict[str, set[str]]:
    """Record → the identifiers it stands for, none without any."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for identifier, entry in entries.items():
        names[entry.record].add(identifier)
    return names


def read_state(manifest: Mapping[str, object] | None) -> tuple[dict[str, Entry], list[str]]:
    """Identifier → entry, and the names of what was loaded, of a generation by its manifest; none of None."""
    if manifest is None:
        return {}, []
    documents, loaded = manifest["documents"], manifest["loaded"]
    assert isinstance(documents, dict)
    assert isinstance(loaded, list)
    entries = {
        identifier: Entry(
            row["key"], row["record"], row["sha256"], (row["rank"][0], row["rank"][1], row["rank"][2])
        )
        for identifier, row in documents.items()
    }
    return entries, loaded


def read_manifest(folder: Folder) -> dict[str, object] | None:
    """The manifest of the generation that is served, or None if there is none. Raises `StoreDamaged`."""
    current = folder.read_current()
    return read_manifest_of(folder.generation(current.name)) if current is not None else None


def read_manifest_of(place: Path) -> dict[str, object]:
    """The manifest of the generation in a folder. Raises `StoreDamaged`."""
    path = place / "manifest.json"
    try:
        manifest: dict[str, object] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise StoreDamaged(f"{path}: cannot be read: {error}") from None
    missing = {"documents", "loaded", "parts", "format"} - manifest.keys()
    if missing:
        raise StoreDamaged(f"{path}: without {', '.join(sorted(missing))}")
    return manifest


def judgements_of(manifest: Mapping[str, object] | None) -> str:
    """The table of judgements on identity that a generation follows, in CSV; empty if there is none."""
    return str(manifest.get("judgements", "")) if manifest is not None else ""


def describe_generation(
    base: str,
    ontology: bytes,
    documents: Mapping[str, Entry],
    identity: Identities,
    loaded: Sequence[str],
    judgements: str = "",
    patches: State = NOTHING,
) -> dict[str, object]:
    """All that a generation is a function of; `ontology` is its Turtle text, `judgements` a table in CSV."""
    return {
        **({"judgements": judgements} if judgements else {}),
        **({"patches": patches._asdict()} if patches != NOTHING else {}),
        "format": FORMAT,
        "base": base,
        "ontology": hashlib.sha256(ontology).hexdigest(),
        "documents": {
            identifier: {"key": e.key, "rank": list(e.rank), "record": e.record, "sha256": e.sha256}
            for identifier, e in sorted(documents.items())
        },
        "identity": _digest(identity),
        "loaded": list(loaded),
    }


def _digest(identity: Identities) -> str:
    total = hashlib.sha256(encode_json(dict(identity)))
    total.update(encode_decisions(identity))
    return total.hexdigest()


def encode_decisions(identity: Identities) -> bytes:
    """What `Identities` holds beside the mapping, as JSON."""
    matches = [[m.one, m.other, m.verdict.value, m.score, list(m.because)] for m in identity.matches]
    return encode_json({"apart": identity.apart, "matches": matches})


def decode_decisions(canonical: Mapping[str, str], data: bytes) -> Identities:
    """The `Identities` of a mapping and of what `encode_decisions` made."""
    found = json.loads(data)
    matches = (Match(a, b, Verdict(v), score, tuple(why)) for a, b, v, score, why in found["matches"])
    return Identities(canonical, found["apart"], matches)


def generation_name(described: Mapping[str, object]) -> str:
    """The name of the generation that `describe_generation` describes."""
    return hashlib.sha256(encode_json(dict(described))).hexdigest()[:24]

"""The links of a generation as memory-mapped arrays: compressed sparse rows, in both directions.

Nodes are numbered in the order of their IRIs, links by source, predicate, target and modality. A link stands for all
claims with one subject, predicate, object and modality, or for a flat triple that no claim supports.

::

    network/meta.json         number of nodes and links, predicates, sets of classes, and what the arrays are
    network/nodes.bin         a JSON object of each node, all but its last brace; begins with its IRI
    network/claims.bin        the IRIs of claims, those of a link together, best confidence first
    network/NAME.npy          the arrays of `ARRAYS`
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kg.errors import StoreDamaged
from kg.model import Modality
from kg.terms import DCT, KG, OWL, RDF, RDFS, SKOS

#: Raised when the files change; a network of another format is passed over.
FORMAT = 1
FOLDER = "network"

#: What lies in the arrays: a row for each node (N), link (L), place among neighbours (T) or claim (C); ``_at`` holds
#: where the part of a node, link or claim begins, and one more.
ARRAYS: Mapping[str, str] = {
    "node_at": "int64",  # N+1, bytes of nodes.bin
    "node_classes": "int32",  # N, number of a set of classes
    "node_moved": "uint8",  # N, 1: stands for another one (kg:canonical)
    "out_at": "int32",  # N+1, links
    "source": "int32",  # L
    "target": "int32",  # L
    "predicate": "int16",  # L
    "modality": "int8",  # L, place in MODALITIES
    "claims": "int32",  # L, how many
    "confidence": "float32",  # L, of the best claim; not a number: it has none
    "since": "int32",  # L, first day of a document that says so, 20250315; 0: unknown
    "in_at": "int32",  # N+1, places in in_source
    "in_source": "int32",  # L, sorted for each target
    "in_link": "int32",  # L, the link that in_source is the source of
    "turn_at": "int32",  # N+1, places in turns
    "turns": "int32",  # T, neighbours, each once, each kind of link having its turn
    "claim_at": "int64",  # C+1, bytes of claims.bin
    "claim_of": "int32",  # L+1, places in claim_at
}
MODALITIES: tuple[str, ...] = tuple(sorted(m.value for m in Modality))

#: Predicates that say something about the graph, not about the world.
NOT_FACTS: frozenset[str] = frozenset(
    {
        *(RDF + name for name in ("type", "subject", "predicate", "object")),
        *(SKOS + name for name in ("prefLabel", "altLabel", "exactMatch", "closeMatch")),
        *(RDFS + name for name in ("label", "comment", "seeAlso")),
        OWL + "sameAs",
        *(DCT + name for name in ("identifier", "title")),
        *(
            KG + name
            for name in (
                "canonical",
                "document",
                "evidence",
                "confidence",
                "saidBy",
                "attribution",
                "validTime",
                "acting",
                "contradicts",
                "supersedes",
                "refersTo",
                "text",
                "issued",
                "asOf",
                "asOfBasis",
                "sha256",
                "start",
                "end",
                "point",
                "compares",
                "verdict",
                "score",
                "because",
            )
        ),
    }
)
#: What names a thing, best first.
LABELS: tuple[str, ...] = (
    SKOS + "prefLabel",
    SKOS + "altLabel",
    RDFS + "label",
    DCT + "title",
    DCT + "identifier",
)

Ints = npt.NDArray[np.int32]


class Network:
    """Reads the links of one generation; may be used by several threads."""

    def __init__(self, place: Path) -> None:
        folder = place / FOLDER
        try:
            meta = json.loads((folder / "meta.json").read_text("utf-8"))
            arrays = {name: _read_array(folder / f"{name}.npy", kind) for name, kind in ARRAYS.items()}
            self._texts = _read_bytes(folder / "nodes.bin")
            self._claims = _read_bytes(folder / "claims.bin")
            self.nodes = int(meta["nodes"])
            self.links = int(meta["links"])
            self.predicates: list[str] = list(meta["predicates"])
            self.curies: list[str] = list(meta["curies"])
            self.classes: list[frozenset[str]] = [frozenset(names) for names in meta["classes"]]
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise StoreDamaged(f"{folder}: not an index of links: {error}") from None
        if len(arrays["node_at"]) != self.nodes + 1 or len(arrays["source"]) != self.links:
            raise StoreDamaged(f"{folder}: arrays of another length than meta.json says")
        self.array = arrays
        # plain numbers come out of a memoryview twice as fast as out of an array
        self.view = {name: array.data for name, array in arrays.items()}
        self._node_at = self.view["node_at"]
        #: For who writes links: words of each predicate and modality, made once.
        self.middles: list[str] = []
        #: For who asks often: what follows from the network alone.
        self.kept: dict[str, object] = {}
        #: For who looks up names: what was looked up, and its node.
        self.named: dict[str, int] = {}

    def find(self, iri: str) -> int | None:
        """The number of the node with the given IRI, or None."""
        wanted = iri.encode("utf-8")
        low, high = 0, self.nodes
        while low < high:
            middle = (low + high) // 2
            if self._iri(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < self.nodes and self._iri(low) == wanted else None

    def iri(self, node: int) -> str:
        """The IRI of a node."""
        return self._iri(node).decode("utf-8")

    def text(self, node: int) -> str:
        """The JSON object of a node, without its last brace: IRI, CURIE, label, classes, attributes."""
        return str(self._texts[self._node_at[node] : self._node_at[node + 1]], "utf-8")

    def texts(self, nodes: Sequence[int]) -> list[str]:
        """As `text`, of several."""
        data, at = self._texts.data, self._node_at
        return [str(data[at[node] : at[node + 1]], "utf-8") for node in nodes]

    def claim_iris(self, link: int) -> list[str]:
        """The IRIs of the claims behind a link, best confidence first."""
        first, last = self.view["claim_of"][link], self.view["claim_of"][link + 1]
        at = self.view["claim_at"]
        return [str(self._claims[at[i] : at[i + 1]], "utf-8") for i in range(first, last)]

    def degree(self, iri: str) -> int:
        """The number of neighbours of the node with the given IRI; 0 if there is no such node."""
        node = self.find(iri)
        return 0 if node is None else self.view["turn_at"][node + 1] - self.view["turn_at"][node]

    def is_moved(self, node: int) -> bool:
        """Whether a node stands for another one (``kg:canonical``)."""
        return bool(self.view["node_moved"][node])

    def _iri(self, node: int) -> bytes:
        start = self._node_at[node] + _IRI_AT
        return self._texts[start : self._texts.index(b'"', start)]


#: Where the IRI begins in a node's text: ``{"iri":"``.
_IRI_AT = 8


def find_network(place: Path) -> Network | None:
    """The links of the generation in the folder `place`; None if it was made without them, or by another version.

    Raises `StoreDamaged` if they are there and cannot be read.
    """
    try:
        meta = json.loads((place / FOLDER / "meta.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreDamaged(f"{place / FOLDER}: cannot be read: {error}") from None
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        return None
    return Network(place)


class _Bytes:
    """Bytes of a file, or of none: an empty file cannot be mapped."""

    def __init__(self, data: mmap.mmap | bytes) -> None:
        self.data = data
        self.index = data.find

    def __getitem__(self, part: slice) -> bytes:
        return self.data[part]


def _read_bytes(path: Path) -> _Bytes:
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return _Bytes(b"")
        return _Bytes(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _read_array(path: Path, kind: str) -> npt.NDArray[np.generic]:
    array: npt.NDArray[np.generic] = np.load(path, mmap_mode="r")
    if array.dtype != np.dtype(kind) or array.ndim != 1:
        raise ValueError(f"{path.name}: found {array.dtype}, want {kind}")
    # a plain array over the same map: numpy's memmap class costs a microsecond with every slice
    return np.asarray(array).view(np.ndarray) if len(array) else np.zeros(0, kind)

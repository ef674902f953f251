"""The shapes hold on a store's graph, and find what breaks them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import graph_world as w
import pyshacl
import pytest
import rdflib

from kg.graph.store import What
from kg.terms import KG, RDF

ROOT = Path(__file__).resolve().parents[2]


def validate(data: bytes) -> tuple[bool, str]:
    graph = rdflib.Graph().parse(data=data, format="nt")
    # The ontology tells SHACL which classes are whose subclasses; its RDFS entailments are not asked for.
    conforms, _, text = pyshacl.validate(
        graph,
        shacl_graph=rdflib.Graph().parse(ROOT / "ontology" / "shapes.ttl"),
        ont_graph=rdflib.Graph().parse(ROOT / "ontology" / "kg.ttl"),
        inference="none",
        allow_warnings=True,
    )
    return bool(conforms), str(text)


def test_the_world_conforms(world_store: Path, dumped: Callable[..., bytes]) -> None:
    conforms, text = validate(dumped(world_store, What.ALL))
    assert conforms, text


@pytest.mark.parametrize(
    ("drop", "add"),
    [
        (f"> <{KG}evidence> ", ""),
        (f"<{w.MEETING_3.iri}> <{KG}status>", ""),
        (f"> <{RDF}object> ", ""),
        ("\0", f'<{w.MEETING_3.iri}> <{KG}date> "2031"^^<http://id.loc.gov/datatypes/edtf/EDTF> .\n'),
    ],
)
def test_what_breaks_a_shape_is_found(
    world_store: Path, dumped: Callable[..., bytes], drop: str, add: str
) -> None:
    lines = dumped(world_store, What.ALL).splitlines(keepends=True)
    kept = b"".join(line for line in lines if drop.encode() not in line)
    assert not validate(kept + add.encode())[0]

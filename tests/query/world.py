"""The hand-made world of tests/graph, and what questions need beside: a hub, a namesake, names that are
hostile.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from kg.graph import open_writer
from kg.model import Entity, Extraction
from kg.terms import entity_iri


def load(name: str, path: Path) -> ModuleType:
    """A module by its file: test folders are not packages."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


w = load("graph_world", Path(__file__).parents[1] / "graph" / "world.py")

MEMBERS = 30
UNION = Entity(entity_iri("Organization", "wide-union"), "Organization", None, ("Wide Union",))
IDA = Entity(entity_iri("Person", "brandt-ida"), "Person", None, ("Ida Brandt", "Brandt"))
EVIL_NAME = '<b>Evil</b> & "Sons"'
EVIL = Entity(
    entity_iri("Organization", "evil-sons"), "Organization", "Company", (EVIL_NAME, "=cmd|' /C calc'!A0")
)
EVIL_TEXT = "<script>alert(1)</script> \x0b“Evil & Sons” joined the Wide Union.\x1b[2J"


def hub() -> Extraction:
    countries = [
        Entity(entity_iri("Place", f"land-{i:02}"), "Place", "Country", (f"Land {i:02}",))
        for i in range(MEMBERS)
    ]
    text = "Its members: " + " ".join(f"Land {i:02}." for i in range(MEMBERS)) + " Ida Brandt leads it."
    said = [(c.iri, "memberOf", UNION.iri, w.A, f"Land {i:02}.") for i, c in enumerate(countries)]
    said.append((IDA.iri, "memberOf", UNION.iri, w.A, "Ida Brandt leads it."))
    mentions = [(c.names[0], c.iri) for c in countries] + [("Ida Brandt", IDA.iri)]
    return w.make(
        "hub.txt", text, said, issued="2024-05-01", mentions=mentions, entities=[UNION, IDA, *countries]
    )


def hostile() -> Extraction:
    return w.make(
        "<img src=x>.txt",
        EVIL_TEXT,
        [(EVIL.iri, "memberOf", UNION.iri, w.P, EVIL_TEXT)],
        issued="2024-05-02",
        mentions=[("<script>alert(1)</script>", EVIL.iri), ("“Evil & Sons”", EVIL.iri)],
        entities=[UNION, EVIL],
        title="<i>title</i>",
        attribution='"<u>someone</u>"',
    )


def everything() -> list[Extraction]:
    return [*w.world(), hub(), hostile()]


def build(path: Path, extractions: Sequence[Extraction], identity: Mapping[str, str] | None = None) -> str:
    """Add the extractions to the store at `path`; the name of the generation."""
    del identity
    with open_writer(path) as writer:
        for extraction in extractions:
            writer.put(w.record(extraction), extraction)
        return str(writer.commit(w.identity))

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kg.errors import QueryError, UnknownEntity
from kg.graph import open_reader
from kg.graph.loading import load_rdf
from kg.graph.local import LocalReader
from kg.graph.serialization import find_format, write_dump
from kg.graph.store import StoreReader, What
from kg.graph.words import folded, marked
from kg.query.search import search

DEF = "https://kg.example/def#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
THINGS = {
    "person/a": ("Person", ["Søren Łukasiewicz"], None),
    "person/b": ("Person", ["Sorena Lund", "The Navigator"], None),
    "org/c": ("Organization", ["Lund Sorenson Group"], "A shipyard that builds corvettes."),
    "org/d": ("Organization", ["Sor"], None),
    "place/e": ("Place", ["Lundby"], None),
    "place/f": ("Place", ["North Lund"], None),
}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalReader]:
    folder = tmp_path_factory.mktemp("names")
    lines = []
    for local, (kind, labels, about) in THINGS.items():
        me = f"<https://kg.example/id/{local}>"
        lines.append(f"{me} <{RDF}type> <{DEF}{kind}> .")
        lines += [
            f'{me} <{SKOS}{"altLabel" if n else "prefLabel"}> "{label}" .' for n, label in enumerate(labels)
        ]
        if about:
            lines.append(f'{me} <{SKOS}definition> "{about}" .')
    # f is better joined than e
    lines += [
        f"<https://kg.example/id/{x}> <{DEF}locatedIn> <https://kg.example/id/place/f> ."
        for x in ("org/c", "org/d")
    ]
    (folder / "names.nt").write_text("\n".join(lines) + "\n", "utf-8")
    load_rdf([folder / "names.nt"], folder / "store")
    with open_reader(folder / "store") as reader:
        yield reader


def labels(reader: StoreReader, text: str, **only: str) -> list[str]:
    return [hit.label for hit in search(reader, text, **only).entities]  # type: ignore[arg-type]


def test_what_is_called_so_comes_first_then_what_begins_so(names: LocalReader) -> None:
    assert labels(names, "sor")[0] == "Sor"
    assert set(labels(names, "sor")) == {"Sor", "Søren Łukasiewicz", "Sorena Lund", "Lund Sorenson Group"}
    assert labels(names, "sor")[-1] == "Lund Sorenson Group"  # does not begin so
    assert labels(names, "lund") == ["Lund Sorenson Group", "Lundby", "North Lund", "Sorena Lund"]


def test_strokes_and_ligatures_do_not_matter(names: LocalReader) -> None:
    assert labels(names, "lukasiew") == labels(names, "ŁUKASIEW") == ["Søren Łukasiewicz"]
    assert folded("Æsir  Ødegård") == "aesir odegard"


def test_descriptions_come_last(names: LocalReader) -> None:
    found = search(names, "corvettes").entities
    assert [(h.label, h.about) for h in found] == [
        ("Lund Sorenson Group", "A shipyard that builds corvettes.")
    ]
    assert found[0].score < search(names, "sor").entities[-1].score


def test_classes_documents_and_limits(names: LocalReader) -> None:
    assert labels(names, "lund", type="Place") == ["Lundby", "North Lund"]
    assert labels(names, "sor", type="kg:Organization") == ["Sor", "Lund Sorenson Group"]
    assert [h.label for h in search(names, "lund", limit=1).entities] == ["Lund Sorenson Group"]
    with pytest.raises(QueryError, match="want one of"):
        search(names, "lund", type="Planet")
    with pytest.raises(UnknownEntity):
        search(names, "lund", document="none.txt")


def test_the_words_that_fitted_are_marked(names: LocalReader) -> None:
    (hit,) = search(names, "soren luk").entities
    assert [hit.matched[s.start : s.end] for s in hit.highlights] == ["Søren", "Łukasiewicz"]
    text = "Ünder 防衛省 the under_dog"
    assert [text[s.start : s.end] for s in marked(text, ["under"], beginnings=True)] == ["Ünder", "under"]


def test_other_spellings_are_suggested(names: LocalReader) -> None:
    assert search(names, "lukasiewizc").suggestion == "lukasiewicz"
    assert search(names, "sorena naviagtor").suggestion == "sorena navigator"
    assert search(names, "lund").suggestion is None
    assert search(names, "zzzzqq").suggestion is None
    assert search(names, "xy").suggestion is None


def test_sentences_by_document_days_modality_and_class(reader: StoreReader, asked_world: ModuleType) -> None:
    every = {s.text for s in search(reader, "hallen").sentences}
    assert len(every) > 1
    denied = search(reader, "hallen", modality="denied").sentences
    assert [s.text for s in denied] == ["It denied that Norland runs Hallen Air Base."]
    (one,) = denied
    assert [one.text[s.start : s.end] for s in one.highlights] == ["Hallen"]
    by_document = search(reader, "hallen", document=one.document.iri)
    assert {s.document.iri for s in by_document.sentences} == {one.document.iri}
    assert labels(reader, "brandt", document="hub.txt") == ["Ida Brandt"]
    assert labels(reader, "ida brandt", document=one.document.iri) == []
    day = one.document.as_of
    assert day is not None
    near = search(reader, "hallen", since=day, until=day).sentences
    assert {s.document.as_of for s in near} == {day}
    assert search(reader, "hallen", until="1900").sentences == ()
    assert {s.text for s in search(reader, "hallen", type="Facility").sentences} <= every
    assert search(reader, "hallen", type="Equipment").sentences == ()
    for wrong in ({"since": "yesterday"}, {"until": "2024-99"}, {"modality": "maybe"}):
        with pytest.raises(QueryError, match="want"):
            search(reader, "hallen", **wrong)  # type: ignore[arg-type]


def test_passages_of_a_dump_can_be_searched(small_store: Path, tmp_path: Path) -> None:
    with open_reader(small_store) as reader:
        form = find_format("nt")
        assert form is not None
        write_dump(reader, What.ALL, form, tmp_path / "all.nt")
        wanted = search(reader, "denied hallen", modality="Denied").sentences
    load_rdf([tmp_path / "all.nt"], tmp_path / "again")
    with open_reader(tmp_path / "again") as reader:
        found = search(reader, "denied hallen", modality="Denied").sentences
        assert [(s.iri, s.text) for s in found] == [(s.iri, s.text) for s in wanted]
        assert [s.entities for s in found] == [s.entities for s in wanted]

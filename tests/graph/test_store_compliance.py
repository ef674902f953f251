"""What every store must do, whatever it is made of. A new store adds itself to `STORES`."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import graph_world as w
import pyoxigraph as ox
import pytest
from graph_engines import Engine

from kg.catalog.ontology import Ontology
from kg.errors import IdentifierClash, QueryError, QuerySyntaxError, StoreError, StoreMissing
from kg.graph.local import open_reader, open_writer
from kg.graph.remote import Endpoint, open_remote_reader, open_remote_writer
from kg.graph.store import StoreReader, StoreWriter, What
from kg.model import Document, Entity, Extraction, Modality, Span
from kg.settings import load_settings
from kg.terms import KG, RDF, SKOS


class Backend(Protocol):
    """Opens one store, new at first, again and again."""

    def writer(self) -> StoreWriter: ...
    def reader(self) -> StoreReader: ...


class LocalBackend:
    def __init__(self, path: Path, ontology: Ontology) -> None:
        self.path = path
        self.ontology = ontology

    def writer(self) -> StoreWriter:
        return open_writer(self.path, ontology=self.ontology)

    def reader(self) -> StoreReader:
        return open_reader(self.path)


class RemoteBackend:
    """A store at an engine, emptied first; the mirror is new as well."""

    def __init__(self, path: Path, ontology: Ontology, engine: Engine) -> None:
        self.ontology = ontology
        self.url = engine.url
        self.settings = load_settings(
            {**engine.environment, "KG_REMOTE_CACHE": str(path), "KG_REMOTE_RETRIES": "0"}
        )
        endpoint = Endpoint(self.url, self.settings)
        for graph in ("graph", "graph/store", "graph/staging"):
            endpoint.update(f"DROP SILENT GRAPH <{self.settings.base_iri}{graph}>")
        endpoint.close()

    def writer(self) -> StoreWriter:
        return open_remote_writer(self.url, self.settings, self.ontology)

    def reader(self) -> StoreReader:
        return open_remote_reader(self.url, self.settings, self.ontology)


STORES = ("local", "oxigraph", "virtuoso")


def make(request: pytest.FixtureRequest, path: Path, ontology: Ontology) -> Backend:
    if request.param == "local":
        return LocalBackend(path, ontology)
    return RemoteBackend(path, ontology, request.getfixturevalue(f"{request.param}_server"))


@pytest.fixture(params=STORES)
def backend(request: pytest.FixtureRequest, tmp_path: Path, ontology: Ontology) -> Backend:
    return make(request, tmp_path / "store", ontology)


@pytest.fixture(scope="module", params=STORES)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, ontology: Ontology
) -> Backend:
    made = make(request, tmp_path_factory.mktemp("filled") / "store", ontology)
    add(made, w.world())
    return made


@pytest.fixture(scope="module")
def reader(filled: Backend) -> Iterable[StoreReader]:
    opened = filled.reader()
    yield opened
    opened.close()


def add(backend: Backend, extractions: Iterable[Extraction]) -> str:
    writer = backend.writer()
    try:
        for extraction in extractions:
            writer.put(w.record(extraction), extraction)
        return writer.commit(w.identity)
    finally:
        writer.close()


def dump(backend: Backend, what: What = What.ALL) -> bytes:
    opened, out = backend.reader(), io.BytesIO()
    opened.dump(what, ox.RdfFormat.N_TRIPLES, out)
    opened.close()
    return out.getvalue()


def rows(answer: object) -> list[str]:
    assert isinstance(answer, ox.QuerySolutions)
    return sorted(" ".join(str(value) for value in row) for row in answer)


# ---- protocols


def test_both_sides_are_what_they_claim(backend: Backend) -> None:
    writer = backend.writer()
    assert isinstance(writer, StoreWriter)
    writer.commit(w.identity)
    writer.close()
    opened = backend.reader()
    assert isinstance(opened, StoreReader)
    opened.close()


# ---- reading


def test_queries(reader: StoreReader) -> None:
    known = {"kg": KG}
    asked = reader.query("SELECT ?p { ?p kg:holdsOffice ?o }", prefixes=known)
    assert rows(asked) == [f"<{w.MARTA}>"]
    assert bool(reader.query("ASK { ?e a kg:Meeting }", prefixes=known)) is True
    (triple,) = reader.query(
        "CONSTRUCT { ?p kg:date ?o } WHERE { ?p a kg:Meeting ; kg:date ?o }", prefixes=known
    )
    assert triple.object.value == "2024-03-28"
    bound = reader.query(
        "SELECT ?p ?o { ?p kg:holdsOffice ?o }", prefixes=known, substitutions={"p": ox.NamedNode(w.OLE)}
    )
    assert rows(bound) == []


def test_the_prefixes_of_the_package_are_known(reader: StoreReader) -> None:
    assert rows(reader.query("SELECT ?o { person:lindqvist-marta kg:holdsOffice ?o }")) == [f"<{w.MINISTER}>"]


def test_wrong_queries(reader: StoreReader) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        reader.query("SELECT * {\n ?s ?p }")
    assert (caught.value.line, caught.value.column) == (2, 9)
    with pytest.raises(QueryError, match="SERVICE"):
        reader.query("SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }")
    with pytest.raises(QueryError):
        reader.query("DELETE WHERE { ?s ?p ?o }")


def test_graph_names_choose_what_is_asked(reader: StoreReader) -> None:
    assert rows(reader.query("SELECT ?s { ?s ?p ?o }", default_graph=["x:none"])) == []
    assert rows(reader.query("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", named_graphs=["x:none"])) == []


def test_quads(reader: StoreReader) -> None:
    (found,) = reader.quads(w.MARTA, KG + "holdsOffice")
    assert found.object == ox.NamedNode(w.MINISTER)
    (label,) = reader.quads(None, SKOS + "prefLabel", ox.Literal("Marta Lindqvist", language="en"))
    assert label.subject == ox.NamedNode(w.MARTA)
    assert list(reader.quads("x:nobody")) == []
    assert len(list(reader.quads())) == len(set(reader.quads()))
    with pytest.raises(QueryError, match="not an absolute IRI"):
        reader.quads("nobody")


def test_documents(reader: StoreReader) -> None:
    listed = reader.documents()
    names = ("a/plan.txt", "bare.txt", "outcome.txt", "rival.txt", "undated.txt")
    assert [d.identifiers for d in listed] == [(name,) for name in names]
    assert all(d.text == "" and d.mentions == () for d in listed)
    extraction = w.plan()
    found = reader.document(w.document_of(extraction))
    assert found is not None
    assert found.text == extraction.document.text
    assert (found.title, found.source, found.issued) == ("A plan", "https://news.example/plan", "2024-03-05")
    assert (found.as_of, found.as_of_basis) == ("2024-03-05", "stated")
    assert found.sha256 == extraction.document.sha256
    assert reader.document("https://kg.example/doc/0000000000000000") is None


def test_a_documents_mentions_are_sorted_and_canonical(reader: StoreReader) -> None:
    found = reader.document(w.document_of(w.plan()))
    assert found is not None
    assert [m.text for m in found.mentions] == ["Norland", "Marta Lindqvist", "Ole Brandt", "Hallen Air Base"]
    for mention in found.mentions:
        assert found.text[mention.span.start : mention.span.end] == mention.text
    other = reader.document(w.document_of(w.rival_plan()))
    assert other is not None
    assert [m.entity_iri for m in other.mentions] == [w.MARTA]


def test_texts_with_any_characters_come_back_exactly(reader: StoreReader) -> None:
    for extraction in (w.outcome(), w.undated()):
        found = reader.document(w.document_of(extraction))
        assert found is not None
        assert found.text == extraction.document.text
        assert found.boilerplate == extraction.document.boilerplate


def test_find_by_name(reader: StoreReader) -> None:
    (hit,) = reader.find_by_name("  MARTA   líndqvist ")
    assert (hit.iri, hit.label, hit.kind, hit.subkind, hit.mentions) == (
        w.MARTA,
        "Marta Lindqvist",
        "Person",
        None,
        3,
    )
    (alias,) = reader.find_by_name("Brandt")
    assert (alias.iri, alias.matched) == (w.OLE, "Brandt")
    (former,) = reader.find_by_name("Hallen Field")
    assert (former.iri, former.kind, former.subkind) == (w.BASE, "Facility", "MilitaryBase")
    assert reader.find_by_name("Marta") == []
    assert reader.find_by_name("") == []


def test_search(reader: StoreReader) -> None:
    hits = reader.search("brand")
    assert hits[0].iri == w.OLE
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert {h.iri for h in reader.search("air hal")} == {w.BASE}
    assert {h.kind for h in reader.search("l", kind="Person")} == {"Person"}
    assert [h.iri for h in reader.search("norland", kind="Country")] == [w.NORLAND]
    assert len(reader.search("", limit=3)) == 3
    assert reader.search("")[0].iri == w.MARTA
    assert reader.search("nobody of that name") == []
    exact, *_ = reader.search("Norland")
    assert exact.iri == w.NORLAND


@pytest.mark.parametrize(
    "text", ['"', "*", "a OR b", "NEAR(a b)", "a^2", "{x}", "-", "'; DROP", "\x00", "é" * 5000]
)
def test_search_takes_any_text(reader: StoreReader, text: str) -> None:
    for hits in (reader.search(text), reader.find_by_name(text), reader.search_sentences(text)):
        assert isinstance(hits, list)


def test_search_sentences(reader: StoreReader) -> None:
    hits = reader.search_sentences("portal CITY")
    assert len(hits) == 3
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    for hit in hits:
        document = reader.document(hit.document_iri)
        assert document is not None
        assert document.text[hit.span.start : hit.span.end] == hit.text
    assert [h.text for h in reader.search_sentences("nothing note")] == ["Nothing of note happened."]
    assert reader.search_sentences("") == []
    assert len(reader.search_sentences("portal", limit=1)) == 1


def test_boilerplate_is_not_searched(reader: StoreReader) -> None:
    assert reader.search_sentences("Café talk") == []


# ---- writing


def test_an_empty_store_answers(backend: Backend) -> None:
    with pytest.raises(StoreMissing):
        backend.reader()
    name = add(backend, [])
    opened = backend.reader()
    assert opened.generation == name
    assert opened.documents() == []
    assert rows(opened.query("SELECT * { ?s ?p ?o }")) == []
    assert opened.search("x") == []
    opened.close()
    assert dump(backend) == b""


def test_the_generation_is_new_if_and_only_if_the_content_is(backend: Backend) -> None:
    first = add(backend, [w.plan()])
    assert add(backend, [w.plan()]) == first
    assert add(backend, []) == first
    second = add(backend, [w.bare()])
    assert second != first
    writer = backend.writer()
    writer.remove("bare.txt")
    assert writer.commit(w.identity) == first
    writer.close()


def test_what_is_known(backend: Backend) -> None:
    add(backend, [w.plan(), w.bare()])
    writer = backend.writer()
    keys = {"a/plan.txt": w.plan().document.key, "bare.txt": w.bare().document.key}
    assert dict(writer.known()) == keys
    assert writer.has(w.record(w.plan()))
    assert not writer.has("v2-other")
    assert writer.reuse(w.record(w.plan())) == w.plan()
    with pytest.raises(StoreError, match="v2-other"):
        writer.reuse("v2-other")
    writer.close()


def test_a_changed_text_replaces_the_old_one_and_its_claims(backend: Backend) -> None:
    add(backend, [w.outcome()])
    only = dump(backend)
    add(backend, [w.renamed(w.plan(), "x.txt")])
    assert b"a plan" not in dump(backend)
    add(backend, [w.renamed(w.rival_plan(), "x.txt")])
    replaced = dump(backend)
    assert w.document_of(w.plan()).encode() not in replaced
    assert w.document_of(w.rival_plan()).encode() in replaced
    writer = backend.writer()
    writer.remove("x.txt")
    writer.commit(w.identity)
    writer.close()
    assert dump(backend) == only


def test_changed_metadata_replace_the_old(backend: Backend) -> None:
    old = w.bare()
    new = replace(old, document=replace(old.document, issued="2024-07-01"), as_of="2024-07-01")
    for extraction, record in ((old, "r1"), (new, "r2")):
        writer = backend.writer()
        writer.put(record, extraction)
        writer.commit(w.identity)
        writer.close()
    assert b"2024-07-01" in dump(backend)
    assert b"2024-02-29" not in dump(backend)


def test_one_text_under_two_names_is_one_document(backend: Backend) -> None:
    add(backend, [w.renamed(w.plan(), "one.txt"), w.renamed(w.plan(), "two.txt")])
    opened = backend.reader()
    (document,) = opened.documents()
    assert document.identifiers == ("one.txt", "two.txt")
    both = dump(backend)
    opened.close()
    add(backend, [w.renamed(w.plan(), "three.txt")])
    assert dump(backend).count(b"identifier>") == 3
    writer = backend.writer()
    assert writer.remove("two.txt") == w.document_of(w.plan())
    assert dict(writer.known()) == {}
    writer.close()
    assert both.count(b"identifier>") == 2


def test_one_text_with_two_datings_does_not_depend_on_order(
    backend: Backend, tmp_path: Path, ontology: Ontology
) -> None:
    old = w.bare()
    new = replace(
        w.renamed(old, "other.txt"),
        document=Document(("other.txt",), old.document.text, "2024-07-01"),
        as_of="2024-07-01",
    )
    other = LocalBackend(tmp_path / "other", ontology)
    for place, order in ((backend, (old, new)), (other, (new, old))):
        writer = place.writer()
        for extraction in order:
            writer.put("r-" + (extraction.as_of or ""), extraction)
        writer.commit(w.identity)
        writer.close()
    assert dump(backend) == dump(other)


def test_two_texts_under_one_name_clash(backend: Backend) -> None:
    writer = backend.writer()
    writer.put("r1", w.renamed(w.plan(), "x.txt"))
    with pytest.raises(IdentifierClash, match=r"x\.txt"):
        writer.put("r2", w.renamed(w.bare(), "x.txt"))
    writer.commit(w.identity)
    writer.put("r2", w.renamed(w.bare(), "x.txt"))
    writer.close()


def test_removing_takes_exactly_the_documents_claims(backend: Backend) -> None:
    add(backend, w.world()[:-2])
    before = dump(backend)
    add(backend, w.world())
    writer = backend.writer()
    assert writer.remove("undated.txt") == w.document_of(w.undated())
    assert writer.remove(w.document_of(w.bare())) == w.document_of(w.bare())
    with pytest.raises(
        StoreError, match=r"no document 'undated\.txt'; there are 3: a/plan\.txt, outcome\.txt"
    ):
        writer.remove("undated.txt")
    writer.commit(w.identity)
    writer.close()
    assert dump(backend) == before


def test_what_was_not_committed_is_dropped(backend: Backend) -> None:
    add(backend, [w.bare()])
    before = dump(backend)
    writer = backend.writer()
    writer.put(w.record(w.plan()), w.plan())
    writer.remove("bare.txt")
    writer.close()
    assert dump(backend) == before
    again = backend.writer()
    assert not again.has(w.record(w.plan()))
    assert list(again.known()) == ["bare.txt"]
    again.close()


def test_a_closed_writer_writes_no_more(backend: Backend) -> None:
    writer = backend.writer()
    writer.close()
    writer.close()
    with pytest.raises(StoreError, match="closed"):
        writer.put("r", w.bare())
    with pytest.raises(StoreError, match="closed"):
        writer.commit(w.identity)


def test_what_has_no_evidence_is_refused_and_nothing_is_lost(backend: Backend) -> None:
    extraction = w.plan()
    bad = replace(extraction, claims=(replace(extraction.claims[0], evidence=()),))
    writer = backend.writer()
    writer.put("good", w.bare())
    for record, wrong in (
        ("bad", bad),
        ("../bad", extraction),
        ("", extraction),
        ("ok", w.renamed(extraction)),
    ):
        with pytest.raises(StoreError):
            writer.put(record, wrong)
    writer.commit(w.identity)
    writer.close()
    opened = backend.reader()
    assert [d.identifiers for d in opened.documents()] == [("bare.txt",)]
    opened.close()


def test_a_failing_identity_leaves_everything_as_it_was(backend: Backend) -> None:
    add(backend, [w.bare()])
    before = dump(backend)

    def fail(_: object) -> dict[str, str]:
        raise RuntimeError("no decision")

    writer = backend.writer()
    writer.put(w.record(w.plan()), w.plan())
    with pytest.raises(RuntimeError, match="no decision"):
        writer.commit(fail)
    with pytest.raises(StoreError, match="circle"):
        writer.commit(lambda _: {"x:a": "x:b", "x:b": "x:a"})
    assert dump(backend) == before
    writer.commit(w.identity)
    writer.close()
    assert len(dump(backend)) > len(before)


def test_identity_sees_all_that_is_in_whenever_it_came(backend: Backend) -> None:
    add(backend, [w.plan()])
    seen: list[tuple[str, ...]] = []

    def watch(extractions: object) -> dict[str, str]:
        assert isinstance(extractions, Iterable)
        seen.append(tuple(sorted(e.document.identifiers[0] for e in extractions)))
        return {}

    writer = backend.writer()
    writer.put(w.record(w.bare()), w.bare())
    writer.commit(watch)
    writer.close()
    assert seen == [("a/plan.txt", "bare.txt")]


def test_progress_is_told_to_the_end(backend: Backend) -> None:
    told: list[tuple[str, int, int]] = []
    writer = backend.writer()
    writer.put(w.record(w.plan()), w.plan())
    writer.commit(w.identity, lambda step, done, total: told.append((step, done, total)))
    writer.close()
    steps = list(dict.fromkeys(step for step, _, _ in told))
    assert len(steps) > 1
    for step in steps:
        of_step = [(done, total) for name, done, total in told if name == step]
        assert of_step == sorted(of_step)
        assert of_step[-1][0] == of_step[-1][1]


def test_a_reader_keeps_its_generation(backend: Backend) -> None:
    add(backend, [w.plan()])
    before = dump(backend)
    old = backend.reader()
    for extraction in (w.outcome(), w.undated(), w.bare(), w.rival_plan()):
        add(backend, [extraction])
    out = io.BytesIO()
    old.dump(What.ALL, ox.RdfFormat.N_TRIPLES, out)
    assert out.getvalue() == before
    assert [d.identifiers for d in old.documents()] == [("a/plan.txt",)]
    if isinstance(backend, LocalBackend):  # an endpoint has one graph, and answers from what it holds now
        assert rows(old.query("SELECT ?d { ?d a kg:Document }")) == [f"<{w.document_of(w.plan())}>"]
    new = backend.reader()
    assert new.generation != old.generation
    assert len(new.documents()) == 5
    new.close()
    old.close()


def test_a_closed_reader_says_so(backend: Backend) -> None:
    add(backend, [w.plan()])
    opened = backend.reader()
    opened.close()
    opened.close()
    for ask in (
        lambda: opened.query("ASK {}"),
        opened.documents,
        lambda: opened.dump(What.ALL, ox.RdfFormat.TURTLE, io.BytesIO()),
    ):
        with pytest.raises(StoreError, match="closed"):
            ask()


def test_names_and_texts_of_any_script(backend: Backend) -> None:
    name = "Łódź 防衛省 Ürümqi"
    thing = Entity(w.iri("Place", "x"), "Place", "City", (name,))
    text = f"𐀀 {name}\r\n\x00 end."
    made = w.make(
        "📄.txt",
        text,
        [(thing.iri, "locatedIn", w.NORLAND, Modality.ASSERTED, name)],
        entities=[thing],
        mentions=[(name, thing.iri)],
    )
    assert made.claims[0].evidence == (Span(2, 2 + len(name)),)
    add(backend, [made])
    opened = backend.reader()
    found = opened.document(w.document_of(made))
    assert found is not None
    assert (found.text, found.identifiers) == (text, ("📄.txt",))
    assert [h.iri for h in opened.find_by_name("łódź 防衛省 urumqi")] == [thing.iri]
    assert [h.iri for h in opened.search("防衛省")] == [thing.iri]
    assert [h.text for h in opened.search_sentences("ürümqi")] == [name]
    (quote,) = opened.quads(f"{found.iri}#char=2,{2 + len(name)}", KG + "text")
    assert quote.object.value == name
    opened.close()


def test_classes_of_the_index_are_those_of_the_graph(reader: StoreReader) -> None:
    for hit in reader.search("", limit=100):
        classes = {q.object.value.removeprefix(KG) for q in reader.quads(hit.iri, RDF + "type")}
        assert classes == {hit.kind, hit.subkind} - {None}


def test_a_writer_remembers_where_texts_were_read(backend: Backend, tmp_path: Path) -> None:
    extraction = w.world()[0]
    name = extraction.document.identifiers[0]
    generations = []
    for folder in ("a", "a", "b"):
        writer = backend.writer()
        writer.put(w.record(extraction), extraction)
        writer.remember(name, tmp_path / folder / "x.txt")
        writer.remember("nothing.txt", tmp_path / "nothing.txt")
        generations.append(writer.commit(w.identity))
        writer.close()
        writer = backend.writer()
        assert writer.origins() == {name: tmp_path / folder / "x.txt"}
        writer.close()
    assert len(set(generations)) == 1  # no part of what a generation is a function of
    writer = backend.writer()
    writer.remember(name, tmp_path / "dropped.txt")
    writer.close()
    writer = backend.writer()
    assert writer.origins()[name] == tmp_path / "b" / "x.txt"
    writer.remove(name)
    assert name not in writer.origins()
    writer.close()

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest
import zstandard

from kg.errors import QueryError
from kg.graph import open_reader
from kg.graph.document_dump import document_lines
from kg.graph.dumps import (
    FORMS,
    PUBLISHED,
    Dump,
    Packing,
    count_lines,
    every_dump,
    find_dump,
    find_kept,
    forms_of,
    keep,
    list_kept,
    publish,
    write,
)
from kg.graph.store import What
from kg.graph.variants import OA, PROV
from kg.terms import KG, RDF

REIFIES = RDF + "reifies"


def written(reader: object, name: str) -> bytes:
    out = io.BytesIO()
    dump = find_dump(name)
    assert dump is not None
    write(reader, dump, out)  # type: ignore[arg-type]
    return out.getvalue()


def triples(data: bytes, form: ox.RdfFormat = ox.RdfFormat.N_TRIPLES) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(data, form)}


@pytest.fixture
def copy(small_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_store, tmp_path / "store"))


def test_names_are_read_as_they_are_written() -> None:
    names = [dump.name for dump in every_dump()]
    assert len(names) == len(set(names)) == 3 * (5 * 6 + 4)
    for dump in every_dump():
        assert find_dump(dump.name) == dump
    for name in (
        "",
        "all",
        "all.",
        "all.gz",
        "all.ttl.",
        "all.ttl.bz2",
        "rdf12.jsonld",
        "rdf12.rdf",
        "ALL.ttl",
    ):
        assert find_dump(name) is None


@pytest.mark.parametrize("what", list(What))
def test_every_form_and_packing_holds_the_same_triples(small_store: Path, what: What) -> None:
    with open_reader(small_store) as reader:
        lines = written(reader, f"{what}.nt")
        assert lines.splitlines() == sorted(set(lines.splitlines()))
        expected = triples(lines)
        assert expected or what is What.MENTIONS
        for form in forms_of(what):
            plain = written(reader, f"{what}.{form.ending}")
            if form.ending == "rdf":  # XML cannot hold every character
                assert len(triples(plain, form.encoder)) == len(expected)
            else:
                assert triples(plain, form.encoder) == expected, form.ending
            assert gzip.decompress(written(reader, f"{what}.{form.ending}.gz")) == plain
            packed = written(reader, f"{what}.{form.ending}.zst")
            assert zstandard.ZstdDecompressor().decompressobj().decompress(packed) == plain


def test_rdf12_states_each_claim_as_a_triple_term_and_nothing_else_changes(small_store: Path) -> None:
    with open_reader(small_store) as reader:
        plain, reified = triples(written(reader, "all.nt")), triples(written(reader, "rdf12.nt"))
    parts = {RDF + name for name in ("subject", "predicate", "object")}
    stated: dict[object, dict[str, object]] = {}
    for triple in plain:
        if triple.predicate.value in parts:
            stated.setdefault(triple.subject, {})[triple.predicate.value] = triple.object
    assert len(stated) > 5
    terms = {t.subject: t.object for t in reified if t.predicate.value == REIFIES}
    assert terms.keys() == stated.keys()
    for claim, said in stated.items():
        term = terms[claim]
        assert isinstance(term, ox.Triple)
        assert (term.subject, term.predicate, term.object) == tuple(
            said[RDF + name] for name in ("subject", "predicate", "object")
        )
    assert {t for t in reified if t.predicate.value != REIFIES} == {
        t for t in plain if t.predicate.value not in parts
    }
    with (
        open_reader(small_store) as reader,
        pytest.raises(QueryError, match="rdf12 cannot be written as jsonld"),
    ):
        write(reader, Dump(What.RDF12, FORMS[2]), io.BytesIO())


def test_prov_names_sources_selectors_and_bodies(small_store: Path) -> None:
    with open_reader(small_store) as reader:
        store = ox.Store()
        store.bulk_load(written(reader, "prov.nt"), ox.RdfFormat.N_TRIPLES)
        stated = {quad.subject for quad in reader.quads(None, RDF + "subject")}
        claims = [quad for quad in reader.quads(None, KG + "document") if quad.subject in stated]
        mentions = list(reader.quads(None, KG + "refersTo"))
        for quad in claims:
            found = store.query(
                f"ASK {{ {quad.subject} a <{PROV}Entity> ; <{PROV}hadPrimarySource> {quad.object} }}"
            )
            assert bool(found)
        document = reader.document(str(claims[0].object)[1:-1])
        assert document is not None
        rows = list(
            store.query(  # type: ignore[arg-type]
                f"SELECT ?s ?e ?t {{ ?p <{OA}hasSource> {claims[0].object} ; <{OA}hasSelector> ?a , ?b . "
                f"?a <{OA}start> ?s ; <{OA}end> ?e . ?b <{OA}exact> ?t }}"
            )
        )
        assert rows
        for row in rows:
            assert document.text[int(row["s"].value) : int(row["e"].value)] == row["t"].value
        bodies = list(store.quads_for_pattern(None, ox.NamedNode(OA + "hasBody"), None))
        assert {str(q.object) for q in bodies} == {str(q.object) for q in mentions}


def test_a_document_dump_holds_its_claims_passages_and_mentions_alone(small_store: Path) -> None:
    with open_reader(small_store) as reader:
        every = set(written(reader, "all.nt").splitlines(keepends=True))
        seen: set[bytes] = set()
        for document in reader.documents():
            lines = document_lines(reader, document.iri)
            assert lines == sorted(set(lines))
            assert set(lines) <= every
            assert any(line.startswith(f"<{document.iri}> ".encode()) for line in lines)
            foreign = [x for x in lines if b"#char=" in x.split(b" ")[0] and document.iri.encode() not in x]
            assert foreign == []
            seen.update(lines)
        claims = {
            x for x in written(reader, "claims.nt").splitlines(keepends=True) if b"contradicts" not in x
        }
        assert claims <= seen
        assert document_lines(reader, "https://kg.example/doc/none") == []


def test_what_is_published_is_kept_with_its_length_hash_and_count(copy: Path) -> None:
    with open_reader(copy) as reader:
        shutil.rmtree(reader.path / "dumps", ignore_errors=True)
        size = count_lines(reader, What.ALL)
        assert size is not None
        assert publish(reader, size - 1) is False
        assert list_kept(reader) == {}
        assert publish(reader, size) is True
        kept = list_kept(reader)
        assert list(kept) == sorted(dump.name for dump in PUBLISHED)
        for name, record in kept.items():
            data = (reader.path / "dumps" / name).read_bytes()
            assert data == written(reader, name)
            assert (record.bytes, record.sha256) == (len(data), hashlib.sha256(data).hexdigest())
            assert record.triples == len(written(reader, name.rpartition(".")[0]).splitlines())


def test_a_dump_is_written_once_and_a_damaged_one_again(copy: Path) -> None:
    dump = find_dump("facts.ttl.gz")
    assert dump is not None
    with open_reader(copy) as reader:
        assert find_kept(reader, dump) is None
        first = keep(reader, dump)
        assert first is not None
        record, path = first
        assert path.read_bytes() == written(reader, "facts.ttl.gz")
        assert record.triples == len(written(reader, "facts.nt").splitlines())
        before = path.stat().st_mtime_ns
        assert keep(reader, dump) == first
        assert path.stat().st_mtime_ns == before
        path.write_bytes(b"cut")
        assert find_kept(reader, dump) is None
        assert keep(reader, dump) == first
        assert len(path.read_bytes()) == record.bytes
        assert not list(path.parent.glob(".*"))


def test_a_store_that_cannot_be_written_to_keeps_none(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("kg.graph.dumps._unfinished", refuse)
    with open_reader(copy) as reader:
        shutil.rmtree(reader.path / "dumps", ignore_errors=True)
        assert keep(reader, Dump(What.ALL, FORMS[0], Packing.GZIP)) is None
        assert publish(reader, 10**9) is False

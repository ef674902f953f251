from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kg.catalog import load_catalog
from kg.errors import CatalogError, ExtractorError
from kg.extractors import KINDS, open_extractors
from kg.pipeline import build
from kg.settings import Settings, load_settings

from .conftest import Reply, Stub, completion

MENTION = {"text": "Tolvanska", "class": "MilitaryBase", "sentence": 0}
INVENTED = {"text": "Freedonia", "class": "Country", "sentence": 0}


@pytest.mark.parametrize("name", ["llm", "llm:", "spacy:x", "", ":x", "GLINER:x"])
def test_a_name_that_is_none_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(ExtractorError, match="want gliner:PATH, gliner:OWNER/MODEL or llm:MODEL"):
        open_extractors([name], load_catalog(), load_settings({}))


def test_one_of_a_kind_at_a_time(llm_settings: Settings) -> None:
    with pytest.raises(ExtractorError, match="one llm extractor at a time"):
        open_extractors(["llm:a", "llm:b"], load_catalog(), llm_settings)


def test_a_models_name_may_have_colons_of_its_own(llm_settings: Settings) -> None:
    (opened,) = open_extractors(["llm:llama3.1:8b"], load_catalog(), llm_settings)
    assert opened.version.startswith("llm-llama3.1:8b/")
    assert set(KINDS) == {"gliner", "llm"}


@pytest.mark.parametrize(
    ("file", "content", "wanted"),
    [
        ("gliner.yaml", "threshold: 0.5\nlabels: {wizard: Wizard}\n", "labels.wizard: 'Wizard' is no class"),
        ("gliner.yaml", "threshold: 2.0\nlabels: {person: Person}\n", "threshold"),
        ("gliner.yaml", "threshold: 0.5\nlabels: {}\n", "labels"),
        ("llm.yaml", "seed: 1\ninstructions: x\nclasses: c\nrelations: r\nextra: 1\n", "extra"),
    ],
)
def test_what_is_declared_wrongly_is_named(tmp_path: Path, file: str, content: str, wanted: str) -> None:
    from kg.catalog.extractors import load_extractor_terms

    catalog = load_catalog()
    for source in (catalog.root / "ontology" / "extractors").glob("*.yaml"):
        (tmp_path / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / file).write_text(content, encoding="utf-8")
    with pytest.raises(CatalogError, match=file) as caught:
        load_extractor_terms(tmp_path, tmp_path, catalog.ontology)
    assert wanted in str(caught.value)


def documents(folder: Path, *texts: str) -> Path:
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


def test_a_build_counts_what_was_refused_and_reads_a_document_once(
    stub: Stub, llm_settings: Settings, tmp_path: Path
) -> None:
    stub.replies = [completion({"mentions": [MENTION, INVENTED], "statements": []})]
    texts = documents(tmp_path / "texts", "Crews reached Tolvanska.", "Trucks reached Tolvanska.")
    store = tmp_path / "store"
    report = build([texts], store, model="rules", extractors=["llm:m"], settings=llm_settings)
    assert report.refused == {"llm": {"words not in the sentence": 2}}
    assert len(stub.requests) == 2
    again = build([texts], store, model="rules", extractors=["llm:m"], settings=llm_settings)
    assert (again.unchanged, again.refused, again.generation) == (2, {"llm": {}}, report.generation)
    without = build([texts], store, model="rules", extractors=[], settings=llm_settings)
    assert (without.unchanged, without.refused) == (0, {})
    assert without.entities < report.entities


def test_a_document_without_an_answer_is_named_and_the_others_are_built(
    stub: Stub, llm_settings: Settings, tmp_path: Path
) -> None:
    good = completion({"mentions": [MENTION], "statements": []})
    stub.replies = [lambda body: Reply(422, b"{}") if "Trucks" in str(body) else good]
    texts = documents(tmp_path / "texts", "Crews reached Tolvanska.", "Trucks reached Tolvanska.")
    report = build([texts], tmp_path / "store", model="rules", extractors=["llm:m"], settings=llm_settings)
    assert report.documents == 1
    ((name, reason),) = report.failed
    assert name == "1.txt"
    assert "HTTP 422" in reason
    stub.replies = [good]
    later = build([texts], tmp_path / "store", model="rules", extractors=["llm:m"], settings=llm_settings)
    assert (later.documents, later.added, later.unchanged) == (2, 1, 1)


def test_an_endpoint_that_refuses_the_key_stops_the_build_and_leaves_the_store(
    stub: Stub, llm_settings: Settings, tmp_path: Path
) -> None:
    stub.replies = [Reply(401, b'{"error": {"message": "bad key"}}')]
    texts = documents(tmp_path / "texts", "Crews reached Tolvanska.")
    with pytest.raises(ExtractorError, match="bad key"):
        build([texts], tmp_path / "store", model="rules", extractors=["llm:m"], settings=llm_settings)


def test_processes_ask_too_and_the_result_is_the_same(
    stub: Stub, llm_settings: Settings, tmp_path: Path
) -> None:
    stub.replies = [completion({"mentions": [MENTION, INVENTED], "statements": []})]
    texts = documents(tmp_path / "texts", "Crews reached Tolvanska.", "Trucks reached Tolvanska.")
    options = {"model": "rules", "extractors": ["llm:m"], "settings": llm_settings}
    one = build([texts], tmp_path / "one", jobs=1, **options)  # type: ignore[arg-type]
    two = build([texts], tmp_path / "two", jobs=2, **options)  # type: ignore[arg-type]
    assert (one.generation, one.refused) == (two.generation, two.refused)


def run_kg(*arguments: str, stub: Stub, cache: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {"KG_LLM_BASE_URL": stub.url, "KG_LLM_CACHE": str(cache), "KG_LLM_RETRIES": "0"}
    return subprocess.run(
        [sys.executable, "-m", "kg", *arguments],
        capture_output=True,
        text=True,
        env={**_environment(), **own, **environment},
        timeout=120,
        check=False,
    )


def _environment() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if not name.startswith("KG_")}


def test_the_command_line_shows_what_was_refused(stub: Stub, tmp_path: Path) -> None:
    stub.replies = [completion({"mentions": [MENTION, INVENTED], "statements": []})]
    texts = documents(tmp_path / "texts", "Crews reached Tolvanska.")
    store, cache = str(tmp_path / "store"), tmp_path / "cache"
    built = run_kg(
        "build",
        str(texts),
        "--store",
        store,
        "--model",
        "rules",
        "--extractor",
        "llm:m",
        stub=stub,
        cache=cache,
    )
    assert built.returncode == 0, built.stderr
    assert "kg: llm: 1 proposal not taken: words not in the sentence (1)" in built.stderr
    assert json.loads(built.stdout)["refused"] == {"llm": {"words not in the sentence": 1}}
    read = run_kg(
        *("extract", str(texts / "0.txt"), "--model", "rules", "--explain"),
        stub=stub,
        cache=cache,
        KG_EXTRACTORS="llm:m",
    )
    lines = [json.loads(line) for line in read.stdout.splitlines()]
    (refused,) = (line for line in lines if line["type"] == "rejection" and line["stage"] == "llm")
    assert (refused["text"], refused["reason"]) == ("Freedonia", "words not in the sentence")
    assert len(stub.requests) == 1


def test_an_extractor_that_is_missing_is_one_line(stub: Stub, tmp_path: Path) -> None:
    texts = documents(tmp_path / "texts", "Crews reached Tolvanska.")
    found = run_kg(
        *("extract", str(texts / "0.txt"), "--model", "rules", "--extractor", f"gliner:{tmp_path}"),
        stub=stub,
        cache=tmp_path,
    )
    assert found.returncode == 1
    assert len(found.stderr.strip().splitlines()) == 1
    assert "gliner" in found.stderr

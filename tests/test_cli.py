from __future__ import annotations

import contextlib
import gzip
import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import rdflib

from kg.cli import main
from kg.cli.output import clean

Run = Callable[..., tuple[int, str, str]]
HOLDERS = "SELECT ?p { ?p kg:holdsOffice ?o }"


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs the command line in this process: (status, standard output, standard error)."""

    def do(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        code = ended.value.code
        return int(code or 0), out.decode("utf-8"), err.decode("utf-8")

    return do


def in_process(*arguments: str | Path, **kwargs: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "kg", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, **kwargs)  # type: ignore[call-overload,no-any-return]


def test_help_names_every_command_with_an_example(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    commands = [
        "build",
        "extract",
        "load",
        "dump",
        "query",
        "neighbours",
        "path",
        "show",
        "why",
        "search",
        "contradictions",
        "serve",
        "check",
        "remove",
        "eval",
    ]
    for command in commands:
        assert f"  {command} " in out
        status, text, _ = run(command, "--help")
        assert status == 0
        assert "Example: kg " + command in " ".join(text.split())
    assert run("--version")[1].startswith("kg ")


def test_queries_in_a_pipe_are_json_and_graphs_turtle(run: Run, small_store: Path) -> None:
    status, out, err = run("query", "--store", small_store, HOLDERS)
    assert (status, err) == (0, "")
    bindings = json.loads(out)["results"]["bindings"]
    assert [b["p"]["value"] for b in bindings] == ["https://kg.example/id/person/lindqvist-marta"]
    assert run("query", "--store", small_store, HOLDERS, "--format", "csv")[1].split() == [
        "p",
        "https://kg.example/id/person/lindqvist-marta",
    ]
    _, out, _ = run("query", "--store", small_store, "CONSTRUCT WHERE { ?s a kg:Office }")
    assert len(rdflib.Graph().parse(data=out, format="turtle")) == 1
    _, out, _ = run("query", "--store", small_store, "CONSTRUCT WHERE { ?s a kg:Office }", "--json")
    assert json.loads(out)


def test_reads_take_a_day(run: Run, small_store: Path) -> None:
    for command, *words in (
        ("show", "Hallen Air Base"),
        ("neighbours", "Hallen Air Base"),
        ("search", "Hallen"),
        ("why", "Hallen Air Base", "operatedBy", "Norland"),
        ("query", "SELECT ?c { ?c kg:document ?d }"),
        ("dump", "--format", "ntriples"),
    ):
        whole = run(command, *words, "--store", small_store)
        then = run(command, *words, "--store", small_store, "--as-of", "2024-03-06")
        assert whole[0] == then[0] == 0
        assert 0 < len(then[1]) < len(whole[1])
    status, out, err = run("show", "Hallen Air Base", "--store", small_store, "--as-of", "2024-01")
    assert (status, out) == (1, "")
    assert "published by 2024-01-31" in err
    assert run("search", "Hallen", "--store", small_store, "--as-of", "soon")[0] == 1


def test_offices_and_differences(run: Run, small_store: Path) -> None:
    status, out, _ = run("offices", "--store", small_store, "--body", "Norland", "--on", "2024-03-05")
    assert status == 0
    assert [h["person"]["label"] for h in json.loads(out)["items"][0]["holders"]] == ["Marta Lindqvist"]
    status, out, _ = run("diff", "--store", small_store, "--from", "2024-03-01", "--to", "2024-03-06")
    assert status == 0
    assert json.loads(out)["totals"]["documents"] == 1
    assert run("diff", "--store", small_store, "--from", "soon")[0] == 1


def test_queries_from_files_and_saved_ones(run: Run, small_store: Path, tmp_path: Path) -> None:
    file = tmp_path / "q.rq"
    file.write_text(HOLDERS, encoding="utf-8")
    assert run("query", "--store", small_store, "-f", file)[0] == 0
    assert run("query", "--store", small_store, "-f", tmp_path / "none.rq")[0] == 1
    status, out, _ = run("query", "--store", small_store, "--name", "list")
    assert status == 0
    assert len(json.loads(out)) >= 8
    parameters = ("--param", "subject=Marta Lindqvist", "--param", "relation=holdsOffice")
    status, out, err = run("query", "--store", small_store, "--name", "edge-evidence", *parameters)
    assert status == 0, err
    assert len(json.loads(out)["results"]["bindings"]) == 1
    status, _, err = run("query", "--store", small_store, "--name", "nothing")
    assert status == 1
    assert "edge-evidence" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("query",),
        ("query", HOLDERS, "--name", "x"),
        ("query", HOLDERS, "--param", "a=b"),
        ("query", "--name", "edge-evidence", "--param", "nonsense"),
        ("neighbours", "Norland", "--depth", "9"),
        ("neighbours",),
        ("nothing",),
        ("show", "Norland", "--colour", "red"),
    ],
)
def test_a_wrong_command_line_is_status_two(
    run: Run, small_store: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("KG_STORE", str(small_store))
    status, out, err = run(*arguments)
    assert status == 2
    assert out == ""
    assert err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("query", "SELECT ?s WHERE { ?s ?p }"), "line 1, column 26"),
        (("query", "CLEAR ALL"), "read only"),
        (("show", "Brandt"), "fits 2 entities"),
        (("show", "Marta Lindkvist"), "Marta Lindqvist"),
        (("neighbours", "Norland", "--format", "png"), "want one of"),
        (("why", "Norland", "memberOf", "Wide Union"), "no claim says"),
        (("path", "Norland", "Wide Union"), "no path"),
        (("dump", "-o", "x.docx"), "no format has the ending .docx"),
        (("dump", "-o", "/nowhere/at/all.ttl"), "cannot be written"),
        (("show", "Norland", "--store", "http://127.0.0.1:1/sparql"), "no answer"),
        (("show", "Norland", "--store", "/nowhere"), "no store here"),
        (("check", "--store", "/nowhere"), "no store here"),
        (("search", " "), "nothing to search for"),
    ],
)
def test_an_error_is_one_line_and_status_one(
    run: Run, small_store: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.setenv("KG_STORE", str(small_store))
    status, _, err = run(*arguments)
    assert status == 1
    assert err.count("\n") == 1
    assert err.startswith("kg: ")
    assert message in err


def test_answers_for_machines(run: Run, small_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_STORE", str(small_store))

    def ask(*arguments: str) -> object:
        status, out, err = run(*arguments)
        assert (status, err) == (0, ""), err
        return json.loads(out)

    hood = ask("neighbours", "Marta Lindqvist", "--depth", "2")
    assert isinstance(hood, dict)
    assert all(e["claims"] for e in hood["edges"])
    card = ask("show", "Lindqvist")
    assert isinstance(card, dict)
    assert card["curie"] == "person:lindqvist-marta"
    said = ask("why", "Lindqvist", "holdsOffice", "Defense Minister")
    assert isinstance(said, list)
    assert said[0]["passages"][0]["quote"].startswith("Norland’s")
    found = ask("search", "hallen", "--limit", "1")
    assert isinstance(found, dict)
    assert found["entities"][0]["label"] == "Hallen Air Base"
    pairs = ask("contradictions", "Hallen Air Base")
    assert isinstance(pairs, dict)
    assert pairs["total"] == 1
    path = ask("path", "Lindqvist", "Norland")
    assert isinstance(path, dict)
    assert path["hops"] == 2
    assert ask("check") == {"problems": []}
    graphml = run("neighbours", "Norland", "--format", "graphml")[1]
    assert graphml.startswith("<graphml")


def test_dumps_to_files_and_pipes_are_the_same_bytes(run: Run, small_store: Path, tmp_path: Path) -> None:
    _, out, _ = run("dump", "--store", small_store, "--what", "facts", "--format", "ntriples")
    assert run("dump", "--store", small_store, "--what", "facts", "-o", tmp_path / "f.nt.gz") == (0, "", "")
    assert gzip.decompress((tmp_path / "f.nt.gz").read_bytes()).decode() == out
    first = (tmp_path / "f.nt.gz").read_bytes()
    run("dump", "--store", small_store, "--what", "facts", "-o", tmp_path / "again.nt.gz")
    assert (tmp_path / "again.nt.gz").read_bytes() == first
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again.nt.gz", "f.nt.gz"]


def test_a_dump_is_loaded_and_a_document_removed(
    run: Run, small_store: Path, tmp_path: Path, asked_world: ModuleType
) -> None:
    run("dump", "--store", small_store, "-o", tmp_path / "all.ttl")
    status, out, err = run("load", tmp_path / "all.ttl", "--store", tmp_path / "copy")
    assert status == 0, err
    assert json.loads(out)["generation"]
    assert json.loads(run("show", "Lindqvist", "--store", tmp_path / "copy")[1])["claim_count"] == 4
    store = tmp_path / "store"
    asked_world.build(store, [asked_world.w.plan(), asked_world.w.rival_plan()])
    status, out, err = run("remove", "rival.txt", "--store", store)
    assert status == 0, err
    assert json.loads(out)["removed"].startswith("https://kg.example/doc/")
    status, _, err = run("remove", "rival.txt", "--store", store)
    assert status == 1
    assert "rival.txt" in err


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs the command line with a terminal as standard output; what it wrote there."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")

    def do(*arguments: str | Path) -> str:
        theirs, ours = pty.openpty()
        written: list[bytes] = []

        def read() -> None:
            with contextlib.suppress(OSError):  # the terminal is gone
                while chunk := os.read(theirs, 65536):
                    written.append(chunk)

        reader = threading.Thread(target=read)
        reader.start()
        with os.fdopen(ours, "w", encoding="utf-8") as out, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            with pytest.raises(SystemExit) as ended:
                main([str(a) for a in arguments])
        reader.join(10)
        os.close(theirs)
        assert not ended.value.code
        return b"".join(written).decode("utf-8")

    return do


def test_a_terminal_gets_tables_and_no_control_characters(
    terminal: Callable[..., str], small_store: Path, asked_world: ModuleType
) -> None:
    for arguments in (
        ("show", asked_world.EVIL.iri),
        ("neighbours", asked_world.EVIL.iri),
        ("search", "evil"),
        ("query", "SELECT ?t { ?p kg:text ?t } ORDER BY ?t"),
        ("why", asked_world.EVIL.iri, "memberOf", "Wide Union"),
        ("contradictions",),
        ("path", "Lindqvist", "Norland"),
    ):
        text = terminal(*arguments, "--store", small_store)
        assert "\x0b" not in text
        assert "\x1b[2J" not in text
        assert not text.lstrip().startswith(("{", "["))
        assert text.strip()
    assert "Hallen Air Base" in terminal("neighbours", "Norland", "--store", small_store)
    assert terminal("show", "Norland", "--json", "--store", small_store).startswith("{")
    assert terminal("check", "--store", small_store).strip() == "no problems"


def test_a_reader_that_goes_away_ends_it_quietly(small_store: Path) -> None:
    command = f"{sys.executable} -m kg dump --store {small_store} --format ntriples | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=False)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


def test_a_query_on_standard_input(small_store: Path) -> None:
    done = in_process("query", "-", "--store", small_store, "--format", "csv", input=HOLDERS.encode())
    assert done.stdout.split() == [b"p", b"https://kg.example/id/person/lindqvist-marta"]


def test_clean_keeps_text_and_drops_what_steers_a_terminal() -> None:
    assert clean("a\x1b[31mb\nc\x9bd") == "a [31mb c d"
    assert clean(None) == ""


NOTE = """2025-03-30

TOKYO - Japanese Defense Minister Gen Nakatani met U.S. Defense Secretary Pete Hegseth in Tokyo on Sunday.

They agreed to strengthen the alliance, the ministry said, and will meet again in Washington in May.
"""


def test_a_build_reports_what_it_did(run: Run, tmp_path: Path) -> None:
    documents, store = tmp_path / "documents", tmp_path / "store"
    documents.mkdir()
    (documents / "note.txt").write_text(NOTE, encoding="utf-8")
    (documents / "empty.txt").write_bytes(b"")
    status, out, err = run("build", documents, "--store", store)
    assert status == 3
    assert "empty.txt" in err
    report = json.loads(out)
    assert (report["documents"], report["added"], len(report["failed"])) == (1, 1, 1)
    (documents / "empty.txt").unlink()
    status, out, _ = run("build", documents, "--store", store)
    assert status == 0
    assert json.loads(out)["unchanged"] == 1
    (documents / "note.txt").write_bytes(b"")
    assert run("build", documents, "--store", tmp_path / "other")[0] == 1
    assert run("build", tmp_path / "none", "--store", store)[0] == 1


def test_an_extraction_is_lines_of_json_with_exact_quotes(run: Run, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text(NOTE, encoding="utf-8")
    status, out, err = run("extract", note, "--date", "2025-03-31", "--explain")
    assert status == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[0]["type"] == "document"
    assert lines[0]["issued"] == "2025-03-31"
    assert {"entity", "mention", "claim"} <= {line["type"] for line in lines}
    for line in lines:
        if line["type"] == "mention":
            assert NOTE[line["start"] : line["end"]] == line["text"]
        for passage in line.get("evidence", []):
            assert NOTE[passage["start"] : passage["end"]] == passage["quote"]
    assert run("extract", tmp_path / "none.txt")[0] == 1


def test_scores_of_a_store(run: Run, seed_store: Path, gold: Path, seeds: Path) -> None:
    status, out, err = run("eval", "--gold", gold, "--store", seed_store, "--texts", seeds, "--lenient-dates")
    assert status == 0, err
    assert json.loads(out)["summary"]["entities"]["f1"] > 0.5
    assert run("eval", "--gold", seeds, "--store", seed_store)[0] == 1


@pytest.mark.parametrize("date", ["yesterday", "2025-13", "2025-02-30", "30/03/2025", ""])
def test_a_date_that_is_none_is_a_wrong_command_line(run: Run, tmp_path: Path, date: str) -> None:
    note, table = tmp_path / "note.txt", tmp_path / "dates.csv"
    note.write_text(NOTE, encoding="utf-8")
    for command in (("extract", note), ("build", note, "--store", tmp_path / "store")):
        status, out, err = run(*command, "--date", date)
        assert (status, out) == (2, "")
        assert "--date" in err
        assert repr(date) in err
    table.write_text(f"file,date\nnote.txt,{date}\n", encoding="utf-8")
    status, out, err = run("build", note, "--store", tmp_path / "store", "--date-from-metadata", table)
    assert (status, out) == (2, "")
    assert "--date-from-metadata" in err
    assert "row 2" in err
    assert not (tmp_path / "store").exists()


def test_a_failed_document_is_named_once(run: Run, tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "note.txt").write_text(NOTE, encoding="utf-8")
    (documents / "empty.txt").write_bytes(b"")
    (documents / "rows.jsonl").write_text('{"id": "a"}\n{"id": "b", "text": 3}\n', encoding="utf-8")
    status, _, err = run("build", documents, "--store", tmp_path / "store")
    assert status == 3
    lines = err.splitlines()
    assert len(lines) == 3
    assert [line.count("empty.txt") + line.count("rows.jsonl") for line in lines] == [1, 1, 1]
    assert "NoneType" not in err
    assert "text: want a text, found nothing" in err
    assert "text: want a text, found a number" in err


@pytest.mark.parametrize(
    "arguments", ["dump --format ntriples", "show Norland", "query -f q.rq --format csv"]
)
def test_a_pipe_whose_reader_had_enough_is_no_failure(
    small_store: Path, tmp_path: Path, arguments: str
) -> None:
    (tmp_path / "q.rq").write_text("SELECT * { ?s ?p ?o . ?a ?b ?c }", encoding="utf-8")
    command = f"set -o pipefail; {sys.executable} -m kg {arguments} --store {small_store} | true"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")

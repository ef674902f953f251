from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.engine.pool import Pool
from kg.engine.question import Limits, Question, Snapshot
from kg.errors import (
    AnswerTooLarge,
    KgError,
    MemoryExceeded,
    Overloaded,
    QueryError,
    QuerySyntaxError,
    QueryTimeout,
    StoreError,
    UnfitFormat,
    WorkerLost,
)

Run = Callable[..., object]
CROSS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
#: Takes ages, and hardly any memory.
SLOW = "SELECT (COUNT(*) AS ?n) { ?a e:number ?c . ?d e:number ?f . ?g e:number ?i FILTER(?c + ?f + ?i < 0) }"
#: Takes memory as fast as it can.
GREEDY = "SELECT ?a ?c ?d ?f { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c"


def ask(query: str, table: str = "json", graph: str = "nt", **more: object) -> Question:
    return Question(query, table, graph, **more)  # type: ignore[arg-type]


async def rows(pool: Pool, snapshot: Snapshot, query: str) -> list[dict[str, dict[str, str]]]:
    answer = await pool.ask(snapshot, ask(query))
    return json.loads(b"".join([p async for p in answer.pieces()]))["results"]["bindings"]  # type: ignore[no-any-return]


def is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0] != "Z"
    return False


async def vanish(pid: int) -> bool:
    for _ in range(200):
        if not is_running(pid):
            return True
        await asyncio.sleep(0.02)
    return False


def test_answers_are_those_of_the_engine(with_pool: Run, snapshot: Snapshot) -> None:
    store = ox.Store.read_only(str(snapshot.graph))
    select = "SELECT ?s ?o { ?s <http://e.example/text> ?o } ORDER BY ?s LIMIT 40"
    construct = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 40"

    async def work(pool: Pool) -> None:
        for key, form in (("json", "JSON"), ("xml", "XML"), ("csv", "CSV"), ("tsv", "TSV")):
            wanted = store.query(select).serialize(format=getattr(ox.QueryResultsFormat, form))
            answer = await pool.ask(snapshot, ask(select, key))
            assert (answer.first, answer.whole, answer.graph, answer.coding) == (wanted, True, False, "")
        answer = await pool.ask(snapshot, ask(construct))
        assert answer.graph
        assert answer.first == b"".join(
            f"{t} .\n".encode() for t in sorted(set(store.query(construct)), key=str)
        )
        for key in ("ttl", "jsonld", "rdf", "trig", "nq"):
            written = (await pool.ask(snapshot, ask(construct, graph=key))).first
            form = {"ttl": "TURTLE", "jsonld": "JSON_LD", "rdf": "RDF_XML", "trig": "TRIG", "nq": "N_QUADS"}[
                key
            ]
            read = {q.triple for q in ox.parse(written, getattr(ox.RdfFormat, form))}
            assert read == set(store.query(construct))  # type: ignore[arg-type]

    with_pool(work)


def test_what_goes_with_a_query(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        bound = {"s": ox.NamedNode("http://e.example/7")}
        answer = await pool.ask(snapshot, ask("SELECT ?s ?o { ?s e:number ?o }", "csv", bound=bound))
        assert answer.first.split() == [b"s,o", b"http://e.example/7,7"]
        text = {"o": ox.Literal("no such text", language="en")}
        assert (await pool.ask(snapshot, ask("SELECT ?o { ?s ?p ?o }", "csv", bound=text))).first == b"o\r\n"
        count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        for question, wanted in (
            (ask(count, "csv", default_graphs=("http://e.example/g",)), b"1"),
            (ask(count, "csv", default_graphs=("http://e.example/none",)), b"0"),
            (ask(count, "csv", union=True), b"10001"),
            (
                ask("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", "csv", named_graphs=("http://e/x",)),
                b"0",
            ),
        ):
            assert (await pool.ask(snapshot, question)).first.split() == [b"n", wanted]

    with_pool(work)


def test_errors_of_a_query_leave_the_process_alive(
    with_pool: Run, snapshot: Snapshot, tmp_path: Path
) -> None:
    async def work(pool: Pool) -> None:
        await pool.warm()
        before = pool.processes
        with pytest.raises(QuerySyntaxError) as caught:
            await pool.ask(snapshot, ask("SELECT ?s\n{ ?s ?p }"))
        assert caught.value.line == 2
        with pytest.raises(UnfitFormat) as unfit:
            await pool.ask(snapshot, ask("ASK {}", table=""))
        assert not unfit.value.graph
        with pytest.raises(UnfitFormat):
            await pool.ask(snapshot, ask("CONSTRUCT WHERE { ?s ?p ?o }", graph=""))
        with pytest.raises(StoreError):
            await pool.ask(Snapshot(tmp_path / "none", {}), ask("ASK {}"))
        with pytest.raises(QueryError):
            await pool.ask(snapshot, ask("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"))
        assert len(await rows(pool, snapshot, "SELECT * { <http://e.example/1> ?p ?o }")) == 2
        assert pool.processes == before

    with_pool(work)


def test_a_deadline_ends_the_process_and_another_takes_its_place(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        await pool.warm()
        (before,) = pool.processes
        began = time.monotonic()
        with pytest.raises(QueryTimeout, match=r"0\.4 seconds"):
            await pool.ask(snapshot, ask(SLOW))
        assert time.monotonic() - began < 5
        assert await vanish(before)
        assert len(await rows(pool, snapshot, "SELECT * { <http://e.example/1> ?p ?o }")) == 2
        assert before not in pool.processes
        assert pool.counts.timeouts == 1

    with_pool(work, Limits(seconds=0.4))


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv", "nt", "ttl"])
def test_rows_are_limited_exactly(with_pool: Run, snapshot: Snapshot, form: str) -> None:
    select = f"SELECT ?s ?o {{ ?s e:{'number' if form == 'json' else 'text'} ?o }} LIMIT "
    query = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT " if form in ("nt", "ttl") else select

    async def work(pool: Pool) -> None:
        key = {"graph": form} if form in ("nt", "ttl") else {"table": form}
        assert (await pool.ask(snapshot, ask(query + "300", **key))).whole  # type: ignore[arg-type]
        with pytest.raises(AnswerTooLarge, match="max_answer_rows = 300"):
            await pool.ask(snapshot, ask(query + "301", **key))  # type: ignore[arg-type]

    with_pool(work, Limits(seconds=20, rows=300))


def test_bytes_are_limited_before_and_after_the_beginning(with_pool: Run, snapshot: Snapshot) -> None:
    async def before(pool: Pool) -> None:
        with pytest.raises(AnswerTooLarge, match="max_answer_bytes = 20,000"):
            await pool.ask(snapshot, ask(CROSS))

    async def after(pool: Pool) -> None:
        answer = await pool.ask(snapshot, ask(CROSS))
        assert not answer.whole
        got = 0
        with pytest.raises(AnswerTooLarge):  # noqa: PT012
            async for piece in answer.pieces():
                got += len(piece)
        assert 200_000 < got <= 1_000_000
        assert len(await rows(pool, snapshot, "SELECT * { <http://e.example/1> ?p ?o }")) == 2

    with_pool(before, Limits(seconds=20, bytes=20_000))
    with_pool(after, Limits(seconds=20, bytes=1_000_000))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_DATA counts memory on Linux alone")
def test_memory_is_limited(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        with pytest.raises(MemoryExceeded, match="query_memory = 150,000,000"):
            await pool.ask(snapshot, ask(GREEDY))
        assert len(await rows(pool, snapshot, "SELECT * { <http://e.example/1> ?p ?o }")) == 2

    with_pool(work, Limits(seconds=60, memory=150_000_000))


def test_a_full_queue_refuses_and_a_place_in_it_is_worth_it(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        slow = [asyncio.create_task(pool.ask(snapshot, ask(SLOW))) for _ in range(2)]
        await asyncio.sleep(0.5)
        assert pool.busy == 2
        waits = asyncio.create_task(pool.ask(snapshot, ask("ASK {}")))
        await asyncio.sleep(0.05)
        assert pool.waiting == 1
        with pytest.raises(Overloaded) as caught:
            await pool.ask(snapshot, ask("ASK {}"))
        assert caught.value.seconds > 0
        slow[0].cancel()
        assert (await waits).first.endswith(b"true}")
        slow[1].cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        assert len(pool.processes) <= 2

    with_pool(work, Limits(seconds=30), most=2, waiting=1)


def test_who_waits_too_long_is_told(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        pool_limits = replace(pool.limits, seconds=20)
        slow = asyncio.create_task(pool.ask(snapshot, ask(SLOW), pool_limits))
        await asyncio.sleep(0.3)
        with pytest.raises(Overloaded, match="taken"):
            await pool.ask(snapshot, ask("ASK {}"))
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)

    with_pool(work, Limits(seconds=0.3), most=1)


def test_point_queries_pass_slow_ones(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        slow = [asyncio.create_task(pool.ask(snapshot, ask(SLOW))) for _ in range(4)]
        await asyncio.sleep(0.5)
        began = time.monotonic()
        for _ in range(20):
            await pool.ask(snapshot, ask("ASK {}"))
        assert time.monotonic() - began < 10
        assert len(pool.processes) == 5  # one more was enough
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    with_pool(work, Limits(seconds=60), most=6)


def test_processes_that_nobody_needs_end(
    with_pool: Run, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.engine.pool._IDLE", 0.05)

    async def work(pool: Pool) -> None:
        monkeypatch.setattr(pool, "_first", 1)
        await pool.warm(4)
        assert len(pool.processes) == 4
        for _ in range(100):
            if len(pool.processes) == 1:
                break
            await asyncio.sleep(0.05)
        assert len(pool.processes) == 1
        assert len(await rows(pool, snapshot, "SELECT * { <http://e.example/1> ?p ?o }")) == 2

    with_pool(work, most=4)


def test_who_is_cancelled_ends_the_query(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        await pool.warm()
        (pid,) = pool.processes
        task = asyncio.create_task(pool.ask(snapshot, ask(SLOW)))
        await asyncio.sleep(0.3)
        assert is_running(pid)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await vanish(pid)
        assert pool.busy == 0

    with_pool(work)


def test_a_dropped_stream_ends_the_query(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        answer = await pool.ask(snapshot, ask(CROSS))
        (pid,) = pool.processes
        async for _ in answer.pieces():
            break
        answer.drop()
        assert await vanish(pid)
        assert pool.processes == []

    with_pool(work)


def test_kill_minus_nine_is_a_clean_error(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        await pool.warm()
        (idle,) = pool.processes
        os.kill(idle, signal.SIGKILL)
        await asyncio.sleep(0.1)
        assert len(await rows(pool, snapshot, "SELECT * { <http://e.example/1> ?p ?o }")) == 2
        (pid,) = pool.processes
        task = asyncio.create_task(pool.ask(snapshot, ask(SLOW)))
        await asyncio.sleep(0.3)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerLost):
            await task
        assert pool.counts.lost == 1
        assert len(await rows(pool, snapshot, "SELECT * { <http://e.example/1> ?p ?o }")) == 2
        answer = await pool.ask(snapshot, ask(CROSS))
        os.kill(pool.processes[0], signal.SIGKILL)
        with pytest.raises(WorkerLost):
            async for _ in answer.pieces():
                pass

    with_pool(work)


def test_a_slow_reader_holds_the_query_back(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        answer = await pool.ask(snapshot, ask(CROSS))
        pieces = answer.pieces()
        await anext(pieces)
        await asyncio.sleep(1)
        worker = next(iter(pool._workers))
        held = worker._waiting
        assert held < 2_000_000
        await asyncio.sleep(0.5)
        assert worker._waiting == held
        total = 0
        async for piece in pieces:
            total += len(piece)
            if total > 5_000_000:
                break
        await pieces.aclose()

    with_pool(work)


def test_a_stream_has_its_own_time(with_pool: Run, snapshot: Snapshot) -> None:
    async def work(pool: Pool) -> None:
        answer = await pool.ask(snapshot, ask(CROSS))
        with pytest.raises(QueryTimeout):
            async for _ in answer.pieces():
                pass

    with_pool(work, Limits(seconds=5, stream_seconds=0.5))


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_codings(with_pool: Run, snapshot: Snapshot, coding: str) -> None:
    import gzip

    import zstandard

    def unpack(data: bytes) -> bytes:
        return (
            gzip.decompress(data)
            if coding == "gzip"
            else zstandard.ZstdDecompressor().decompressobj().decompress(data)
        )

    async def work(pool: Pool) -> None:
        for limit, whole in ((20, True), (5000, False)):
            query = f"SELECT ?s ?o {{ ?s e:text ?o }} LIMIT {limit}"
            plain = await pool.ask(snapshot, ask(query))
            wanted = b"".join([p async for p in plain.pieces()])
            answer = await pool.ask(snapshot, ask(query, coding=coding))
            assert (answer.coding, answer.whole) == (coding, whole)
            assert unpack(b"".join([p async for p in answer.pieces()])) == wanted
        assert (await pool.ask(snapshot, ask("ASK {}", coding=coding))).coding == ""

    with_pool(work)


def test_processes_are_small_and_know_no_secrets(
    with_pool: Run, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_TOKEN", "hush")

    async def work(pool: Pool) -> None:
        began = time.monotonic()
        await pool.ask(snapshot, ask("ASK {}"))
        assert time.monotonic() - began < 5
        (pid,) = pool.processes
        assert b"hush" not in Path(f"/proc/{pid}/environ").read_bytes()
        status = Path(f"/proc/{pid}/status").read_text("ascii")
        assert int(status.split("VmRSS:")[1].split()[0]) < 60_000
        assert "Seccomp:\t2" in status  # a filter is in force

    with_pool(work)


def test_a_process_that_cannot_start_is_an_error(
    with_pool: Run, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(pool: Pool) -> None:
        with pytest.raises(KgError):
            await pool.ask(snapshot, ask("ASK {}"))

    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with_pool(work)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with_pool(work)


def test_processes_end_with_the_server(snapshot: Snapshot) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from kg.engine.pool import Pool
from kg.engine.question import Limits, Question, Snapshot

async def main():
    pool = Pool(lambda: Limits(seconds=60))
    snapshot = Snapshot(Path(sys.argv[1]), {"e": "http://e.example/"})
    slow = asyncio.create_task(pool.ask(snapshot, Question(sys.argv[2], "json", "nt")))
    await asyncio.sleep(0.5)
    await pool.ask(snapshot, Question("ASK {}", "json", "nt"))
    print(*pool.processes, flush=True)
    await slow

asyncio.run(main())
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(snapshot.graph), SLOW], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    for pid in pids:
        assert asyncio.run(vanish(pid))


def test_a_worker_loads_little() -> None:
    code = """
import sys, kg.engine.worker
heavy = {"kg", "spacy", "rdflib", "numpy", "fastapi", "asyncio"}
print(*sorted(name for name in sys.modules if name.partition(".")[0] in heavy))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    wanted = ["kg", "kg.engine"] + [
        f"kg.engine.{m}" for m in ("confinement", "encoders", "frames", "sink", "worker")
    ]
    assert done.stdout.split() == wanted

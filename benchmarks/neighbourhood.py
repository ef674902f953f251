"""Neighbourhoods and search: `kg serve` beside networkx, kuzu and a CONSTRUCT on `oxigraph serve`, in one run.

    python -m venv out/peers && out/peers/bin/pip install -r benchmarks/requirements-neighbourhood.txt
    python benchmarks/neighbourhood.py --entities 100000          # about 0.94 million triples

Asked is for two hops around an entity and at most 200 nodes, of entities drawn at random and of the 50 best joined.
Servers run all the while, on loopback; libraries (networkx, kuzu) are asked in a process of their own, without HTTP and
without writing JSON, which is in their favour. Latencies are of one connection, one request after the other. "Per core
second" is how many answers one second of the answering process's processor time gives: it does not depend on what else
the machine does, as latencies do. Search is asked in the process: `--labels` names, typed letter by letter.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(Path(__file__).resolve().parent))

DEPTH, LIMIT = 2, 200
HUBS = 50
_TICKS = os.sysconf("SC_CLK_TCK")


# Libraries, each in a process of its own: this file with --peer and the links as CSV.


def peer_networkx(links: Path, asked: Sequence[str]) -> dict[str, object]:
    import networkx

    graph = networkx.MultiDiGraph()
    began = time.perf_counter()
    with links.open(newline="") as file:
        graph.add_edges_from((source, target, predicate) for source, predicate, target in csv.reader(file))
    built = time.perf_counter() - began

    def walk(start: str) -> int:
        nodes, level = {start: 0}, [start]
        for hop in range(1, DEPTH + 1):
            following = []
            for node in level:
                for other in (*graph.successors(node), *graph.predecessors(node)):
                    if other not in nodes and len(nodes) < LIMIT:
                        nodes[other] = hop
                        following.append(other)
            level = following
        return graph.subgraph(nodes).number_of_edges()

    return {"build_s": built, **timed(walk, asked)}


def peer_kuzu(links: Path, asked: Sequence[str]) -> dict[str, object]:
    import shutil

    import kuzu

    place = links.with_name("kuzu.db")
    shutil.rmtree(place, ignore_errors=True)
    place.unlink(missing_ok=True)
    names = links.with_name("names.csv")
    began = time.perf_counter()
    with links.open(newline="") as file:
        every = sorted({end for source, _, target in csv.reader(file) for end in (source, target)})
    names.write_text("".join(f"{name}\n" for name in every))
    ordered = links.with_name("ordered.csv")
    with links.open(newline="") as file, ordered.open("w", newline="") as out:
        csv.writer(out).writerows((s, t, p) for s, p, t in csv.reader(file))
    connection = kuzu.Connection(kuzu.Database(str(place)), num_threads=1)
    connection.execute("CREATE NODE TABLE N(id STRING, PRIMARY KEY(id))")
    connection.execute("CREATE REL TABLE L(FROM N TO N, p STRING)")
    connection.execute(f'COPY N FROM "{names}" (header=false)')
    connection.execute(f'COPY L FROM "{ordered}" (header=false)')
    built = time.perf_counter() - began
    query = f"MATCH (a:N {{id: $id}})-[e:L*1..{DEPTH}]-(b:N) RETURN DISTINCT b.id LIMIT {LIMIT}"
    among = "MATCH (a:N)-[e:L]->(b:N) WHERE a.id IN $ids AND b.id IN $ids RETURN a.id, e.p, b.id"

    def walk(start: str) -> int:
        found = connection.execute(query, {"id": start})
        ids = [start]
        while found.has_next():
            ids.append(found.get_next()[0])
        edges, count = connection.execute(among, {"ids": ids}), 0
        while edges.has_next():
            edges.get_next()
            count += 1
        return count

    return {"build_s": built, **timed(walk, asked)}


PEERS = {"networkx": peer_networkx, "kuzu": peer_kuzu}


def timed(ask: Callable[[str], int], asked: Sequence[str]) -> dict[str, object]:
    """Latencies in ms, processor time in ms, edges given, and what memory the process took, in MB."""
    latencies, edges = [], 0
    processor = time.process_time()
    for one in asked:
        began = time.perf_counter()
        edges += ask(one)
        latencies.append(1000 * (time.perf_counter() - began))
    return {
        "ms": latencies,
        "cpu_ms": 1000 * (time.process_time() - processor) / len(asked),
        "edges": edges / len(asked),
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def ask_peer(name: str, python: Path, links: Path, asked: Sequence[str]) -> dict[str, object]:
    file = links.with_name("asked.json")
    file.write_text(json.dumps(list(asked)))
    command = [str(python), __file__, "--peer", name, str(links), str(file)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


# Servers.


def processor_of(pid: int) -> float:
    """Seconds of processor time that a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def ask_server(url: str, pid: int, paths: Sequence[str], accept: str, seconds: float) -> dict[str, object]:
    """Latencies and processor time of a server's answers, for so many seconds."""
    from sparql import Connection

    netloc = urlsplit(url).netloc
    requests = [f"GET {p} HTTP/1.1\r\nHost: {netloc}\r\nAccept: {accept}\r\n\r\n".encode() for p in paths]
    one = Connection(url)
    latencies: list[float] = []
    size = 0
    try:
        before, ends = processor_of(pid), time.perf_counter() + seconds
        while time.perf_counter() < ends:
            request = requests[len(latencies) % len(requests)]
            began = time.perf_counter()
            one.socket.sendall(request)
            while (found := one.take()) is None:
                pass
            latencies.append(1000 * (time.perf_counter() - began))
            size += len(found)
        used = processor_of(pid) - before
    finally:
        one.socket.close()
    return {"ms": latencies, "cpu_ms": 1000 * used / len(latencies), "kb": size / len(latencies) / 1000}


def construct(iri: str) -> str:
    """Two hops in both directions; SPARQL can bound the triples, not the nodes."""
    near = f"{{ <{iri}> ?p ?b }} UNION {{ ?b ?p <{iri}> }}"
    query = (
        f"CONSTRUCT {{ ?b ?q ?c . ?c ?r ?b }} WHERE {{ {{ SELECT DISTINCT ?b {{ {near} FILTER(isIRI(?b)) }} }} "
        f"{{ ?b ?q ?c FILTER(isIRI(?c)) }} UNION {{ ?c ?r ?b }} }} LIMIT 400"
    )
    return f"/query?query={quote(query, safe='')}"


# Search.


def search_labels(out: Path, labels: int) -> dict[str, object]:
    """Latencies of searches among so many entities' names."""
    from kg.graph.index import Index
    from kg.graph.indexing import IndexedEntity, IndexWriter

    path = out / f"labels-{labels}.sqlite"
    built = 0.0
    rng = random.Random(4)
    if not path.exists():
        words = "ka lo mi ra ven tor bel sha dun ost gri mar el quin zu pa no ri hal fen cor ust ami ber"
        syllables = words.split()
        forms = ("Ministry of {}", "{} Institute", "Bank of {}", "{} Air Base", "{}", "Zoë {}", "Łukasz {}")
        began = time.perf_counter()
        writer = IndexWriter(path)
        for number in range(labels):
            name = "".join(rng.choice(syllables) for _ in range(rng.randrange(2, 5))).capitalize()
            label = forms[number % len(forms)].format(name)
            kind = "Person" if number % 7 > 3 else "Organization"
            iri = f"https://kg.example/id/x/{number}"
            writer.add_entity(IndexedEntity(iri, label, kind, None, 0, [label], rng.randrange(1000)))
        writer.finish()
        built = time.perf_counter() - began
    index = Index(path)
    some = [str(row[0]) for row in index.rows("SELECT name FROM names WHERE id % 997 = 5")]
    texts = [name[: rng.randrange(1, len(name) + 1)] for name in rng.choices(some, k=1000)]
    ms = []
    for text in texts:
        began = time.perf_counter()
        index.search(text, None, 20)
        ms.append(1000 * (time.perf_counter() - began))
    return {"ms": ms, "build_s": built, "mb": path.stat().st_size / 1e6}


# Putting it together.


def rank(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def row(name: str, found: dict[str, object]) -> str:
    ms, cpu = found["ms"], found["cpu_ms"]
    assert isinstance(ms, list)
    assert isinstance(cpu, float)
    rate = f"{1000 / cpu:,.0f}" if cpu else "-"
    return f"| {name} | {rank(ms, 0.5):.2f} | {rank(ms, 0.99):.2f} | {cpu:.2f} | {rate} |"


def choose(out: Path) -> tuple[list[str], list[str]]:
    """IRIs drawn at random, and those of the best joined entities; writes the links for the libraries."""
    import numpy as np

    from kg.graph import open_reader

    with open_reader(out / "store") as reader:
        network = reader.network
        assert network is not None
        degree = np.diff(network.array["turn_at"])
        ours = [n for n in range(network.nodes) if network.iri(n).startswith(reader.base + "id/")]
        hubs = sorted(ours, key=lambda n: (-int(degree[n]), n))[:HUBS]
        drawn = random.Random(1).sample(ours, min(2000, len(ours)))
        links = out / "links.csv"
        if not links.exists():
            iris = [network.iri(n) for n in range(network.nodes)]
            view = network.view
            with links.open("w", newline="") as file:
                csv.writer(file).writerows(
                    (iris[view["source"][i]], network.curies[view["predicate"][i]], iris[view["target"][i]])
                    for i in range(network.links)
                )
        return [network.iri(n) for n in drawn], [network.iri(n) for n in hubs]


def build(out: Path) -> str:
    """How long the index of links takes, and how much room, for each link."""
    from kg.graph import open_reader
    from kg.graph.weaving import build_index

    with open_reader(out / "store") as reader:
        place, base = reader.path, reader.base
    began, processor = time.perf_counter(), time.process_time()
    build_index(place, base)
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    with open_reader(out / "store") as reader:
        assert reader.network is not None
        links = reader.network.links
    sizes = {p.name: p.stat().st_size for p in (place / "network").iterdir()}
    total = sum(sizes.values())
    return (
        f"Index of {links:,} links: {seconds:.1f} s ({processor:.1f} s of processor time), {total / 1e6:.0f} MB, "
        f"{total / links:.0f} bytes a link, of which {sizes['nodes.bin'] / links:.0f} are nodes' JSON."
    )


def contenders(
    arguments: argparse.Namespace, out: Path, stack: ExitStack
) -> Iterator[tuple[str, Callable[[list[str]], dict[str, object]]]]:
    """Name, and what asks for the neighbourhoods of IRIs, of each contender."""
    from sparql import running

    host = "http://127.0.0.1"
    ours = [sys.executable, "-m", "kg", "serve", "--store", str(out / "store"), "--port", str(arguments.port)]
    kg = stack.enter_context(running("kg", f"{host}:{arguments.port}/sparql", ours, {}))
    ways = {
        "kg serve": "",
        "kg serve, only people": "&type=Person",
        "kg serve, evidence=full": "&evidence=full",
    }

    def asking(more: str) -> Callable[[list[str]], dict[str, object]]:
        def ask(iris: list[str]) -> dict[str, object]:
            paths = [
                f"/neighbourhood?entity={quote(i, safe='')}&depth={DEPTH}&limit={LIMIT}{more}" for i in iris
            ]
            return ask_server(kg.url, kg.pid, paths, "application/json", arguments.seconds)

        return ask

    for name, more in ways.items():
        yield name, asking(more)
    python = arguments.peers / "python"
    for name in PEERS:
        yield name, lambda iris, name=name: ask_peer(name, python, out / "links.csv", iris[: arguments.few])
    location = ["--location", str(out / "oxigraph"), "--bind", f"127.0.0.1:{arguments.port + 1}"]
    url = f"{host}:{arguments.port + 1}/query"
    command = [str(arguments.peers / "oxigraph"), "serve-read-only", *location]
    other = stack.enter_context(running("oxigraph", url, command, {}))
    yield (
        "oxigraph serve, CONSTRUCT",
        lambda iris: ask_server(
            url, other.pid, [construct(i) for i in iris], "application/n-triples", arguments.seconds
        ),
    )


def main() -> None:
    if len(sys.argv) > 1 and sys.argv[1] == "--peer":
        _, _, name, links, asked = sys.argv
        print(json.dumps(PEERS[name](Path(links), json.loads(Path(asked).read_text()))))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--labels", type=int, default=1_000_000, help="names to search in; 0: no search")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement of a server")
    parser.add_argument("--few", type=int, default=300, help="neighbourhoods asked of a library")
    parser.add_argument("--port", type=int, default=8250, help="the first of two")
    parser.add_argument("--peers", type=Path, default=ROOT / "out" / "peers" / "bin")
    parser.add_argument("--out", type=Path, help="folder of the data; below out/ if not given")
    arguments = parser.parse_args()
    from sparql import prepare

    out = (arguments.out or ROOT / "out" / f"sparql-{arguments.entities}").absolute()
    prepare(out, arguments.peers, arguments.entities)
    print(build(out), end="\n\n")
    drawn, hubs = choose(out)
    print("| two hops, 200 nodes | p50 ms | p99 ms | processor ms | per core second |\n|---|---|---|---|---|")
    with ExitStack() as stack:
        for name, ask in contenders(arguments, out, stack):
            for sort, iris in (("at random", drawn), ("hubs", hubs)):
                found = ask(iris)
                beside = "".join(
                    f", {key} {found[key]:,.1f}" for key in ("build_s", "mb", "kb") if key in found
                )
                print(row(f"{name}, {sort}{beside}", found), flush=True)
    if arguments.labels:
        found = search_labels(out, arguments.labels)
        ms = found["ms"]
        assert isinstance(ms, list)
        print(
            f"\nSearch among {arguments.labels:,} names as they are typed: p50 {rank(ms, 0.5):.2f} ms, p99 "
            f"{rank(ms, 0.99):.2f} ms, {found['mb']:.0f} MB, made in {found['build_s']:.0f} s."
        )


if __name__ == "__main__":
    main()

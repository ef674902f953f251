"""SPARQL over HTTP: `kg serve` beside `oxigraph serve` and rdflib-endpoint, on one generated graph, in one run.

    python -m venv out/peers && out/peers/bin/pip install -r benchmarks/requirements-sparql.txt
    python benchmarks/sparql.py --entities 100000          # about 0.94 million triples

All servers are up at once, on loopback, and are asked in turn, round by round, so that what else the machine does
weighs on each alike. Rates are answers per second over `--connections` connections that are kept open; the median of
the rounds counts. Before anything is measured, the answers of all servers are compared. "Beside 4 slow queries" is
the rate of point look-ups while four other connections ask queries that take seconds each, as a share of the rate
alone. The asking process takes about 0.05 ms a request, of two cores that it shares with the server. The second table
is processor time of the server and its processes for one answer, the least of the rounds: it tells capacity also where
other work keeps the machine so busy that rates say more of the scheduler.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
NS, ID = "https://kg.example/def#", "https://kg.example/id/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
JSON_RESULTS, N_TRIPLES = "application/sparql-results+json", "application/n-triples"


@dataclass(frozen=True)
class Kind:
    """A kind of query: its name, what makes one, what is accepted."""

    name: str
    make: Callable[[random.Random, int], str]
    accept: str = JSON_RESULTS
    #: Left out for servers that take longer than a minute for one.
    heavy: bool = False


def person(rng: random.Random, entities: int) -> str:
    return f"<{ID}person/{rng.randrange(int(entities * 0.4))}>"


def body(rng: random.Random, entities: int) -> str:
    return f"<{ID}org/{rng.randrange(int(entities * 0.12))}>"


KINDS = (
    Kind("point", lambda r, n: f"SELECT ?p ?o {{ {person(r, n)} ?p ?o }}"),
    Kind(
        "two-hop star",
        lambda r, n: (
            f"SELECT ?b ?l ?o {{ {person(r, n)} <{NS}memberOf> ?b . ?b <{SKOS}prefLabel> ?l ;"
            f" <{NS}headquarteredAt> ?o . ?o <{NS}locatedIn> ?x . ?m <{NS}memberOf> ?b }} LIMIT 50"
        ),
    ),
    Kind(
        "aggregation in one body",
        lambda r, n: f"SELECT (COUNT(*) AS ?n) {{ ?m <{NS}memberOf> {body(r, n)} }}",
    ),
    Kind(
        "CONSTRUCT 2 hops",
        lambda r, n: (
            f"CONSTRUCT {{ ?a ?p ?b . ?b ?q ?c }} WHERE {{ {{ SELECT ?a ?p ?b {{ BIND({person(r, n)} AS ?a) "
            f"?a ?p ?b FILTER(isIRI(?b) && ?p != <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>) }} }} ?b ?q ?c }}"
        ),
        N_TRIPLES,
    ),
    Kind(
        "GROUP BY all",
        lambda r, n: (
            f"SELECT ?p (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER(?p != <{NS}x{r.randrange(10**6)}>) }} GROUP BY ?p"
        ),
        heavy=True,
    ),
)
POINT = KINDS[0]


def slow(rng: random.Random, _: int) -> str:
    return (
        f"SELECT (COUNT(*) AS ?n) {{ ?a <{NS}knows> ?b . ?b <{NS}knows> ?c . ?c <{NS}memberOf> ?d . "
        f"?e <{NS}memberOf> ?d FILTER(?a != ?c && {rng.randrange(10**6)} > -1) }}"
    )


@dataclass
class Server:
    """A contender that runs."""

    name: str
    url: str
    pid: int
    rates: dict[str, list[float]] = field(default_factory=dict)
    beside: list[float] = field(default_factory=list)
    costs: dict[str, list[float]] = field(default_factory=dict)


def requests_of(kind: Kind, url: str, entities: int, seed: int) -> list[bytes]:
    """Requests to send in turn; heavy queries are few."""
    rng = random.Random(seed)
    parts = urlsplit(url)
    made = []
    for _ in range(5 if kind.heavy else 2000):
        path = f"{parts.path}?query={quote(kind.make(rng, entities), safe='')}"
        made.append(
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: {kind.accept}\r\n\r\n".encode("ascii")
        )
    return made


class Connection:
    """One connection that is kept open, and what has come of the answer."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 80))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def take(self) -> bytes | None:
        """The answer's body once it is whole; raises on any status but 200."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.buffer[:end].lower()
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(self.buffer[:500].decode("utf-8", "replace"))
        at = head.find(b"content-length:")
        if at >= 0:
            length = int(head[at + 15 :].split(b"\r\n", 1)[0])
            if len(self.buffer) - end - 4 < length:
                return None
            found = self.buffer[end + 4 :]
        elif self.buffer.endswith(b"0\r\n\r\n"):
            found = unchunk(self.buffer[end + 4 :])
        else:
            return None
        self.buffer = b""
        return found


def unchunk(data: bytes) -> bytes:
    out, at = [], 0
    while True:
        line = data.index(b"\r\n", at)
        size = int(data[at:line].split(b";")[0], 16)
        if size == 0:
            return b"".join(out)
        out.append(data[line + 2 : line + 2 + size])
        at = line + 4 + size


def measure(url: str, requests: Sequence[bytes], connections: int, seconds: float) -> float:
    """Answers per second."""
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        opened = [Connection(url) for _ in range(connections)]
        for one in opened:
            stack.callback(one.socket.close)
            selector.register(one.socket, selectors.EVENT_READ, one)
        turn, done = 0, 0
        began = time.perf_counter()
        for one in opened:
            one.socket.sendall(requests[turn % len(requests)])
            turn += 1
        while True:
            for key, _ in selector.select(60):
                one = key.data
                if one.take() is not None:
                    done += 1
                    one.socket.sendall(requests[turn % len(requests)])
                    turn += 1
            past = time.perf_counter() - began
            if past >= seconds and done:
                return done / past
            if past > 60:
                return 0.0


def answer_of(url: str, request: bytes, limit: float = 60) -> bytes:
    one = Connection(url)
    one.socket.settimeout(limit)
    try:
        one.socket.sendall(request)
        while (found := one.take()) is None:
            pass
        return found
    finally:
        one.socket.close()


def normal(data: bytes, accept: str) -> object:
    """An answer as something that can be compared."""
    if accept == N_TRIPLES:
        return sorted(set(data.splitlines()))
    rows = json.loads(data)["results"]["bindings"]
    return sorted(json.dumps({k: v["value"] for k, v in row.items()}, sort_keys=True) for row in rows)


def compare(servers: Sequence[Server], entities: int) -> None:
    """Raises where two servers answer differently."""
    for kind in KINDS:
        if kind.heavy:
            continue
        for number in range(3):
            found = {}
            for server in servers:
                request = requests_of(kind, server.url, entities, 1)[number]
                try:
                    found[server.name] = normal(answer_of(server.url, request, 20), kind.accept)
                except TimeoutError:
                    continue
            if kind.name == "two-hop star":
                different = len({len(one) for one in found.values()}) > 1  # any 50 of them will do
            else:
                different = any(one != next(iter(found.values())) for one in found.values())
            if different:
                raise SystemExit(
                    f"{kind.name}: the servers answer differently: { ({n: len(f) for n, f in found.items()}) }"
                )


@contextmanager
def running(name: str, url: str, command: Sequence[str], environment: dict[str, str]) -> Iterator[Server]:
    """A server until the block ends; it is up when it answers."""
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        request = requests_of(POINT, url, 1000, 0)[0]
        for _ in range(1800):
            try:
                answer_of(url, request)
                break
            except (OSError, RuntimeError):
                if process.poll() is not None:
                    raise SystemExit(f"{name} ended: {' '.join(command)}") from None
                time.sleep(0.2)
        else:
            raise SystemExit(f"{name} does not answer")
        yield Server(name, url, process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def commands(
    out: Path, peers: Path, data: Path, port: int
) -> Iterator[tuple[str, str, list[str], dict[str, str]]]:
    """Name, URL, command and environment of each contender."""
    kg = [sys.executable, "-m", "kg", "serve", "--store", str(out / "store"), "--port", str(port)]
    limits = {"KG_QUERY_TIMEOUT": "300", "KG_QUERY_MEMORY": "0"}
    yield "kg serve", f"http://127.0.0.1:{port}/sparql", kg, limits
    serve = ["serve-read-only", "--location", str(out / "oxigraph"), "--bind", f"127.0.0.1:{port + 1}"]
    yield "oxigraph serve", f"http://127.0.0.1:{port + 1}/query", [str(peers / "oxigraph"), *serve], {}
    for offset, store in ((2, "Oxigraph"), (3, "default")):
        url = f"http://127.0.0.1:{port + offset}/sparql"
        endpoint = [
            str(peers / "rdflib-endpoint"),
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            str(port + offset),
        ]
        yield f"rdflib-endpoint, {store}", url, [*endpoint, "--store", store, str(data)], {}


def prepare(out: Path, peers: Path, entities: int) -> Path:
    """Generate and load what is not there yet; the file of the data."""
    out.mkdir(parents=True, exist_ok=True)
    data = out / "kg.nt"
    if not data.exists():
        generator = ROOT.parent / "shared" / "bench" / "gen_kg.py"
        made = [
            sys.executable,
            str(generator),
            "--entities",
            str(entities),
            "--seed",
            "1",
            "--out",
            str(data),
        ]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    if not (out / "oxigraph").exists():
        load = [str(peers / "oxigraph"), "load", "--location", str(out / "oxigraph"), "--file", str(data)]
        subprocess.run(load, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        optimize = [str(peers / "oxigraph"), "optimize", "--location", str(out / "oxigraph")]
        subprocess.run(optimize, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not (out / "store").exists():
        subprocess.run(
            [sys.executable, "-m", "kg", "load", str(data), "--store", str(out / "store")],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return data


def processor_seconds(pid: int) -> float:
    """User and system time of a process and its children that run."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_seconds(int(child)) for child in children)


def run_round(servers: Sequence[Server], arguments: argparse.Namespace, number: int) -> None:
    for kind in KINDS:
        for server in servers:
            if server.rates.get(kind.name) == [0.0]:
                continue
            requests = requests_of(kind, server.url, arguments.entities, 100 + number)
            before, began = processor_seconds(server.pid), time.perf_counter()
            try:
                rate = measure(server.url, requests, arguments.connections, arguments.seconds)
                answers = rate * (time.perf_counter() - began)
                if answers:
                    spent = processor_seconds(server.pid) - before
                    server.costs.setdefault(kind.name, []).append(1000 * spent / answers)
            except (TimeoutError, RuntimeError, ConnectionError):
                rate = 0.0
            server.rates.setdefault(kind.name, []).append(rate)


def run_beside(server: Server, arguments: argparse.Namespace, number: int) -> None:
    """The rate of point look-ups beside slow queries, as a share of the rate alone right before."""
    points = requests_of(POINT, server.url, arguments.entities, 200 + number)
    alone = measure(server.url, points, arguments.connections, arguments.seconds)
    slow_ones = requests_of(Kind("slow", slow, heavy=True), server.url, arguments.entities, 300 + number)
    with ExitStack() as stack:
        opened = [Connection(server.url) for _ in range(4)]
        for one, request in zip(opened, slow_ones, strict=False):
            stack.callback(one.socket.close)
            one.socket.sendall(request)
        time.sleep(0.5)
        beside = measure(server.url, points, arguments.connections, arguments.seconds)
        for one in opened:
            one.socket.setblocking(False)
            try:
                if one.socket.recv(1):
                    print(f"{server.name}: a slow query was not slow enough", file=sys.stderr)
            except BlockingIOError:
                pass
    server.beside.append(beside / alone if alone else 0.0)


def table(servers: Sequence[Server]) -> str:
    """A table of rates and of their ratios to those of oxigraph serve."""
    reference = next((s for s in servers if s.name == "oxigraph serve"), servers[0])
    lines = [
        "| | " + " | ".join(kind.name for kind in KINDS) + " | point beside 4 slow |",
        "|---" * (len(KINDS) + 2) + "|",
    ]
    for server in servers:
        cells = []
        for kind in KINDS:
            rate = statistics.median(server.rates.get(kind.name, [0.0]))
            known = statistics.median(reference.rates[kind.name])
            cells.append(f"{rate:,.1f} ({rate / known:.2f})" if rate and known else "-")
        cells.append(f"{statistics.median(server.beside):.2f}" if server.beside else "-")
        lines.append(f"| {server.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cost_table(servers: Sequence[Server]) -> str:
    """Milliseconds of processor time for one answer."""
    lines = ["| ms | " + " | ".join(kind.name for kind in KINDS) + " |", "|---" * (len(KINDS) + 1) + "|"]
    for server in servers:
        cells = [f"{min(server.costs[k.name]):.3g}" if server.costs.get(k.name) else "-" for k in KINDS]
        lines.append(f"| {server.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=8100, help="the first of four")
    parser.add_argument("--peers", type=Path, default=ROOT / "out" / "peers" / "bin")
    parser.add_argument("--only", action="append", help="contenders by name; all if not given")
    parser.add_argument("--out", type=Path, help="folder of the data; below out/ if not given")
    arguments = parser.parse_args()
    out = arguments.out or ROOT / "out" / f"sparql-{arguments.entities}"
    data = prepare(out, arguments.peers, arguments.entities)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running(name, url, command, environment))
            for name, url, command, environment in commands(out, arguments.peers, data, arguments.port)
            if not arguments.only or name in arguments.only
        ]
        compare(servers, arguments.entities)
        for number in range(arguments.rounds):
            run_round(servers, arguments, number)
        for number in range(arguments.rounds):
            for server in servers:
                if not server.name.startswith("rdflib"):
                    run_beside(server, arguments, number)
        print(table(servers) + "\n\n" + cost_table(servers))
        found = {s.name: {"rates": s.rates, "costs": s.costs, "beside": s.beside} for s in servers}
        (out / "sparql.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

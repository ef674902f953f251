#!/usr/bin/env python3
"""Reads and writes against a server whose processes are killed all the time; says what was lost.

    soak.py --minutes 10 [--store FOLDER] [--seed 7]

Starts ``kg serve --writable`` on a copy of the store (an empty one if none is given). Readers ask points, aggregates,
searches, pages and queries that take too long; writers insert, delete and replace, and remember what was acknowledged;
documents are posted. Meanwhile workers, the process that makes updates, the builder and the server itself get kill -9.
In the end: every acknowledged write is there, nothing is there twice, every job ended, `kg check` finds nothing, there
was no 5xx but deliberate ones, and memory did not grow. Exit status 1 if that is not so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import httpx

TOKEN = "soak-token-for-loopback"
E = "http://soak.example/"
AUTH = {"Authorization": f"Bearer {TOKEN}"}
#: 503s that say what they mean: too slow, too many, a process that we killed, a server that ends.
DELIBERATE = {"timeout", "overloaded", "busy", "worker-lost"}
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?c != ?f && ?f != ?i) }"


def listed(parent: int) -> list[tuple[int, str]]:
    """(number, command line) of all processes below `parent`."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True).stdout
    below: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for line in table.splitlines():
        number, above, *words = line.split(None, 2)
        below[int(above)].append((int(number), words[0] if words else ""))
    found, todo = [], [parent]
    while todo:
        for child in below[todo.pop()]:
            found.append(child)
            todo.append(child[0])
    return found


def resident(number: int) -> float:
    """Megabytes of memory that a process has for itself."""
    try:
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1000


class Soak:
    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.store = folder / "store"
        if options.store:
            shutil.copytree(options.store, self.store)
        self.log = (folder / "server.log").open("ab")
        self.options = options
        self.random = random.Random(options.seed)
        self.stop = threading.Event()
        self.up = threading.Event()
        self.lock = threading.Lock()
        self.answers: Counter[str] = Counter()
        self.unexpected: list[str] = []
        self.there: set[int] = set()
        self.gone: set[int] = set()
        self.counters: dict[int, int] = {}
        self.jobs: list[str] = []
        self.seconds: list[float] = []
        self.kills: Counter[str] = Counter()
        self.memory: list[list[float]] = []
        self.url = ""

    def start(self) -> None:
        port = self.url.rpartition(":")[2] or "0"
        command = [
            sys.executable,
            "-m",
            "kg",
            "serve",
            "--store",
            str(self.store),
            "--port",
            port,
            "--writable",
        ]
        environment = os.environ | {
            "KG_TOKEN": TOKEN,
            "KG_QUERY_TIMEOUT": "3",
            "KG_UPDATE_TIMEOUT": "10",
            "KG_BUILDER_MODEL": "rules",
        }
        for _ in range(20):
            self.server = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment
            )
            assert self.server.stdout is not None
            line = self.server.stdout.readline()
            if line:
                break
            time.sleep(0.5)  # the processes of the one before are still going
        self.url = line.split()[0]
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        self.memory.append([])
        self.up.set()

    def send(self, client: httpx.Client, method: str, path: str, **others: object) -> httpx.Response | None:
        """The answer, or None where the server was killed meanwhile."""
        if not self.up.wait(60):
            raise SystemExit("the server does not come back")
        url = self.url
        try:
            response = client.request(method, url + path, **others)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            with self.lock:
                self.answers["no answer"] += 1
                if self.up.is_set() and self.server.poll() is None and not self.kills["server"]:
                    self.unexpected.append(f"{method} {path[:60]}: {error!r}")
            time.sleep(0.2)
            return None
        with self.lock:
            self.answers[str(response.status_code)] += 1
            if response.status_code >= 500:
                kind = ""
                if "json" in response.headers.get("content-type", ""):
                    kind = response.json().get("type", "").rpartition("#")[2]
                self.answers[f"{response.status_code} {kind}"] += 1
                if kind not in DELIBERATE:
                    self.unexpected.append(
                        f"{method} {path[:80]}: {response.status_code} {response.text[:200]}"
                    )
        return response

    def read(self, seed: int) -> None:
        choose = random.Random(seed)
        with httpx.Client(timeout=60, trust_env=False) as client:
            while not self.stop.is_set():
                kind = choose.random()
                number = choose.randrange(5000)
                if kind < 0.6:
                    query = f"SELECT ?p ?o {{ <{E}{number}> ?p ?o }}"
                    self.send(client, "GET", "/sparql", params={"query": query})
                elif kind < 0.75:
                    self.send(
                        client, "GET", "/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
                    )
                elif kind < 0.85:
                    self.send(client, "GET", "/search", params={"q": f"soak {number}"})
                elif kind < 0.93:
                    self.send(client, "GET", "/documents")
                elif kind < 0.98:
                    self.send(client, "GET", "/rdf-graph-store", params={"graph": f"{E}graph"})
                else:
                    self.send(client, "GET", "/sparql", params={"query": SLOW})

    def update(self, client: httpx.Client, text: str) -> bool:
        begun = time.monotonic()
        response = self.send(client, "POST", "/update", data={"update": text}, headers=AUTH)
        self.seconds.append(time.monotonic() - begun)
        return response is not None and response.status_code == 200

    def write(self, writer: int) -> None:
        choose = random.Random(1000 + writer)
        mine: list[int] = []
        number = writer * 1_000_000
        with httpx.Client(timeout=60, trust_env=False) as client:
            while not self.stop.is_set():
                kind = choose.random()
                if kind < 0.6 or not mine:
                    number += 1
                    graph = (
                        f"GRAPH <{E}graph> {{ <{E}{number}> <{E}in> <{E}graph> }}" if number % 10 == 0 else ""
                    )
                    text = f'INSERT DATA {{ <{E}{number}> <{E}n> {number} ; rdfs:label "soak {number}" . {graph} }}'
                    if self.update(client, text):
                        mine.append(number)
                        with self.lock:
                            self.there.add(number)
                elif kind < 0.75:
                    victim = mine.pop(choose.randrange(len(mine)))
                    with self.lock:
                        self.there.discard(victim)  # from here on it may be there or not
                    if self.update(client, f"DELETE WHERE {{ <{E}{victim}> ?p ?o }}"):
                        with self.lock:
                            self.gone.add(victim)
                else:
                    counter = f"<{E}counter{writer}>"
                    count = self.counters.get(writer, 0) + 1
                    text = (
                        f"DELETE {{ {counter} <{E}count> ?n }} INSERT {{ {counter} <{E}count> {count} }} "
                        f"WHERE {{ OPTIONAL {{ {counter} <{E}count> ?n }} }}"
                    )
                    if self.update(client, text):
                        self.counters[writer] = count
                time.sleep(0.02)

    def post(self) -> None:
        with httpx.Client(timeout=60, trust_env=False) as client:
            number = 0
            while not self.stop.wait(4):
                number += 1
                day = f"March {1 + number % 28}, 2025"
                text = f"Defense Minister Gen Nakatani met Pete Hegseth in Tokyo on {day}. No {number}."
                response = self.send(
                    *(client, "POST", f"/documents?identifier=soak{number}.txt"),
                    content=text,
                    headers=AUTH | {"Content-Type": "text/plain"},
                )
                if response is not None and response.status_code == 202:
                    self.jobs.append(response.headers["location"])

    def kill(self) -> None:
        last = time.monotonic()
        while not self.stop.wait(self.random.uniform(1.5, 4)):
            if time.monotonic() - last > self.options.server_every:
                last = time.monotonic()
                self.up.clear()
                self.server.kill()
                self.server.communicate()
                self.kills["server"] += 1
                self.start()
                continue
            children = [c for c in listed(self.server.pid) if "python" in c[1] or "kg." in c[1]]
            if not children:
                continue
            number, command = self.random.choice(children)
            what = next((n for n in ("updates", "builder", "engine") if f"kg.{n}" in command), "worker")
            try:
                os.kill(number, signal.SIGKILL)
                self.kills[what] += 1
            except ProcessLookupError:
                pass

    def watch(self) -> None:
        while not self.stop.wait(1):
            if self.up.is_set():
                self.memory[-1].append(resident(self.server.pid))

    def run(self) -> bool:
        self.start()
        threads = [threading.Thread(target=self.read, args=(n,)) for n in range(self.options.readers)]
        threads += [
            threading.Thread(target=self.write, args=(n,)) for n in range(1, 1 + self.options.writers)
        ]
        threads += [threading.Thread(target=self.post), threading.Thread(target=self.watch)]
        killer = threading.Thread(target=self.kill)
        for thread in (*threads, killer):
            thread.start()
        time.sleep(60 * self.options.minutes)
        self.stop.set()
        for thread in (killer, *threads):
            thread.join()
        return self.judge()

    def judge(self) -> bool:
        with httpx.Client(timeout=120, trust_env=False) as client:
            states: Counter[str] = Counter()
            limit = time.monotonic() + 120
            for job in self.jobs:
                while True:
                    response = client.get(self.url + job, headers=AUTH)
                    state = response.json().get("state", str(response.status_code))
                    if state in ("done", "failed", "404") or time.monotonic() > limit:
                        break
                    time.sleep(0.5)
                states[state] += 1
            rows = client.get(f"{self.url}/sparql", params={"query": f"SELECT ?n {{ ?s <{E}n> ?n }}"}).json()
            counts = client.get(
                f"{self.url}/sparql", params={"query": f"SELECT ?s ?n {{ ?s <{E}count> ?n }}"}
            ).json()
        found = [int(row["n"]["value"]) for row in rows["results"]["bindings"]]
        counters: dict[str, list[int]] = defaultdict(list)
        for row in counts["results"]["bindings"]:
            counters[row["s"]["value"]].append(int(row["n"]["value"]))
        self.server.terminate()
        self.server.communicate(timeout=60)
        checked = subprocess.run(
            [sys.executable, "-m", "kg", "check", "--store", str(self.store), "--json"],
            capture_output=True,
            text=True,
        )
        growth = []
        for life in self.memory:
            if len(life) >= 20:
                third = len(life) // 3
                growth.append((statistics.median(life[third : 2 * third]), statistics.median(life[-third:])))
        report = {
            "minutes": self.options.minutes,
            "answers": dict(sorted(self.answers.items())),
            "kill -9": dict(self.kills),
            "acknowledged inserts": len(self.there) + len(self.gone),
            "seconds of an update (median, longest)": [
                round(statistics.median(self.seconds or [0]), 3),
                round(max(self.seconds, default=0), 3),
            ],
            "lost": len(self.there - set(found)),
            "come back": len(self.gone & set(found)),
            "twice": len(found) - len(set(found)),
            "counters wrong": sum(
                counters[f"{E}counter{writer}"] not in ([count], [count + 1])
                for writer, count in self.counters.items()
            ),
            "jobs": dict(states),
            "unexpected": len(self.unexpected),
            "memory of the server in its lives, MB (second third, last third)": [
                [round(a), round(b)] for a, b in growth
            ],
            "kg check": json.loads(checked.stdout or "{}").get("problems", checked.stderr),
        }
        print(json.dumps(report, indent=1))
        for one in self.unexpected[:10]:
            print("unexpected:", one)
        is_flat = all(b < 1.3 * a + 30 for a, b in growth)
        bad = ("lost", "come back", "twice", "counters wrong", "unexpected", "kg check")
        return is_flat and not any(report[key] for key in bad) and set(states) <= {"done", "404"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument(
        "--server-every", type=float, default=45, help="seconds between two kills of the server"
    )
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kg-soak-") as place:
        soak = Soak(Path(place), options)
        try:
            good = soak.run()
        finally:
            if soak.server.poll() is None:
                soak.server.kill()
        if not good:
            print((Path(place) / "server.log").read_text()[-3000:], file=sys.stderr)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()

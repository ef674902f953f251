from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from kg.errors import KgError
from kg.server.running import bind, url_of


def test_a_port_that_is_taken_is_said_so() -> None:
    listening = bind("127.0.0.1", 0)
    port = listening.getsockname()[1]
    try:
        with pytest.raises(KgError, match=f"port {port} of 127.0.0.1 is taken"):
            bind("127.0.0.1", port)
    finally:
        listening.close()


@pytest.mark.parametrize("host", ["no.such.host.invalid", "", "256.1.1.1"])
def test_a_host_that_is_none(host: str) -> None:
    with pytest.raises(KgError, match="not an address"):
        bind(host, 0)


def test_the_url_is_one_that_people_can_open() -> None:
    listening = bind("0.0.0.0", 0)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url_of(listening))
    listening.close()
    try:
        six = bind("::1", 0)
    except KgError:
        return  # no IPv6 here
    assert url_of(six).startswith("http://[::1]:")
    six.close()


def kg(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kg", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"KG_QUERY_TIMEOUT": "0.2"},
    )


def test_serve_prints_the_url_and_three_things_to_try_and_ends_with_ctrl_c(small_store: Path) -> None:
    process = kg("serve", "--store", str(small_store), "--port", "0")
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        url = lines[0].split()[0]
        commands = [line.strip() for line in lines[2:]]
        assert [c.startswith(f"curl '{url}/") for c in commands] == [True] * 3
        with httpx.Client(timeout=10, trust_env=False) as client:
            for _ in range(100):
                try:
                    assert client.get(f"{url}/readyz").status_code == 200
                    break
                except httpx.ConnectError:
                    time.sleep(0.05)
            for command in commands:
                assert client.get(command.removeprefix("curl '").removesuffix("'")).status_code == 200
            # A query that runs on does not keep the process alive.
            slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f && ?f != ?i) }"
            assert client.get(f"{url}/sparql", params={"query": slow}).status_code == 503
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert errors == ""


def test_serve_on_a_busy_port_is_one_line(small_store: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = kg("serve", "--store", str(small_store), "--port", str(port))
        out, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == ""
    assert errors == f"kg: port {port} of 127.0.0.1 is taken by another program; give another with --port\n"

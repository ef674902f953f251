"""Whatever comes over the wire to ``/sparql``, the answer is a right one or a problem, and the server answers on."""

from __future__ import annotations

import socket
import string

import httpx
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.engine.formats import parse_accept
from kg.engine.sink import Refusal, RowCounter
from kg.engine.text import is_volatile
from kg.errors import KgError
from kg.server.operations import choose_formats, prefers_page, read_get, read_media_type, read_post

GIVEN = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = """SELECT ASK CONSTRUCT DESCRIBE WHERE FROM NAMED GRAPH SERVICE SILENT FILTER BIND VALUES UNION MINUS
EXISTS NOT { } ( ) . ; , * ?s ?p ?o <http://e/> <rel> kg:Person "text" 'x' 1 2.5 true a ORDER BY LIMIT 3 OFFSET GROUP
HAVING COUNT AS DISTINCT PREFIX x: BASE # INSERT DELETE LOAD CLEAR << >> %"""
PIECES = st.lists(st.sampled_from([*WORDS.split(), "\\u0041", "\U0001f600", "\x00"]), max_size=25).map(
    " ".join
)
NAMES = ["Content-Type", "Accept", "Accept-Encoding", "Origin", "If-None-Match"]
HEADER = st.text(string.ascii_letters + string.digits + "/*;,=. q-+", max_size=60).map(str.strip)
FINE = (200, 304, 400, 403, 406, 413, 415, 422, 501)


@GIVEN
@given(query=PIECES, accept=HEADER, form=st.sampled_from([None, "json", "ttl", "x", ""]))
def test_any_query(client: httpx.Client, query: str, accept: str, form: str | None) -> None:
    parameters = {"query": query} | ({"format": form} if form is not None else {})
    for response in (
        client.get("/sparql", params=parameters, headers={"Accept": accept or "*/*"}),
        client.post("/sparql", data=parameters, headers={"Accept": accept or "*/*"}),
    ):
        assert response.status_code in FINE, response.text
        if response.status_code >= 400 and "html" not in accept:
            assert response.json()["status"] == response.status_code


@GIVEN
@given(
    start=st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS", "BREW"]),
    rest=st.text(string.printable, max_size=60).map(lambda t: t.replace("\r", "").replace("\n", "")),
    headers=st.lists(st.tuples(st.sampled_from(NAMES), HEADER)),
    body=st.binary(max_size=40),
)
def test_any_bytes(
    client: httpx.Client, start: str, rest: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    lines = [
        f"{start} /sparql?{rest} HTTP/1.1",
        "Host: x",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    lines += [f"{name}: {value}" for name, value in headers]
    with socket.create_connection((client.base_url.host, client.base_url.port or 0), 20) as raw:
        raw.sendall("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body)
        got = b""
        while data := raw.recv(1 << 16):
            got += data
    status = int(got.split()[1])
    assert status in (*FINE, 204, 405, 404)
    assert client.get("/sparql?query=ASK{}").status_code == 200


@GIVEN
@given(text=st.text(max_size=60), accept=st.text(max_size=80), raw=st.binary(max_size=80))
def test_parts_raise_nothing_else(text: str, accept: str, raw: bytes) -> None:
    for call in (
        lambda: choose_formats(accept, None),
        lambda: choose_formats(None, text),
        lambda: prefers_page(accept),
        lambda: read_media_type(text),
        lambda: read_get(raw),
        lambda: read_post("application/x-www-form-urlencoded", raw, b""),
        lambda: read_post("application/sparql-query", raw, raw),
        lambda: parse_accept(accept),
        lambda: is_volatile(text),
    ):
        try:
            call()
        except KgError:
            continue


TEXTS = st.text(st.sampled_from('ab"\\}{\n\r\t<>&,é'), max_size=8)


@GIVEN
@given(
    values=st.lists(st.one_of(st.none(), TEXTS), max_size=6),
    form=st.sampled_from(["JSON", "XML", "CSV", "TSV"]),
    cut=st.integers(1, 40),
)
def test_no_answer_has_more_rows_than_the_limit(values: list[str | None], form: str, cut: int) -> None:
    """Exactly so but for JSON with ``}}`` in a text, which may count as one row more."""
    rows = " ".join("(UNDEF)" if v is None else "(" + str(ox.Literal(v)) + ")" for v in values)
    answer = ox.Store().query(f"SELECT ?x {{ VALUES (?x) {{ {rows} }} }}")
    assert isinstance(answer, ox.QuerySolutions)
    data = answer.serialize(format=getattr(ox.QueryResultsFormat, form))
    assert data is not None

    def passes(most: int) -> bool:
        counter = RowCounter(form.lower(), most)
        try:
            for at in range(0, len(data), cut):
                counter.count(data[at : at + cut])
        except Refusal:
            return False
        return True

    for most in range(1, len(values)):
        assert not passes(most)
    exact = form != "JSON" or not any(v and ("}" in v or "{" in v) for v in values)
    if exact and values:
        assert passes(len(values))


@pytest.mark.parametrize("depth", [2_000, 60_000])
def test_deep_nesting_harms_one_process_at_most(client: httpx.Client, depth: int) -> None:
    response = client.post(
        "/sparql",
        content=b"ASK " + b"{" * depth + b"}" * depth,
        headers={"Content-Type": "application/sparql-query"},
    )
    assert response.status_code in (200, 400, 422, 503)
    assert client.get("/sparql?query=ASK{}").status_code == 200

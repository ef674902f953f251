"""Speaks the SPARQL 1.1 Protocol to an endpoint: queries, updates, credentials, another try.

Tolerates what endpoints do differently: queries by GET or form POST, a default graph that is the union of all
(a dataset is always named), Virtuoso's ASK answered as a table and its datatype of points.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx
import pyoxigraph as ox

from kg.errors import QueryError, StoreError
from kg.graph.serialization import find_format, line_file
from kg.settings import Settings
from kg.terms import GEO

Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

RESULTS = "application/sparql-results+json"
GRAPH = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
#: Longest URL that a query is sent in; a longer query is posted.
_LONGEST_URL = 2000
#: Answers after which a request is made again: the server says that it may do better later.
_AGAIN = frozenset({429, 502, 503, 504})
_LONGEST_WAIT = 30.0
_SHOWN = 300
#: Virtuoso gives points back with a datatype of its own.
_POINTS, _OWN_POINTS = f"{GEO}wktLiteral", "http://www.openlinksw.com/schemas/virtrdf#Geometry"


class Endpoint:
    """An endpoint by its address. Thread-safe; `close` lets go of the connections.

    Credentials come from the address (``http://user:password@host/…``) or from the settings ``remote_*``; they are
    part of no message. `pause` waits that many seconds between tries.
    """

    def __init__(self, url: str, settings: Settings, pause: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(url)
        if not parts.hostname:
            raise StoreError(f"--store {url}: not the address of an endpoint: want http://host/path")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        place = f"{host}:{parts.port}" if parts.port else host
        self.url = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
        self.update_urls = (
            (settings.remote_update_url,)
            if settings.remote_update_url
            else tuple(guess_update_urls(self.url))
        )
        self._post_only = settings.remote_method.upper() == "POST"
        self._retries = settings.remote_retries
        self._pause = pause
        user = parts.username or settings.remote_user
        password = parts.password or settings.remote_password
        headers = {"User-Agent": "kg"}
        auth: httpx.Auth | None = None
        if settings.remote_token:
            headers["Authorization"] = f"Bearer {settings.remote_token}"
        elif user:
            digest = settings.remote_auth.lower() == "digest"
            auth = httpx.DigestAuth(user, password) if digest else httpx.BasicAuth(user, password)
        self._client = httpx.Client(
            auth=auth, headers=headers, timeout=settings.remote_timeout, follow_redirects=False
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def query(
        self,
        sparql: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        *,
        ask: bool = False,
    ) -> ox.QuerySolutions | ox.QueryBoolean:
        """The answer of a SELECT query, or of ASK.

        Raises `QueryError` if it is refused, `StoreError` if there is no answer.
        """
        found = self._ask(sparql, default_graphs, named_graphs, RESULTS)
        return parse_results(_plain(found.content), ask=ask, where=self.url)

    def construct(
        self, sparql: str, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> ox.QueryTriples:
        """The answer of a CONSTRUCT or DESCRIBE query. Raises as `query`."""
        found = self._ask(sparql, default_graphs, named_graphs, GRAPH)
        held = ox.Store()
        try:
            held.load(_plain(found.content), format=_rdf_format(found), base_iri=self.url)
        except (SyntaxError, ValueError) as error:
            raise StoreError(f"{self.url}: an answer that is no RDF: {error}") from None
        answer = held.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        assert isinstance(answer, ox.QueryTriples)
        return answer

    @contextmanager
    def stream(self, sparql: str, default_graphs: Sequence[str] = ()) -> Iterator[Iterator[ox.Quad]]:
        """The triples of a CONSTRUCT query as they come, in memory of constant size. Raises as `query`."""
        fields = _fields(sparql, default_graphs, ())
        try:
            with self._client.stream(
                "POST", self.url, data=_form(fields), headers={"Accept": GRAPH}
            ) as response:
                if response.status_code != 200:
                    response.read()
                    raise _refusal(self.url, response)
                chunks = line_file(response.iter_bytes(1 << 16))
                yield map(_with_points, ox.parse(chunks, format=_rdf_format(response), base_iri=self.url))
        except httpx.HTTPError as error:
            raise StoreError(f"{self.url}: the answer broke off: {_shown(error)}") from None
        except (SyntaxError, ValueError) as error:
            raise StoreError(f"{self.url}: an answer that is no RDF: {error}") from None

    def update(self, sparql: str) -> None:
        """Make a SPARQL 1.1 Update. Raises `StoreError` if it is refused or there is no answer.

        It may be sent twice where an answer is lost: want one that changes nothing the second time.
        """
        while True:
            url = self.update_urls[0]
            try:
                response = self._send(url, {"update": [sparql]}, "*/*")
            except QueryError as error:
                raise StoreError(str(error)) from None
            if response.status_code in (404, 405) and len(self.update_urls) > 1:
                self.update_urls = self.update_urls[1:]  # this endpoint takes updates elsewhere
                continue
            if response.status_code >= 300:
                raise StoreError(str(_refusal(url, response)))
            return

    def _ask(
        self, sparql: str, default_graphs: Sequence[str], named_graphs: Sequence[str], accept: str
    ) -> httpx.Response:
        fields = _fields(sparql, default_graphs, named_graphs)
        inline = f"{self.url}{'&' if urlsplit(self.url).query else '?'}{urlencode(_pairs(fields), quote_via=quote)}"
        if self._post_only or len(inline) > _LONGEST_URL:
            response = self._send(self.url, fields, accept)
            if response.status_code in (405, 415) and not self._post_only:
                response = self._send(inline, None, accept)
        else:
            response = self._send(inline, None, accept)
            if response.status_code in (405, 414):
                self._post_only = True
                response = self._send(self.url, fields, accept)
        if response.status_code != 200:
            raise _refusal(self.url, response)
        return response

    def _send(self, url: str, fields: Mapping[str, Sequence[str]] | None, accept: str) -> httpx.Response:
        """The response to a GET, or with `fields` to a form; tried again where that may help."""
        for tried in range(self._retries + 1):
            last = tried == self._retries
            try:
                if fields is None:
                    response = self._client.get(url, headers={"Accept": accept})
                else:
                    response = self._client.post(url, data=_form(fields), headers={"Accept": accept})
            except httpx.TransportError as error:
                if last:
                    raise StoreError(
                        f"{self.url}: no answer (asked {tried + 1} times): {_shown(error)}"
                    ) from None
                self._pause(0.25 * 2**tried)
                continue
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise StoreError(f"{self.url}: {_shown(error)}") from None
            if last or response.status_code not in _AGAIN:
                return response
            self._pause(_wait(response.headers.get("retry-after"), tried))
        raise AssertionError("the last try returns or raises")


def guess_update_urls(url: str) -> Iterator[str]:
    """Where an endpoint that answers queries at `url` may take updates, the likeliest first.

    >>> list(guess_update_urls("http://host/query"))
    ['http://host/update', 'http://host/query']
    >>> list(guess_update_urls("http://host/repositories/one"))
    ['http://host/repositories/one/statements']
    """
    parts = urlsplit(url)
    head, _, tail = parts.path.rpartition("/")
    if head.endswith("/repositories"):  # RDF4J and GraphDB
        yield urlunsplit(parts._replace(path=f"{parts.path}/statements"))
        return
    if tail in ("query", "sparql"):
        yield urlunsplit(parts._replace(path=f"{head}/update"))
    yield url


def parse_results(body: bytes, *, ask: bool, where: str) -> ox.QuerySolutions | ox.QueryBoolean:
    """SPARQL 1.1 Query Results JSON; where ASK was asked, a table of one row stands for its boolean."""
    if ask:
        found = body.strip().lower()
        if found in (b"true", b"false"):
            return _boolean(found == b"true")
        try:
            document = json.loads(body)
            if "boolean" not in document:
                rows = document["results"]["bindings"]
                return _boolean(
                    any(cell["value"] not in ("0", "false") for row in rows for cell in row.values())
                )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StoreError(f"{where}: an answer to ASK that says neither true nor false") from None
    try:
        return ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        raise StoreError(f"{where}: an answer that is no SPARQL result: {error}") from None


def _boolean(value: bool) -> ox.QueryBoolean:
    told = b'{"head":{},"boolean":%s}' % (b"true" if value else b"false")
    answer = ox.parse_query_results(told, format=ox.QueryResultsFormat.JSON)
    assert isinstance(answer, ox.QueryBoolean)
    return answer


def _plain(body: bytes) -> bytes:
    return body.replace(_OWN_POINTS.encode(), _POINTS.encode())


def _with_points(quad: ox.Quad) -> ox.Quad:
    found = quad.object
    if not isinstance(found, ox.Literal) or found.datatype.value != _OWN_POINTS:
        return quad
    return ox.Quad(quad.subject, quad.predicate, ox.Literal(found.value, datatype=ox.NamedNode(_POINTS)))


def _fields(sparql: str, default_graphs: Iterable[str], named_graphs: Iterable[str]) -> dict[str, list[str]]:
    return {
        "query": [sparql],
        "default-graph-uri": list(default_graphs),
        "named-graph-uri": list(named_graphs),
    }


def _pairs(fields: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in fields.items() for value in values]


def _form(fields: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in fields.items() if values}


def _rdf_format(response: httpx.Response) -> ox.RdfFormat:
    media_type = response.headers.get("content-type", "").partition(";")[0].strip()
    found = find_format(media_type) if media_type else None
    if found is None and media_type in ("text/plain", "text/ntriples"):
        found = ox.RdfFormat.N_TRIPLES
    if found is None:
        raise StoreError(f"{response.url.copy_with(query=None)}: found {media_type!r}; want RDF")
    return found


def _refusal(url: str, response: httpx.Response) -> QueryError | StoreError:
    said = " ".join(response.text.split())[:_SHOWN]
    status = response.status_code
    if status in (401, 403):
        return StoreError(
            f"{url}: {status}: not let in; want KG_REMOTE_TOKEN, or KG_REMOTE_USER and KG_REMOTE_PASSWORD "
            f"(KG_REMOTE_AUTH=digest for digest). {said}"
        )
    if status in (400, 422):
        return QueryError(f"{url}: the endpoint refuses the query: {said}")
    return StoreError(f"{url}: {status}: {said}")


def _wait(retry_after: str | None, tried: int) -> float:
    try:
        asked = float(retry_after) if retry_after else 0.25 * 2**tried
    except ValueError:  # a date: no clock is asked
        asked = 0.25 * 2**tried
    return min(max(asked, 0.0), _LONGEST_WAIT)


def _shown(error: Exception) -> str:
    return str(error) or type(error).__name__

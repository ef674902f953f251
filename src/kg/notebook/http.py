"""A server of ours (`kg serve`) as a backend."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import IO, Any, TypeVar, cast
from urllib.parse import quote, urlsplit

import httpx
import pyoxigraph as ox
from pydantic import TypeAdapter, ValidationError

from kg.errors import (
    AmbiguousName,
    AnswerTooLarge,
    KgError,
    QueryError,
    QuerySyntaxError,
    QueryTimeout,
    ServerError,
    StoreError,
    UnknownEntity,
    UnknownQuery,
)
from kg.graph.store import What
from kg.notebook.backend import ALL, Asked, Filter, Solutions, Which
from kg.notebook.progress import bar
from kg.query.changes import Diff
from kg.query.contradictions import Contradictions
from kg.query.documents import DocumentList, DocumentPage
from kg.query.entities import EntityCard, EntityList
from kg.query.evidence import ClaimView
from kg.query.neighbourhood import Neighbourhood
from kg.query.offices import Offices
from kg.query.paths import Path
from kg.query.sameness import Sameness
from kg.query.search import SearchAnswer
from kg.terms import DEFAULT_BASE

T = TypeVar("T")

#: Rows of one page: the most that the server gives.
_PAGE = 1000
#: Longest time (seconds) that is waited before a request that was put off is made again.
_LONGEST_WAIT = 30.0
_RESULTS, _TRIPLES = "application/sparql-results+json", "application/n-triples"
_EXTENSIONS: Mapping[str, str] = {
    ox.RdfFormat.TURTLE.file_extension: "ttl",
    ox.RdfFormat.N_TRIPLES.file_extension: "nt",
    ox.RdfFormat.JSON_LD.file_extension: "jsonld",
    ox.RdfFormat.RDF_XML.file_extension: "rdf",
}


@dataclass(frozen=True, slots=True)
class _Claims:
    items: list[ClaimView]
    total: int


@dataclass(frozen=True, slots=True)
class _Ready:
    generation: str


class HttpBackend:
    """Answers from a server; a request that the server puts off (503 with Retry-After) is made again."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        timeout: float = 30.0,
        retries: int = 3,
        client: httpx.Client | None = None,
        day: date | None = None,
    ) -> None:
        """`timeout` is in seconds and for each request. Raises `ServerError` if no server of ours answers there."""
        self._url = _check_url(url)
        self._timeout = timeout
        self._retries = retries
        self._day = day
        self._owns = client is None
        headers = {"User-Agent": "kg-notebook", **({"Authorization": f"Bearer {token}"} if token else {})}
        # the proxy of the environment is not for a server on this machine
        local = urlsplit(self._url).hostname in ("127.0.0.1", "localhost", "::1")
        self._client = client or httpx.Client(
            base_url=self._url, timeout=timeout, headers=headers, follow_redirects=True, trust_env=not local
        )
        try:
            self._generation = self._get("/readyz", _Ready, dated=False).generation
            first = self.documents(1).items
        except UnknownEntity:  # a path of a server of ours, or of one that answers errors as ours does
            self.close()
            raise ServerError(
                f"{self._url}: not the address of a server of kg; give it without a path, such as http://127.0.0.1:8000"
            ) from None
        except BaseException:
            self.close()
            raise
        self._base = first[0].iri.rpartition("doc/")[0] if first else DEFAULT_BASE

    @property
    def address(self) -> str:
        """The server's URL."""
        return self._url

    @property
    def generation(self) -> str:
        """The generation that the server had when it was connected to."""
        return self._generation

    @property
    def base(self) -> str:
        """The base IRI of instances."""
        return self._base

    def page_of(self, iri: str) -> str | None:
        """The server's page of what is in the store; other IRIs themselves."""
        if iri.startswith(self.base):
            path, mark, fragment = iri[len(self.base) :].partition("#")
            if not path.startswith(("id/", "doc/", "claim/")):
                return None
            asked = f"?as_of={self._day}" if self._day else ""
            return f"{self._url}/{quote(path, safe='/:@')}{asked}" + (f"#{quote(fragment)}" if mark else "")
        return iri if iri.startswith(("http://", "https://")) else None

    def solve(self, sparql: str, timeout: float | None = None) -> Solutions:
        """The answer of a query, by the SPARQL 1.1 Protocol."""
        headers = {"Content-Type": "application/sparql-query", "Accept": f"{_RESULTS}, {_TRIPLES}"}
        done = self._send(
            "POST",
            "/sparql",
            content=sparql.encode("utf-8"),
            headers=headers,
            timeout=timeout or self._timeout,
        )
        return _read_solutions(done)

    def questions(self) -> Mapping[str, Asked]:
        """The saved questions of the server."""
        return {q.name: q for q in self._get("/queries", list[Asked], dated=False)}

    def ask(self, name: str, values: Mapping[str, str]) -> Solutions:
        """The answer of a saved question."""
        headers = {"Accept": f"{_RESULTS}, {_TRIPLES}"}
        return _read_solutions(
            self._send("GET", f"/queries/{quote(name, safe='')}", params=dict(values), headers=headers)
        )

    def card(self, entity: str) -> EntityCard:
        """What is known of an entity."""
        return self._get(f"/entities/{quote(entity, safe='')}", EntityCard)

    def entities(self, text: str | None, types: Sequence[str], limit: int, offset: int = 0) -> EntityList:
        """Entities by name."""
        asked = {"q": text, "type": list(types)}
        pages = self._pages("/entities", EntityList, asked, limit, offset)
        items = tuple(item for page in pages for item in page.items)
        return EntityList(items, pages[0].total, limit, offset)

    def search(self, text: str, limit: int) -> SearchAnswer:
        """Entities and sentences."""
        return self._get("/search", SearchAnswer, {"q": text, "limit": min(limit, _PAGE)})

    def neighbourhood(
        self, entity: str, depth: int, limit: int, only: Filter = ALL, measures: Sequence[str] = ()
    ) -> Neighbourhood:
        """What is around an entity."""
        asked = {
            "entity": entity,
            "depth": depth,
            "limit": limit,
            "evidence": "full",
            "measures": list(measures),
            **_filter(only),
        }
        return self._get("/neighbourhood", Neighbourhood, asked)

    def path(self, source: str, target: str, max_hops: int, k: int, only: Filter = ALL) -> Path:
        """The shortest chains."""
        asked = {"source": source, "target": target, "max_hops": max_hops, "k": k, **_filter(only)}
        return self._get("/paths", Path, asked)

    def claims(self, which: Which, limit: int | None) -> tuple[list[ClaimView], int]:
        """Claims, best confidence first."""
        asked: dict[str, object] = {
            "entity": which.entity,
            "claim": which.claim,
            "s": which.subject,
            "p": which.predicate,
            "o": which.object,
        }
        pages = self._pages("/evidence", _Claims, asked, limit)
        return [c for page in pages for c in page.items], pages[0].total

    def why_same(self, one: str, other: str) -> Sameness:
        """Whether two names stand for one thing."""
        return self._get("/why-same", Sameness, {"one": one, "other": other})

    def contradictions(self, entity: str | None, kind: str | None, limit: int) -> Contradictions:
        """Claims that cannot both be right."""
        asked = {"entity": entity, "kind": kind}
        pages = self._pages("/contradictions.json", Contradictions, asked, limit)
        return Contradictions(tuple(i for page in pages for i in page.items), pages[0].total, limit, 0)

    def offices(
        self, office: str | None, body: str | None, person: str | None, on: date | None, limit: int
    ) -> Offices:
        """Who held which office when."""
        asked = {"office": office, "body": body, "person": person, "on": on and on.isoformat()}
        pages = self._pages("/offices", Offices, asked, limit)
        return Offices(pages[0].on, tuple(i for page in pages for i in page.items), pages[0].total, limit, 0)

    def diff(self, since: date, until: date | None, entity: str | None, limit: int) -> Diff:
        """What changed between two days."""
        asked = {
            "from": since.isoformat(),
            "to": until and until.isoformat(),
            "entity": entity,
            "limit": limit,
        }
        return self._get("/diff", Diff, asked, dated=False)

    def documents(self, limit: int, offset: int = 0) -> DocumentList:
        """A page of the documents."""
        pages = self._pages("/documents", DocumentList, {}, limit, offset)
        return DocumentList(tuple(i for page in pages for i in page.items), pages[0].total, limit, offset)

    def document(self, name: str) -> DocumentPage:
        """One document."""
        return self._get(f"/documents/{quote(name, safe='')}", DocumentPage)

    def dump(self, what: What, rdf_format: ox.RdfFormat, out: IO[bytes]) -> None:
        """Write a part of the graph, as it comes in."""
        ending = _EXTENSIONS.get(rdf_format.file_extension)
        if ending is None:
            raise QueryError(
                f"{self._url}: a server gives ttl, nt, jsonld or rdf, not {rdf_format.file_extension}"
            )
        path, params = f"/dump/{what.value}.{ending}", self._params({}, dated=True)
        try:
            with self._client.stream("GET", path, params=params) as answer, bar(f"{path}", unit="B") as shown:
                if answer.is_error:
                    answer.read()
                    raise _refusal(self._url, answer)
                for chunk in answer.iter_bytes():
                    out.write(chunk)
                    shown.add(len(chunk))
        except httpx.HTTPError as error:
            raise self._failure(error) from None

    def triples(self) -> ox.Store:
        """The whole graph, fetched into memory."""
        store = ox.Store()
        with tempfile.TemporaryFile() as file:
            self.dump(What.ALL, ox.RdfFormat.N_TRIPLES, file)
            file.seek(0)
            store.bulk_load(file, ox.RdfFormat.N_TRIPLES)
        return store

    def on(self, day: date) -> HttpBackend:
        """The server's store as it stood on a day."""
        if self._day is not None:
            raise QueryError(f"as_of={day}: this is the store of {self._day} already; ask the whole store")
        return HttpBackend(
            self._url, timeout=self._timeout, retries=self._retries, client=self._client, day=day
        )

    def close(self) -> None:
        """Let go of the connections."""
        if self._owns:
            self._client.close()

    def _pages(
        self, path: str, kind: type[T], asked: Mapping[str, object], limit: int | None, offset: int = 0
    ) -> list[T]:
        """The pages of a list with up to `limit` items (None: all of them)."""
        pages: list[T] = []
        left = limit
        while True:
            want = _PAGE if left is None else min(_PAGE, left)
            page: Any = self._get(path, kind, {**asked, "limit": want, "offset": offset})
            pages.append(page)
            offset += len(page.items)
            left = None if left is None else left - len(page.items)
            if not page.items or (left is not None and left <= 0) or len(page.items) < want:
                return pages

    def _get(
        self, path: str, kind: type[T], asked: Mapping[str, object] | None = None, *, dated: bool = True
    ) -> T:
        headers = {"Accept": "application/json"}
        done = self._send("GET", path, params=self._params(asked or {}, dated), headers=headers)
        try:
            read: T = _adapter(cast(Hashable, kind)).validate_json(done.content)
        except ValidationError:
            raise ServerError(
                f"{self._url}{path}: the answer is not one of kg; is this the address of `kg serve`, "
                "and is it of the same version?"
            ) from None
        return read

    def _params(self, asked: Mapping[str, object], dated: bool) -> dict[str, Any]:
        given = {k: v for k, v in asked.items() if v is not None and v != []}
        return {**given, "as_of": self._day.isoformat()} if dated and self._day else given

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        if path.startswith(("/sparql", "/queries/")) and self._day:
            arguments["params"] = self._params(arguments.get("params") or {}, dated=True)
        for attempt in range(self._retries + 1):
            try:
                done = self._client.request(method, path, **arguments)
            except httpx.HTTPError as error:
                raise self._failure(error) from None
            except RuntimeError:  # the client was closed
                raise ServerError(f"{self._url}: the connection was closed; connect again") from None
            wait = _wait(done, attempt, self._day is not None)
            if not done.is_error:
                return done
            if wait is None or attempt == self._retries:
                raise _refusal(self._url, done)
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _failure(self, error: httpx.HTTPError) -> KgError:
        if isinstance(error, httpx.TimeoutException):
            return QueryTimeout(
                f"{self._url}: no answer within {self._timeout:g} seconds; ask for less, or connect with a longer "
                "one: kg.connect(url, timeout=120)"
            )
        said = str(error) or type(error).__name__
        return ServerError(
            f"{self._url}: no server answers there ({said}); start one with `kg serve --store STORE`, or check the "
            "address"
        )


def _check_url(url: str) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ServerError(f"{url!r}: want the address of a server, such as http://127.0.0.1:8000")
    return url.strip().rstrip("/")


def _filter(only: Filter) -> dict[str, object]:
    return {
        "predicate": list(only.predicates),
        "type": list(only.types),
        "modality": list(only.modalities),
        "min_confidence": only.min_confidence or None,
    }


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _wait(done: httpx.Response, attempt: int, dated: bool) -> float | None:
    """Seconds to wait before the request is made again, None if that is no use."""
    if done.status_code != 503:
        return None
    after = done.headers.get("Retry-After", "")
    if after.isdigit():
        return min(float(after), _LONGEST_WAIT)
    # the graph of a day takes time to be made, and is there when it is asked for again
    return 0.5 * 2**attempt if dated else None


def _refusal(url: str, done: httpx.Response) -> KgError:
    """The error that a problem document (RFC 9457) stands for: the same that a store in this process raises."""
    try:
        body = done.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or "type" not in body:
        return ServerError(
            f"{url}: answered {done.status_code} {done.reason_phrase}, not as a server of kg; check the address"
        )
    slug = str(body["type"]).rpartition("#")[2].rpartition("/")[2]
    detail = str(body.get("detail") or body.get("title") or done.reason_phrase)

    def pairs(name: str) -> list[tuple[str, str]]:
        return [(str(c["iri"]), str(c["label"])) for c in body.get(name, [])]

    if slug == "ambiguous-name":
        return AmbiguousName(str(body.get("name") or detail.split("'")[1]), pairs("candidates"))
    if slug == "not-found":
        return UnknownEntity(detail, pairs("near"))
    if slug == "syntax":
        return QuerySyntaxError(detail, body.get("line"), body.get("column"))
    if done.status_code in (401, 403):
        return ServerError(f"{url}: {detail} (give a token: kg.connect(url, token=…))")
    if slug in ("busy", "internal", "http", "method"):
        return ServerError(f"{url}: {detail}")
    kinds: Mapping[str, Callable[[str], KgError]] = {
        "unknown-query": UnknownQuery,
        "timeout": QueryTimeout,
        "answer-too-large": AnswerTooLarge,
        "store": StoreError,
    }
    return kinds.get(slug, QueryError)(detail)


def _read_solutions(done: httpx.Response) -> Solutions:
    media_type = done.headers.get("content-type", "").partition(";")[0].strip()
    if media_type == _TRIPLES:
        triples = sorted(
            {q.triple for q in ox.parse(io.BytesIO(done.content), ox.RdfFormat.N_TRIPLES)}, key=str
        )
        return Solutions(
            ("subject", "predicate", "object"), tuple((t.subject, t.predicate, t.object) for t in triples)
        )
    read = ox.parse_query_results(done.content, format=ox.QueryResultsFormat.JSON)
    if isinstance(read, ox.QueryBoolean):
        boolean = ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
        return Solutions(("boolean",), ((ox.Literal("true" if read else "false", datatype=boolean),),))
    assert isinstance(read, ox.QuerySolutions)
    return Solutions(tuple(v.value for v in read.variables), tuple(tuple(row) for row in read))

"""Makes updates on a graph that nobody reads yet, and says exactly what they changed.

The engine parses and evaluates; what it would have written is taken from it term by term, so that the difference is
known without comparing two graphs: INSERT DATA and DELETE DATA cost what they name, a template what its WHERE finds.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine.text import calls_service, syntax_error
from kg.errors import NoSuchGraph, QueryError, QuerySyntaxError, Refusal
from kg.graph.patches import Change
from kg.updates.syntax import Kind, Operation, Range, Request, bind_template, parse_request, tokens_of

Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

DEFAULT = ox.DefaultGraph()
#: Stands before the names of variables while a template is parsed as data; nobody else can know it.
_VARIABLE = f"urn:kg:variable:{secrets.token_hex(8)}:"
_LEADING = re.compile(r"\A\s*DELETE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a request says beside its text.

    `base` is the IRI that relative ones are resolved against, `prefixes` need no declaration; `using` and
    `using_named` are the datasets of the protocol. If `only` is a graph, nothing else may be written or named.
    """

    base: str | None = None
    prefixes: Mapping[str, str] | None = None
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    only: str | None = None


class Editor:
    """Writes to `store` and keeps what that changed; `change` is the difference since the beginning."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self.change = Change()

    def add(self, quads: Iterable[ox.Quad]) -> None:
        """Add quads; those that are there already change nothing."""
        change, fresh = self.change, []
        for quad in quads:
            if quad in self._store:
                continue
            if quad in change.removed:
                change.removed.discard(quad)
            else:
                change.added.add(quad)
            fresh.append(quad)
        for graph in {q.graph_name for q in fresh}:
            if not isinstance(graph, ox.DefaultGraph):
                self.make(graph)
        self._store.extend(fresh)

    def remove(self, quads: Iterable[ox.Quad]) -> None:
        """Remove quads; those that are not there change nothing."""
        change = self.change
        for quad in quads:
            if quad not in self._store:
                continue
            self._store.remove(quad)
            if quad in change.added:
                change.added.discard(quad)
            else:
                change.removed.add(quad)

    def make(self, graph: ox.NamedNode | ox.BlankNode) -> bool:
        """Have a graph, be it empty; whether there was none."""
        if self._store.contains_named_graph(graph):
            return False
        self._store.add_graph(graph)
        if graph in self.change.dropped:
            self.change.dropped.discard(graph)
        else:
            self.change.made.add(graph)
        return True

    def clear(self, graph: Graph) -> None:
        """Remove all quads of a graph."""
        self.remove(list(self.quads(graph)))

    def drop(self, graph: Graph) -> None:
        """Remove a graph with all its quads; of the default graph, its quads."""
        self.clear(graph)
        if isinstance(graph, ox.DefaultGraph) or not self._store.contains_named_graph(graph):
            return
        self._store.remove_graph(graph)
        if graph in self.change.made:
            self.change.made.discard(graph)
        else:
            self.change.dropped.add(graph)

    def quads(self, graph: Graph) -> Iterator[ox.Quad]:
        """The quads of a graph."""
        return iter(self._store.quads_for_pattern(None, None, None, graph))

    def has(self, graph: Graph) -> bool:
        """Whether there is such a graph; there always is a default graph."""
        return isinstance(graph, ox.DefaultGraph) or self._store.contains_named_graph(graph)

    def graphs(self) -> list[ox.NamedNode | ox.BlankNode]:
        """The named graphs."""
        return list(self._store.named_graphs())

    def take_back(self) -> None:
        """Undo all."""
        self.change.take_back(self._store)
        self.change = Change()


def update(store: ox.Store, text: str, scope: Scope) -> Change:
    """Make the SPARQL 1.1 Update request `text` on `store`; what it changed. All of it is made, or nothing.

    Raises `QuerySyntaxError` with line and column, `Refusal` for LOAD and SERVICE, or `QueryError`.
    """
    request = parse_request(text)
    _check_blank_nodes(request)
    templates = [_Reader(request, operation, scope) for operation in request.operations]
    for reader in templates:
        reader.check()
    editor = Editor(store)
    try:
        for reader in templates:
            _Evaluation(store, editor, reader).run()
    except BaseException:
        editor.take_back()
        raise
    return editor.change


def _check_blank_nodes(request: Request) -> None:
    """A label stands for a blank node of one INSERT DATA alone (SPARQL 1.1 Update, section 3.1.1)."""
    seen: dict[str, int] = {}
    for number, operation in enumerate(request.operations):
        if operation.kind is not Kind.INSERT_DATA:
            continue
        for token in tokens_of(request.text, *operation.span):
            if token.kind == "blank" and seen.setdefault(token.text, number) != number:
                raise QuerySyntaxError(f"not a SPARQL 1.1 update: {token.text} is used in two INSERT DATA")


class _Reader:
    """Reads the terms of one operation."""

    def __init__(self, request: Request, operation: Operation, scope: Scope) -> None:
        self.request = request
        self.operation = operation
        self.scope = scope

    def check(self) -> None:
        """Raise what is wrong with the operation, before anything is written."""
        operation, text = self.operation, self.request.only(self.operation)
        if operation.kind is Kind.LOAD:
            self._check_load(text)
            return
        if operation.where is not None and calls_service(self.request.slice(operation.where)):
            raise Refusal("SERVICE is refused: an update reaches this store and nothing else")
        if operation.kind is Kind.INSERT_DATA:
            return  # reading its data is what checks it
        with suppress(RuntimeError):  # a graph that the empty store does not have
            self._parse(text)
        has_using = bool(self.scope.using or self.scope.using_named)
        if has_using and (operation.using or operation.using_named or operation.with_graph):
            raise QueryError(
                "using-graph-uri and using-named-graph-uri cannot go with USING, USING NAMED or WITH in the update"
            )

    def _check_load(self, text: str) -> None:
        """Have its grammar looked at with the request to load nothing; loading itself is refused."""
        start, end = self.operation.span
        as_create = text[:start] + " " * (end - start) + text[end:]
        self._parse(as_create)
        words = [t for t in tokens_of(text, start, end) if not t.is_word("LOAD", "SILENT", "INTO", "GRAPH")]
        if not 1 <= len(words) <= 2 or any(w.kind not in ("iri", "name") for w in words):
            raise QuerySyntaxError("not a SPARQL 1.1 update: LOAD: want an IRI, and INTO GRAPH with another")
        if not self.operation.is_silent:
            raise Refusal("LOAD is refused: an update reaches this store and nothing else")

    def data(self, part: Range) -> list[ox.Quad]:
        """The quads of INSERT DATA or DELETE DATA."""
        text = self.request.only(self.operation)
        start = self.operation.span[0]
        if self.operation.kind is Kind.DELETE_DATA:
            text = text[:start] + "INSERT" + text[start + len("DELETE") :]
        return list(self._parse(text))

    def template(self, part: Range) -> list[ox.Quad]:
        """The quads of a template, with IRIs that begin with `_VARIABLE` in the place of variables."""
        body = bind_template(self.request.text, part, lambda name: _VARIABLE + name)
        return list(self._parse(f"{self.request.prologue(self.operation)} INSERT DATA {{ {body} }}"))

    def iri(self, term: str) -> ox.NamedNode:
        """The IRI that a term stands for."""
        text = f"{self.request.prologue(self.operation)} INSERT DATA {{ {term} {term} {term} }}"
        (quad,) = self._parse(text)
        assert isinstance(quad.predicate, ox.NamedNode)
        return quad.predicate

    def iris(self, parts: Iterable[Range]) -> list[ox.NamedNode]:
        """The IRIs at `parts`."""
        return [self.iri(self.request.slice(part)) for part in parts]

    def _parse(self, text: str) -> ox.Store:
        scratch = ox.Store()
        try:
            scratch.update(text, base_iri=self.scope.base, prefixes=dict(self.scope.prefixes or {}))
        except SyntaxError as error:
            raise syntax_error(str(error), "update") from None
        except (ValueError, OSError) as error:
            raise QueryError(f"the update cannot be made: {error}") from None
        return scratch


class _Evaluation:
    """One operation on a store."""

    def __init__(self, store: ox.Store, editor: Editor, reader: _Reader) -> None:
        self._store = store
        self._editor = editor
        self._reader = reader
        self._operation = reader.operation
        self._scope = reader.scope

    def run(self) -> None:
        operation = self._operation
        kind = operation.kind
        if kind is Kind.INSERT_DATA:
            assert operation.insert is not None
            self._editor.add(self._into(self._reader.data(operation.insert)))
        elif kind is Kind.DELETE_DATA:
            assert operation.delete is not None
            self._editor.remove(self._into(self._reader.data(operation.delete)))
        elif kind in (Kind.MODIFY, Kind.DELETE_WHERE):
            self._modify()
        elif kind is not Kind.LOAD:
            if self._scope.only is not None:
                raise QueryError(
                    f"{kind} names other graphs; want INSERT and DELETE on the graph of the request"
                )
            self._manage(kind)

    def _into(self, quads: list[ox.Quad], home: Graph = DEFAULT) -> list[ox.Quad]:
        """Quads of the default graph moved into `home`, or into the one graph that may be written."""
        if self._scope.only is not None:
            home = _graph(self._scope.only)
            if any(not isinstance(q.graph_name, ox.DefaultGraph) for q in quads):
                raise QueryError("the update names a graph; want triples of the graph of the request alone")
        if isinstance(home, ox.DefaultGraph):
            return quads
        return [
            ox.Quad(q.subject, q.predicate, q.object, home)
            if isinstance(q.graph_name, ox.DefaultGraph)
            else q
            for q in quads
        ]

    def _modify(self) -> None:
        operation, reader = self._operation, self._reader
        assert operation.where is not None
        home: Graph = DEFAULT
        if operation.with_graph is not None:
            if self._scope.only is not None:
                raise QueryError("the update names a graph with WITH; want the graph of the request alone")
            (home,) = reader.iris([operation.with_graph])
        delete = self._into(reader.template(operation.delete), home) if operation.delete else []
        insert = self._into(reader.template(operation.insert), home) if operation.insert else []
        names = sorted({name for quad in (*delete, *insert) for name in _variables(quad)})
        removed: list[ox.Quad] = []
        added: list[ox.Quad] = []
        for bound in self._solutions(names, home):
            removed.extend(_fill(delete, bound))
            added.extend(_fill(insert, bound))
        self._editor.remove(removed)
        self._editor.add(added)

    def _solutions(self, names: Sequence[str], home: Graph) -> list[Mapping[str, Node]]:
        """What WHERE binds the variables `names` to, one mapping for each solution."""
        operation, reader, scope = self._operation, self._reader, self._scope
        assert operation.where is not None
        default: Graph | list[ox.NamedNode] | None = None if isinstance(home, ox.DefaultGraph) else home
        named: list[ox.NamedNode | ox.BlankNode] | None = None
        if operation.using or operation.using_named:
            default, named = reader.iris(operation.using), [*reader.iris(operation.using_named)]
        elif scope.using or scope.using_named:
            default, named = _nodes(scope.using), [*_nodes(scope.using_named)]
        elif scope.only is not None:
            default, named = _graph(scope.only), []
        selected = " ".join(f"?{name}" for name in names) or "(1 AS ?nothing)"
        where = reader.request.slice(operation.where)
        try:
            answer = self._store.query(
                f"{reader.request.prologue(operation)} SELECT {selected} WHERE {{{where}\n}}",
                base_iri=scope.base,
                prefixes=dict(scope.prefixes or {}),
                default_graph=default,  # type: ignore[arg-type]
                named_graphs=named,
            )
            assert isinstance(answer, ox.QuerySolutions)
            return [{name: value for name in names if (value := row[name]) is not None} for row in answer]
        except SyntaxError as error:
            raise syntax_error(str(error), "update") from None
        except (ValueError, OSError, RuntimeError) as error:
            raise QueryError(f"the update cannot be made: {error}") from None

    def _manage(self, kind: Kind) -> None:
        operation, editor = self._operation, self._editor
        if kind in (Kind.CLEAR, Kind.DROP):
            for graph in self._named(operation.graphs[0]):
                if not editor.has(graph):
                    if not operation.is_silent:
                        raise NoSuchGraph(f"{kind}: there is no graph {graph}; SILENT goes on without it")
                    continue
                (editor.clear if kind is Kind.CLEAR else editor.drop)(graph)
            return
        if kind is Kind.CREATE:
            (made,) = self._named(operation.graphs[0])
            if isinstance(made, ox.DefaultGraph) or (not editor.make(made) and not operation.is_silent):
                raise QueryError(f"CREATE: there is a graph {made} already; SILENT goes on with it")
            return
        (source,), (target,) = (self._named(one) for one in operation.graphs[:2])
        if source == target:
            return
        if not editor.has(source):
            if not operation.is_silent:
                raise NoSuchGraph(f"{kind}: there is no graph {source}; SILENT goes on without it")
            return
        quads = [ox.Quad(q.subject, q.predicate, q.object, target) for q in editor.quads(source)]
        if kind is not Kind.ADD:
            editor.clear(target)
        if not isinstance(target, ox.DefaultGraph):
            editor.make(target)
        editor.add(quads)
        if kind is Kind.MOVE:
            editor.drop(source)

    def _named(self, term: str) -> list[Graph]:
        """The graphs that a term of a management operation stands for."""
        if term == "DEFAULT":
            return [DEFAULT]
        if term in ("NAMED", "ALL"):
            every: list[Graph] = [DEFAULT] if term == "ALL" else []
            return [*every, *self._editor.graphs()]
        return [self._reader.iri(term)]


def _nodes(iris: Iterable[str]) -> list[ox.NamedNode]:
    return [node for iri in iris if isinstance(node := _graph(iri), ox.NamedNode)]


def _graph(iri: str) -> Graph:
    """The graph of that IRI; the default graph of none."""
    if not iri:
        return DEFAULT
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise QueryError(f"not an absolute IRI: {iri!r} ({error})") from None


def _variables(quad: ox.Quad | ox.Triple) -> Iterator[str]:
    for term in quad if isinstance(quad, ox.Triple) else (*quad.triple, quad.graph_name):
        if isinstance(term, ox.Triple):
            yield from _variables(term)
        elif isinstance(term, ox.NamedNode) and term.value.startswith(_VARIABLE):
            yield term.value[len(_VARIABLE) :]


def _fill(template: Sequence[ox.Quad], bound: Mapping[str, Node]) -> Iterator[ox.Quad]:
    """The quads of a template for one solution; those that are incomplete or no RDF are left out (section 4.2)."""
    fresh: dict[ox.BlankNode, ox.BlankNode] = {}
    for quad in template:
        found = [_value(term, bound, fresh) for term in (*quad.triple, quad.graph_name)]
        try:
            yield ox.Quad(*found)  # type: ignore[arg-type]
        except TypeError:
            continue  # a literal as subject, a blank node as predicate, a variable without a value


def _value(term: object, bound: Mapping[str, Node], fresh: dict[ox.BlankNode, ox.BlankNode]) -> object:
    if isinstance(term, ox.NamedNode) and term.value.startswith(_VARIABLE):
        return bound.get(term.value[len(_VARIABLE) :])
    if isinstance(term, ox.BlankNode):
        return fresh.setdefault(term, ox.BlankNode())
    if isinstance(term, ox.Triple):
        try:
            return ox.Triple(*(_value(part, bound, fresh) for part in term))  # type: ignore[arg-type]
        except TypeError:
            return None
    return term

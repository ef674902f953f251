"""The operations of a SPARQL 1.1 Update request: where each one begins and ends, and what its parts are.

Only as much of the grammar is read as tells operations, templates and conditions apart; each part is then parsed by
the engine, at the place where it stands, so that errors have the line and column of the request.
https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kg.errors import QuerySyntaxError

_IRI = r"<(?:[^<>\"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>"
_TOKEN = re.compile(
    rf"""(?P<gap>(?:\s+|\#[^\n\r]*)+)
    |(?P<iri>{_IRI})
    |(?P<string>\"\"\"(?:\"{{0,2}}(?:[^\"\\]|\\.))*\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*'''
        |\"(?:[^\"\\\n\r]|\\.)*\"|'(?:[^'\\\n\r]|\\.)*')
    |(?P<variable>[?$]\w+)
    |(?P<blank>_:\w(?:[\w.\-·]*[\w\-·])?)
    |(?P<name>(?:[^\W\d_][\w.\-·]*)?:(?:[\w:.\-·]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])*)
    |(?P<word>[A-Za-z]\w*)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)


class Kind(StrEnum):
    """The kinds of update operations."""

    INSERT_DATA = "INSERT DATA"
    DELETE_DATA = "DELETE DATA"
    DELETE_WHERE = "DELETE WHERE"
    MODIFY = "MODIFY"
    LOAD = "LOAD"
    CLEAR = "CLEAR"
    DROP = "DROP"
    CREATE = "CREATE"
    ADD = "ADD"
    MOVE = "MOVE"
    COPY = "COPY"


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is no white space; positions are code points of the request, half-open."""

    kind: str
    text: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Whether this is one of the keywords, in any case."""
        return self.kind == "word" and self.text.upper() in words


Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    `prologue` are the declarations that hold for it. `delete`, `insert` and `where` are what stands between the
    braces of its blocks. `graphs` are the terms that a management operation names, ``DEFAULT``, ``NAMED`` or
    ``ALL`` among them; `using` and `using_named` those of USING.
    """

    kind: Kind
    span: Range
    prologue: tuple[Range, ...]
    delete: Range | None = None
    insert: Range | None = None
    where: Range | None = None
    with_graph: Range | None = None
    using: tuple[Range, ...] = ()
    using_named: tuple[Range, ...] = ()
    graphs: tuple[str, ...] = ()
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """The text of a request and its operations."""

    text: str
    operations: tuple[Operation, ...]

    def only(self, operation: Operation) -> str:
        """The text with nothing but `operation` and its declarations; all else is blank, nothing has moved."""
        return self.keep([*operation.prologue, operation.span])

    def keep(self, ranges: Sequence[Range]) -> str:
        """The text with nothing but what is in `ranges`."""
        kept: list[str] = []
        position = 0
        for start, end in ranges:
            kept += (_BLANK.sub(" ", self.text[position:start]), self.text[start:end])
            position = end
        return "".join(kept)

    def prologue(self, operation: Operation) -> str:
        """The declarations that hold for `operation`."""
        return " ".join(self.text[start:end] for start, end in operation.prologue)

    def slice(self, part: Range) -> str:
        """The text of a part."""
        return self.text[part[0] : part[1]]


_BLANK = re.compile(r"[^\n\r]")


def tokens_of(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of ``text[start:end]``, white space and comments left out."""
    found = _TOKEN.finditer(text, start, len(text) if end is None else end)
    return [Token(str(m.lastgroup), m[0], m.start(), m.end()) for m in found if m.lastgroup != "gap"]


def parse_request(text: str) -> Request:
    """The operations of `text`. Raises `QuerySyntaxError` where they cannot be told apart."""
    return Request(text, tuple(_Parser(text).operations()))


def bind_template(text: str, part: Range, name: Callable[[str], str]) -> str:
    """The template at `part` with an IRI in the place of each variable: ``name("x")`` for ``?x``."""
    pieces: list[str] = []
    position = part[0]
    for token in tokens_of(text, *part):
        if token.kind == "variable":
            pieces += (text[position : token.start], f"<{name(token.text[1:])}>")
            position = token.end
    return "".join([*pieces, text[position : part[1]]])


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._at = 0

    def operations(self) -> list[Operation]:
        found: list[Operation] = []
        prologue: list[Range] = []
        while True:
            self._declarations(prologue)
            if self._peek() is None:
                return found
            found.append(self._operation(tuple(prologue)))
            if self._peek() is None:
                return found
            self._expect(";")

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> Token:
        token = self._peek()
        if token is None:
            raise self._error(None, "the request ends too early")
        self._at += 1
        return token

    def _is_next(self, *words: str) -> bool:
        token = self._peek()
        return token is not None and token.is_word(*words)

    def _skip(self, *words: str) -> bool:
        if self._is_next(*words):
            self._at += 1
            return True
        return False

    def _expect(self, mark: str) -> Token:
        token = self._next()
        if token.text != mark or token.kind not in ("mark", "word"):
            raise self._error(token, f"want {mark}")
        return token

    def _error(self, token: Token | None, message: str) -> QuerySyntaxError:
        position = len(self._text) if token is None else token.start
        line = self._text.count("\n", 0, position) + 1
        column = position - self._text.rfind("\n", 0, position)
        found = f", found {token.text[:40]!r}" if token is not None else ""
        return QuerySyntaxError(
            f"not a SPARQL 1.1 update: line {line}, column {column}: {message}{found}", line, column
        )

    def _declarations(self, prologue: list[Range]) -> None:
        while self._is_next("PREFIX", "BASE"):
            start = self._next()
            if start.is_word("PREFIX"):
                name = self._next()
                if name.kind != "name":
                    raise self._error(name, "want a prefix and a colon")
            iri = self._next()
            if iri.kind != "iri":
                raise self._error(iri, "want an IRI in angle brackets")
            prologue.append((start.start, iri.end))

    def _operation(self, prologue: tuple[Range, ...]) -> Operation:
        first = self._next()
        if first.is_word("INSERT", "DELETE") and self._is_next("DATA", "WHERE"):
            if self._skip("DATA"):
                block = self._block()
                span = self._since(first)
                if first.is_word("INSERT"):
                    return Operation(Kind.INSERT_DATA, span, prologue, insert=block)
                return Operation(Kind.DELETE_DATA, span, prologue, delete=block)
            if first.is_word("DELETE"):
                self._next()
                block = self._block()
                span = self._since(first)
                return Operation(Kind.DELETE_WHERE, span, prologue, delete=block, where=block)
        if first.is_word("INSERT", "DELETE", "WITH"):
            return self._modify(first, prologue)
        if first.is_word("LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"):
            return self._management(first, prologue)
        words = "INSERT, DELETE, WITH, LOAD, CLEAR, DROP, CREATE, ADD, MOVE or COPY"
        raise self._error(first, f"want {words}")

    def _modify(self, first: Token, prologue: tuple[Range, ...]) -> Operation:
        self._at -= 1
        with_graph = self._term() if self._skip("WITH") else None
        delete = self._block() if self._skip("DELETE") else None
        insert = self._block() if self._skip("INSERT") else None
        if delete is None and insert is None:
            raise self._error(self._peek(), "want DELETE or INSERT")
        using: list[Range] = []
        using_named: list[Range] = []
        while self._skip("USING"):
            (using_named if self._skip("NAMED") else using).append(self._term())
        if not self._skip("WHERE"):
            raise self._error(self._peek(), "want WHERE or USING")
        where = self._block()
        return Operation(
            Kind.MODIFY,
            self._since(first),
            prologue,
            delete=delete,
            insert=insert,
            where=where,
            with_graph=with_graph,
            using=tuple(using),
            using_named=tuple(using_named),
        )

    def _management(self, first: Token, prologue: tuple[Range, ...]) -> Operation:
        """LOAD to COPY, by what stands between the keyword and the end; the engine looks at their grammar."""
        graphs: list[str] = []
        is_silent = False
        while (token := self._peek()) is not None and token.text != ";":
            self._at += 1
            if token.is_word("SILENT"):
                is_silent = True
            elif token.is_word("DEFAULT", "NAMED", "ALL"):
                graphs.append(token.text.upper())
            elif token.kind in ("iri", "name"):
                graphs.append(token.text)
        kind = Kind(first.text.upper())
        return Operation(kind, self._since(first), prologue, graphs=tuple(graphs), is_silent=is_silent)

    def _term(self) -> Range:
        token = self._next()
        if token.kind not in ("iri", "name"):
            raise self._error(token, "want an IRI")
        return token.start, token.end

    def _block(self) -> Range:
        opening = self._expect("{")
        depth = 1
        while depth:
            token = self._next()
            if token.kind == "mark":
                depth += {"{": 1, "}": -1}.get(token.text, 0)
        return opening.end, self._tokens[self._at - 1].start

    def _since(self, first: Token) -> Range:
        return first.start, self._tokens[self._at - 1].end

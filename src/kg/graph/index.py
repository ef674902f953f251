"""What a graph cannot answer fast: documents' texts, names, sentences, in SQLite with FTS5.

`kg.graph.indexing` makes the index, `kg.graph.searching` looks for names and sentences in it. Words are folded
(`kg.graph.words`) before they are indexed and before they are looked for.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kg.errors import StoreDamaged, StoreError
from kg.graph import searching
from kg.graph.indexing import DOCUMENT_COLUMNS
from kg.graph.store import EVERY_SENTENCE, SearchHit, SentenceFilter, SentenceHit, StoredDocument
from kg.model import EntityMention, Span


class Index:
    """Reads an index; may be used by several threads."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise StoreDamaged(f"{path}: the index is missing")
        try:
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            self._connection.execute("SELECT count(*) FROM documents").fetchone()
        except sqlite3.Error as error:
            raise StoreDamaged(f"{path}: not an index: {error}") from None
        self._lock = threading.Lock()
        self._path = path

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, *values: str | int) -> list[tuple[str | int | float | None, ...]]:
        """The rows that a statement selects."""
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.ProgrammingError as error:
                raise StoreError(f"{self._path}: the store is closed ({error})") from None
            except sqlite3.DatabaseError as error:
                raise StoreDamaged(f"{self._path}: {error}") from None

    def count(self, table: str) -> int:
        """The number of rows of a table."""
        return int(str(self.rows(f"SELECT count(*) FROM {table}")[0][0]))

    def document(self, iri: str) -> StoredDocument | None:
        """The document with the given IRI, with its text and mentions, or None."""
        found = self.rows(
            f"SELECT {DOCUMENT_COLUMNS.format(text='text')}, id FROM documents WHERE iri = ?", iri
        )
        if not found:
            return None
        rows = self.rows(
            "SELECT first, last, text, entity FROM mentions WHERE document = ? ORDER BY first, last, entity",
            int(str(found[0][-1])),
        )
        mentions = tuple(
            EntityMention(Span(int(str(r[0])), int(str(r[1]))), str(r[2]), str(r[3])) for r in rows
        )
        return _document(found[0][:-1], mentions)

    def documents(self) -> list[StoredDocument]:
        """All documents without texts and mentions, sorted by identifiers."""
        columns = DOCUMENT_COLUMNS.format(text="''")
        found = self.rows(f"SELECT {columns} FROM documents")
        return sorted((_document(row, ()) for row in found), key=lambda d: (d.identifiers, d.iri))

    def find_by_name(self, name: str) -> list[SearchHit]:
        """Entities that bear the name, most important first."""
        return searching.find_by_name(self.rows, name)

    def search(self, text: str, kind: str | None, limit: int, document: str | None = None) -> list[SearchHit]:
        """As `kg.graph.searching.search_names`."""
        return searching.search_names(self.rows, text, kind, limit, document)

    def search_sentences(
        self, text: str, limit: int, only: SentenceFilter = EVERY_SENTENCE
    ) -> list[SentenceHit]:
        """As `kg.graph.searching.search_sentences`."""
        return searching.search_sentences(self.rows, text, limit, only)

    def suggest(self, text: str) -> str | None:
        """As `kg.graph.searching.suggest`."""
        return searching.suggest(self.rows, text)

    def describe(self, iri: str) -> str | None:
        """The description of an entity, or None."""
        found = self.rows("SELECT about FROM entities WHERE iri = ?", iri)
        return str(found[0][0]) or None if found else None

    def spans(self, table: str) -> Iterator[tuple[str, Span, str]]:
        """(document IRI, span, text) of all mentions or sentences."""
        for iri, first, last, text in self.rows(
            f"SELECT d.iri, t.first, t.last, t.text FROM {table} t JOIN documents d ON d.id = t.document"
        ):
            yield str(iri), Span(int(str(first)), int(str(last))), str(text)


def _document(row: Sequence[str | int | float | None], mentions: Iterable[EntityMention]) -> StoredDocument:
    iri, identifiers, text, sha256, title, issued, as_of, basis, source, media_type, boilerplate = (
        None if value is None else str(value) for value in row
    )
    return StoredDocument(
        iri=iri or "",
        identifiers=tuple(json.loads(identifiers or "[]")),
        text=text or "",
        sha256=sha256 or "",
        title=title,
        issued=issued,
        as_of=as_of,
        as_of_basis=basis or "",
        source=source,
        media_type=media_type or "",
        boilerplate=tuple(Span(start, end) for start, end in json.loads(boilerplate or "[]")),
        mentions=tuple(mentions),
    )

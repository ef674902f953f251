"""What a graph cannot answer fast: documents' texts, names, sentences, in SQLite with FTS5.

Words are folded (`kg.terms.fold`) before they are indexed and before they are looked for.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kg.errors import StoreDamaged, StoreError
from kg.graph.store import SearchHit, SentenceHit, StoredDocument
from kg.model import EntityMention, Span
from kg.terms import fold

_SCHEMA = """
CREATE TABLE documents (
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, identifiers TEXT NOT NULL, text TEXT NOT NULL,
  sha256 TEXT NOT NULL, title TEXT, issued TEXT, as_of TEXT, as_of_basis TEXT NOT NULL, source TEXT,
  media_type TEXT NOT NULL, boilerplate TEXT NOT NULL
);
CREATE TABLE mentions (
  document INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  text TEXT NOT NULL, entity TEXT NOT NULL
);
CREATE TABLE entities (
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, label TEXT NOT NULL,
  kind TEXT NOT NULL, subkind TEXT, mentions INTEGER NOT NULL
);
CREATE TABLE names (
  id INTEGER PRIMARY KEY, entity INTEGER NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL
);
CREATE TABLE sentences (
  id INTEGER PRIMARY KEY, document INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  text TEXT NOT NULL
);
CREATE VIRTUAL TABLE name_words USING fts5 (
  words, content='', prefix='1 2 3', tokenize="unicode61 remove_diacritics 0"
);
CREATE VIRTUAL TABLE sentence_words USING fts5 (
  words, content='', tokenize="unicode61 remove_diacritics 0"
);
"""
_INDEXES = """
CREATE INDEX mentions_by_document ON mentions (document, first, last, entity);
CREATE INDEX names_by_folded ON names (folded);
CREATE INDEX entities_by_mentions ON entities (kind, mentions);
INSERT INTO name_words (name_words) VALUES ('optimize');
INSERT INTO sentence_words (sentence_words) VALUES ('optimize');
"""
_WORD = re.compile(r"[^\W_]+")
_DOCUMENT_COLUMNS = (
    "iri, identifiers, {text}, sha256, title, issued, as_of, as_of_basis, source, media_type, boilerplate"
)


class IndexedEntity(NamedTuple):
    """An entity with all its names, the label among them."""

    iri: str
    label: str
    kind: str
    subkind: str | None
    mentions: int
    names: Sequence[str]


def words(text: str) -> list[str]:
    """The folded words of `text`, in order."""
    return _WORD.findall(fold(text))


class IndexWriter:
    """Fills a new index. All failures are `OSError`s, as for any file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._run("PRAGMA journal_mode=OFF")
        self._run("PRAGMA synchronous=OFF")
        with self._failures():
            self._connection.executescript(_SCHEMA)
        self._run("BEGIN")

    def _failures(self) -> _AsOsError:
        return _AsOsError(self._path)

    def _run(self, sql: str, values: Sequence[str | int | None] = ()) -> int:
        with self._failures():
            return self._connection.execute(sql, values).lastrowid or 0

    def add_document(self, document: StoredDocument) -> int:
        """Take a document without its mentions; its number."""
        return self._run(
            f"INSERT INTO documents ({_DOCUMENT_COLUMNS.format(text='text')}) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                document.iri,
                json.dumps(document.identifiers, ensure_ascii=False),
                document.text,
                document.sha256,
                document.title,
                document.issued,
                document.as_of,
                document.as_of_basis,
                document.source,
                document.media_type,
                json.dumps(document.boilerplate),
            ),
        )

    def add_mention(self, document: int, mention: EntityMention) -> None:
        """Take a mention in a document."""
        span = mention.span
        self._run(
            "INSERT INTO mentions VALUES (?,?,?,?,?)",
            (document, span.start, span.end, mention.text, mention.entity_iri),
        )

    def add_sentence(self, document: int, span: Span, text: str) -> None:
        """Take a sentence of a document."""
        number = self._run(
            "INSERT INTO sentences (document, first, last, text) VALUES (?,?,?,?)",
            (document, span.start, span.end, text),
        )
        self._run("INSERT INTO sentence_words (rowid, words) VALUES (?,?)", (number, " ".join(words(text))))

    def add_entity(self, entity: IndexedEntity) -> None:
        """Take an entity with its names."""
        number = self._run(
            "INSERT INTO entities (iri, label, kind, subkind, mentions) VALUES (?,?,?,?,?)", entity[:5]
        )
        for name in entity.names:
            found = self._run(
                "INSERT INTO names (entity, name, folded) VALUES (?,?,?)", (number, name, fold(name))
            )
            self._run("INSERT INTO name_words (rowid, words) VALUES (?,?)", (found, " ".join(words(name))))

    def finish(self) -> None:
        """Complete the index and close it."""
        self._run("COMMIT")
        with self._failures():
            self._connection.executescript(_INDEXES)
            self._connection.close()

    def abandon(self) -> None:
        """Close an index that will not be used."""
        self._connection.close()


class _AsOsError:
    """SQLite says "disk I/O error" or "database or disk is full" in errors of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise OSError(None, str(error), str(self._path)) from error


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
            f"SELECT {_DOCUMENT_COLUMNS.format(text='text')}, id FROM documents WHERE iri = ?", iri
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
        columns = _DOCUMENT_COLUMNS.format(text="''")
        found = self.rows(f"SELECT {columns} FROM documents")
        return sorted((_document(row, ()) for row in found), key=lambda d: (d.identifiers, d.iri))

    def find_by_name(self, name: str) -> list[SearchHit]:
        """Entities that bear the name, most mentioned first."""
        found = self.rows(
            "SELECT e.iri, e.label, e.kind, e.subkind, min(n.name), e.mentions "
            "FROM names n JOIN entities e ON e.id = n.entity "
            "WHERE n.folded = ? GROUP BY e.id ORDER BY e.mentions DESC, e.label, e.iri",
            fold(name),
        )
        return [_hit(row, 1.0) for row in found]

    def search(self, text: str, kind: str | None, limit: int) -> list[SearchHit]:
        """Entities with a name whose words begin with those of `text`; of no words, the most mentioned."""
        wanted = words(text)
        of_kind = "AND ? IN (e.kind, e.subkind)" if kind is not None else ""
        kinds = () if kind is None else (kind,)
        if not wanted:
            found = self.rows(
                "SELECT e.iri, e.label, e.kind, e.subkind, e.label, e.mentions FROM entities e "
                f"WHERE 1 {of_kind} ORDER BY e.mentions DESC, e.label, e.iri LIMIT ?",
                *kinds,
                limit,
            )
            return [_hit(row, 0.0) for row in found]
        folded = fold(text)
        ranked = self.rows(
            "SELECT iri, label, kind, subkind, name, mentions, fit FROM ("
            "SELECT *, row_number() OVER (PARTITION BY iri ORDER BY fit DESC, length(name), name) AS place "
            "FROM ("
            "SELECT e.iri, e.label, e.kind, e.subkind, n.name, e.mentions, "
            "CASE WHEN n.folded = ? THEN 3 WHEN substr(n.folded, 1, ?) = ? THEN 2 ELSE 1 END AS fit "
            "FROM name_words w JOIN names n ON n.id = w.rowid JOIN entities e ON e.id = n.entity "
            f"WHERE name_words MATCH ? {of_kind})) WHERE place = 1 "
            "ORDER BY fit DESC, mentions DESC, length(name), label, iri LIMIT ?",
            folded,
            len(folded),
            folded,
            " ".join(f'"{word}"*' for word in wanted),
            *kinds,
            limit,
        )
        return [_hit(row, _score(row)) for row in ranked]

    def search_sentences(self, text: str, limit: int) -> list[SentenceHit]:
        """Sentences that hold all words of `text`, best first (BM25)."""
        wanted = words(text)
        if not wanted:
            return []
        found = self.rows(
            "SELECT d.iri, s.first, s.last, s.text, -bm25(sentence_words) AS score FROM sentence_words w "
            "JOIN sentences s ON s.id = w.rowid JOIN documents d ON d.id = s.document "
            "WHERE sentence_words MATCH ? ORDER BY score DESC, d.iri, s.first LIMIT ?",
            " ".join(f'"{word}"' for word in wanted),
            limit,
        )
        return [
            SentenceHit(str(r[0]), Span(int(str(r[1])), int(str(r[2]))), str(r[3]), float(str(r[4])))
            for r in found
        ]

    def spans(self, table: str) -> Iterator[tuple[str, Span, str]]:
        """(document IRI, span, text) of all mentions or sentences."""
        for iri, first, last, text in self.rows(
            f"SELECT d.iri, t.first, t.last, t.text FROM {table} t JOIN documents d ON d.id = t.document"
        ):
            yield str(iri), Span(int(str(first)), int(str(last))), str(text)


def _score(row: Sequence[str | int | float | None]) -> float:
    mentions, fit = int(str(row[5])), int(str(row[6]))
    return fit + mentions / (mentions + 10)


def _hit(row: Sequence[str | int | float | None], score: float) -> SearchHit:
    iri, label, kind, subkind, matched, mentions = row[:6]
    return SearchHit(
        str(iri),
        str(label),
        str(kind),
        None if subkind is None else str(subkind),
        str(matched),
        score,
        int(str(mentions)),
    )


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

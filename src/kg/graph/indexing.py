"""Makes the index of a generation (`kg.graph.index`): documents' texts, names and sentences in SQLite with FTS5.

Names and sentences are numbered when all are known: names by how important their entity is, so that a search can stop
after the first few that fit.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from kg.graph.store import StoredDocument
from kg.graph.words import folded, words
from kg.model import EntityMention, Span

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
  kind TEXT NOT NULL, subkind TEXT, mentions INTEGER NOT NULL, links INTEGER NOT NULL, about TEXT NOT NULL
);
CREATE TABLE names (
  id INTEGER PRIMARY KEY, entity INTEGER NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL
);
CREATE TABLE sentences (
  id INTEGER PRIMARY KEY, document INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  text TEXT NOT NULL
);
CREATE VIRTUAL TABLE name_words USING fts5 (
  words, marks, content='', prefix='1 2 3 4', tokenize="unicode61 remove_diacritics 0"
);
CREATE VIRTUAL TABLE about_words USING fts5 (
  words, marks, content='', tokenize="unicode61 remove_diacritics 0"
);
CREATE VIRTUAL TABLE sentence_words USING fts5 (
  words, marks, content='', tokenize="unicode61 remove_diacritics 0"
);
CREATE TABLE spellings (word TEXT PRIMARY KEY, names INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE spellings_back (back TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE found_entities (
  iri TEXT NOT NULL, label TEXT NOT NULL, kind TEXT NOT NULL, subkind TEXT, mentions INTEGER NOT NULL,
  links INTEGER NOT NULL, about TEXT NOT NULL, names TEXT NOT NULL
);
CREATE TEMP TABLE said (
  document INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, modality TEXT NOT NULL
);
"""
_INDEXES = """
CREATE INDEX mentions_by_document ON mentions (document, first, last, entity);
CREATE INDEX names_by_folded ON names (folded);
CREATE INDEX names_by_entity ON names (entity);
CREATE INDEX entities_by_kind ON entities (kind, id);
CREATE INDEX entities_by_subkind ON entities (subkind, id);
INSERT INTO name_words (name_words) VALUES ('optimize');
INSERT INTO about_words (about_words) VALUES ('optimize');
INSERT INTO sentence_words (sentence_words) VALUES ('optimize');
"""
DOCUMENT_COLUMNS = (
    "iri, identifiers, {text}, sha256, title, issued, as_of, as_of_basis, source, media_type, boilerplate"
)
#: Words shorter than this are not among the spellings.
SHORTEST_SPELLING = 4


class IndexedEntity(NamedTuple):
    """An entity with all its names, the label among them; `links` says how well joined it is, `about` describes it."""

    iri: str
    label: str
    kind: str
    subkind: str | None
    mentions: int
    names: Sequence[str]
    links: int = 0
    about: str = ""


class IndexWriter:
    """Fills a new index. All failures are `OSError`s, as for any file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._run("PRAGMA journal_mode=OFF")
        self._run("PRAGMA synchronous=OFF")
        self._run("PRAGMA temp_store=FILE")
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
            f"INSERT INTO documents ({DOCUMENT_COLUMNS.format(text='text')}) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
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
        self._run(
            "INSERT INTO sentences (document, first, last, text) VALUES (?,?,?,?)",
            (document, span.start, span.end, text),
        )

    def add_evidence(self, document: int, span: Span, modality: str) -> None:
        """Take how a claim is put that a passage of a document says."""
        self._run("INSERT INTO said VALUES (?,?,?,?)", (document, span.start, span.end, modality))

    def add_entity(self, entity: IndexedEntity) -> None:
        """Take an entity with its names."""
        self._run(
            "INSERT INTO found_entities VALUES (?,?,?,?,?,?,?,?)",
            (*entity[:5], entity.links, entity.about, json.dumps(entity.names, ensure_ascii=False)),
        )

    def finish(self) -> None:
        """Number and index what was taken, and close the index."""
        with self._failures():
            kinds = self._write_names()
            self._write_sentences(kinds)
            self._connection.execute("DROP TABLE found_entities")
            self._connection.execute("DROP TABLE said")
            self._connection.execute("COMMIT")
            self._connection.executescript(_INDEXES)
            self._connection.close()

    def _write_names(self) -> dict[str, tuple[str, ...]]:
        """Number entities and names, most important first; the classes of each entity."""
        kinds: dict[str, tuple[str, ...]] = {}
        spellings: dict[str, int] = {}
        number = 0
        rows = self._connection.execute(
            "SELECT * FROM found_entities ORDER BY mentions DESC, links DESC, label, iri"
        )
        for entity, (iri, label, kind, subkind, mentions, links, about, names) in enumerate(rows, 1):
            kinds[iri] = (kind,) if subkind is None else (kind, subkind)
            marks = " ".join(words(" ".join(kinds[iri])))
            self._connection.execute(
                "INSERT INTO entities VALUES (?,?,?,?,?,?,?,?)",
                (entity, iri, label, kind, subkind, mentions, links, about),
            )
            for name in json.loads(names):
                number += 1
                parts = words(name)
                self._connection.execute(
                    "INSERT INTO names VALUES (?,?,?,?)", (number, entity, name, folded(name))
                )
                self._connection.execute(
                    "INSERT INTO name_words (rowid, words, marks) VALUES (?,?,?)",
                    (number, " ".join(parts), marks),
                )
                for word in parts:
                    if len(word) >= SHORTEST_SPELLING:
                        spellings[word] = spellings.get(word, 0) + 1
            if about:
                self._connection.execute(
                    "INSERT INTO about_words (rowid, words, marks) VALUES (?,?,?)",
                    (entity, " ".join(words(about)), marks),
                )
        self._write_spellings(spellings)
        return kinds

    def _write_spellings(self, spellings: Mapping[str, int]) -> None:
        run = self._connection.executemany
        run("INSERT INTO spellings VALUES (?,?)", sorted(spellings.items()))
        run("INSERT INTO spellings_back VALUES (?)", ((back,) for back in sorted(w[::-1] for w in spellings)))

    def _write_sentences(self, kinds: Mapping[str, Collection[str]]) -> None:
        """Index the words of sentences, and marks: their document, their claims' modalities, classes spoken of."""
        self._connection.execute("CREATE INDEX temp.said_by_document ON said (document, first)")
        self._connection.execute("CREATE INDEX mentions_in ON mentions (document, first)")
        sentences = self._connection.execute(
            "SELECT document, id, first, last, text FROM sentences ORDER BY document, first, last"
        )
        for document, group in groupby(sentences, key=lambda row: row[0]):
            marks = sorted(self._marks(document, kinds))
            at = 0
            for _, number, first, last, text in group:
                while at < len(marks) and marks[at][0] < first:
                    at += 1
                inside = at
                found = {f"d{document}"}
                while inside < len(marks) and marks[inside][0] < last:
                    if marks[inside][1] <= last:
                        found.add(marks[inside][2])
                    inside += 1
                self._connection.execute(
                    "INSERT INTO sentence_words (rowid, words, marks) VALUES (?,?,?)",
                    (number, " ".join(words(text)), " ".join(sorted(found))),
                )
        self._connection.execute("DROP INDEX mentions_in")

    def _marks(self, document: int, kinds: Mapping[str, Collection[str]]) -> Iterator[tuple[int, int, str]]:
        """(first, last, mark) of what is said in a document."""
        for first, last, modality in self._connection.execute(
            "SELECT first, last, modality FROM said WHERE document = ?", (document,)
        ):
            yield first, last, mark_of("m", modality)
        for first, last, entity in self._connection.execute(
            "SELECT first, last, entity FROM mentions WHERE document = ?", (document,)
        ):
            for kind in kinds.get(entity, ()):
                yield first, last, mark_of("k", kind)

    def abandon(self) -> None:
        """Close an index that will not be used."""
        self._connection.close()


def mark_of(sort: str, name: str) -> str:
    """The word that marks a sentence with the class (``k``) or modality (``m``) `name`."""
    return sort + "".join(words(name))


class _AsOsError:
    """SQLite says "disk I/O error" or "database or disk is full" in errors of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise OSError(None, str(error), str(self._path)) from error

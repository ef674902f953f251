"""Looks for names and sentences in the index of a generation (`kg.graph.index`).

Names are numbered by how important their entity is, so the first that fit are the ones wanted: no search reads more
than some hundred rows, however many fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from kg.graph.indexing import SHORTEST_SPELLING, mark_of
from kg.graph.store import EVERY_SENTENCE, SearchHit, SentenceFilter, SentenceHit
from kg.graph.words import folded, words
from kg.model import Span

Row = tuple[str | int | float | None, ...]
Rows = Callable[..., list[Row]]

#: Sentences that are weighed against each other; of words that more of them hold, the first are.
_MOST_WEIGHED = 2000
#: An entity has several names: more rows than hits are read.
_NAMES_FOR_A_HIT = 4
#: More names than these that begin with what is looked for are not sorted.
_MANY = 400
#: Letters of the longest beginnings that the index lists names for.
_LISTED = 4
_FEW_WORDS = 9
#: Words that share half their letters with one that no name has, and how like it (0 to 1) the best has to be.
_NEAR_WORDS = 1500
_LEAST_ALIKE = 0.7
#: Follows every letter.
_LAST = "\U0010ffff"
_ENTITY = "e.iri, e.label, e.kind, e.subkind, e.mentions, e.about"


def find_by_name(rows: Rows, name: str) -> list[SearchHit]:
    """Entities that bear the name, most important first."""
    found = rows(
        f"SELECT {_ENTITY}, min(n.name) FROM names n JOIN entities e ON e.id = n.entity "
        "WHERE n.folded = ? GROUP BY e.id ORDER BY e.id",
        folded(name),
    )
    return [_hit(row, 1.0) for row in found]


def search_names(
    rows: Rows, text: str, kind: str | None, limit: int, document: str | None = None
) -> list[SearchHit]:
    """Entities with a name whose words begin with those of `text`; of no words, the most important.

    Those that are called so come first, then those whose name begins so, then the others, then those that are so
    described; among equals the most important. `document`: only entities that it mentions.
    """
    wanted = words(text)
    if document is not None:
        return _search_document(rows, wanted, folded(text), kind, limit, document)
    if not wanted:
        return _most_important(rows, kind, limit)
    most = limit * _NAMES_FOR_A_HIT
    marks = "" if kind is None else f" AND marks : {_all(words(kind))}"
    of_kind = "" if kind is None else " AND ? IN (e.kind, e.subkind)"
    kinds = () if kind is None else (kind,)
    name = folded(text)
    ways: list[tuple[int, str, tuple[str, ...]]] = [
        (3, f"n.folded = ?{of_kind}", (name, *kinds)),
        (2, f"n.folded >= ? AND n.folded < ?{of_kind}", (name, name + _LAST, *kinds)),
        (1, _MATCHES, (f"words : ({' AND '.join(_beginning(rows, word) for word in wanted)}){marks}",)),
    ]
    few = len(rows(f"SELECT 1 FROM names WHERE folded >= ? AND folded < ? LIMIT {_MANY}", name, name + _LAST))
    if few == _MANY:  # too many to be sorted: their first words are looked for in the order wanted
        ways[1] = (2, _MATCHES, (f'words : ^ "{" ".join(wanted)}"*{marks}',))
    hits: dict[str, SearchHit] = {}
    for fit, condition, values in ways:
        if len(hits) >= limit:
            break
        # the plus keeps SQLite from walking all names in their order
        order = "n.id" if condition is _MATCHES else "+n.id"
        found = rows(
            f"SELECT {_ENTITY}, n.name FROM names n JOIN entities e ON e.id = n.entity "
            f"WHERE {condition.format(most=most)} ORDER BY {order} LIMIT {most}",
            *values,
        )
        for row in found:
            hits.setdefault(str(row[0]), _hit(row, _score(fit, row)))
    if len(hits) < limit:
        for row in rows(
            f"SELECT {_ENTITY}, e.label FROM about_words w JOIN entities e ON e.id = w.rowid "
            "WHERE about_words MATCH ? ORDER BY w.rowid LIMIT ?",
            f"words : {_all(wanted)}{marks}",
            limit,
        ):
            hits.setdefault(str(row[0]), _hit(row, _score(0, row)))
    return list(hits.values())[:limit]


_MATCHES = "n.id IN (SELECT rowid FROM name_words WHERE name_words MATCH ? ORDER BY rowid LIMIT {most})"


def _search_document(
    rows: Rows, wanted: Sequence[str], text: str, kind: str | None, limit: int, document: str
) -> list[SearchHit]:
    found = rows(
        f"SELECT {_ENTITY}, n.name, n.folded FROM entities e JOIN names n ON n.entity = e.id "
        "WHERE e.iri IN (SELECT m.entity FROM mentions m JOIN documents d ON d.id = m.document WHERE d.iri = ?) "
        "ORDER BY n.id",
        document,
    )
    hits: dict[str, SearchHit] = {}
    for fit in (3, 2, 1):
        for row in found:
            name = str(row[7])
            parts = words(name)
            fits = (
                name == text
                if fit == 3
                else name.startswith(text)
                if fit == 2
                else all(any(part.startswith(word) for part in parts) for word in wanted)
            )
            if fits and (kind is None or kind in row[2:4]):
                hits.setdefault(str(row[0]), _hit(row[:7], _score(fit, row)))
    return list(hits.values())[:limit]


def _most_important(rows: Rows, kind: str | None, limit: int) -> list[SearchHit]:
    of_kind = "WHERE ? IN (e.kind, e.subkind)" if kind is not None else ""
    found = rows(
        f"SELECT {_ENTITY}, e.label FROM entities e {of_kind} ORDER BY e.id LIMIT ?",
        *(() if kind is None else (kind,)),
        limit,
    )
    return [_hit(row, 0.0) for row in found]


def search_sentences(
    rows: Rows, text: str, limit: int, only: SentenceFilter = EVERY_SENTENCE
) -> list[SentenceHit]:
    """Sentences that hold all words of `text` and that `only` lets through, best first (BM25)."""
    wanted = words(text)
    if not wanted:
        return []
    marks = [mark_of("k", only.kind)] if only.kind else []
    marks += [mark_of("m", only.modality)] if only.modality else []
    if only.document is not None:
        numbers = rows("SELECT id FROM documents WHERE iri = ?", only.document)
        if not numbers:
            return []
        marks.append(f"d{numbers[0][0]}")
    asked = f"words : {_all(wanted)}" + (f" AND marks : {_all(marks)}" if marks else "")
    days = ""
    values: tuple[str, ...] = ()
    if only.since is not None or only.until is not None:
        # what is weighed is chosen among the sentences of the days asked for
        days = (
            "AND rowid IN (SELECT s.id FROM sentences s JOIN documents d ON d.id = s.document "
            "WHERE d.as_of BETWEEN ? AND ?)"
        )
        values = (only.since or "", only.until or "9999-12-31")
    found = rows(
        "SELECT d.iri, s.first, s.last, s.text, w.score FROM ("
        "SELECT rowid AS id, -bm25(sentence_words, 1.0, 0.0) AS score FROM sentence_words "
        f"WHERE sentence_words MATCH ? {days} LIMIT {_MOST_WEIGHED}) w "
        "JOIN sentences s ON s.id = w.id JOIN documents d ON d.id = s.document "
        "ORDER BY w.score DESC, d.iri, s.first LIMIT ?",
        asked,
        *values,
        limit,
    )
    return [
        SentenceHit(str(r[0]), Span(int(str(r[1])), int(str(r[2]))), str(r[3]), float(str(r[4])))
        for r in found
    ]


def suggest(rows: Rows, text: str) -> str | None:
    """`text` with the words that no name begins with replaced by the likest that names hold; None if there are none."""
    wanted = words(text)
    near = [_nearest(rows, word) for word in wanted]
    if not wanted or None in near:
        return None
    suggested = " ".join(word for word in near if word is not None)
    return suggested if suggested != " ".join(wanted) else None


def _beginning(rows: Rows, word: str) -> str:
    """What finds names with a word that begins with `word`: where few words do, these words.

    FTS5 has lists of names for short beginnings; for a longer one it would join the lists of all words first.
    """
    if len(word) > _LISTED:
        found = rows(
            f"SELECT word FROM spellings WHERE word >= ? AND word < ? LIMIT {_FEW_WORDS}", word, word + _LAST
        )
        if 0 < len(found) < _FEW_WORDS:
            return "(" + " OR ".join(f'"{other}"' for (other,) in found) + ")"
    return f'"{word}"*'


def _nearest(rows: Rows, word: str) -> str | None:
    if rows("SELECT rowid FROM name_words WHERE name_words MATCH ? LIMIT 1", f'words : "{word}"*'):
        return word
    if len(word) < SHORTEST_SPELLING:
        return None
    # a slip leaves the first or the last half of a word as it is
    half = len(word) // 2
    head, tail = word[:half], word[::-1][:half]
    between = f"BETWEEN {len(word) - 2} AND {len(word) + 2} LIMIT {_NEAR_WORDS}"
    ahead = rows(
        f"SELECT word FROM spellings WHERE word >= ? AND word < ? AND length(word) {between}",
        head,
        head + _LAST,
    )
    behind = rows(
        f"SELECT back FROM spellings_back WHERE back >= ? AND back < ? AND length(back) {between}",
        tail,
        tail + _LAST,
    )
    near = {str(row[0]) for row in ahead} | {str(row[0])[::-1] for row in behind}
    letters = Counter(word)
    likely = [other for other in near if _shared(letters, other) >= _LEAST_ALIKE * max(len(word), len(other))]
    best = min(((-_alike(word, other), other) for other in likely), default=(0.0, ""))
    if -best[0] < _LEAST_ALIKE:
        return None
    alike = [other for other in likely if -_alike(word, other) == best[0]]
    counts = {
        other: int(str(rows("SELECT names FROM spellings WHERE word = ?", other)[0][0])) for other in alike
    }
    return min(counts, key=lambda other: (-counts[other], other))


def _shared(letters: Counter[str], other: str) -> int:
    return (letters & Counter(other)).total()


def _alike(one: str, other: str) -> float:
    """How alike two words are, 0 to 1: what is left of the longer when the edits are taken off.

    >>> _alike("hegseth", "hegsteh")
    0.8571428571428572
    """
    return 1 - _edits(one, other) / max(len(one), len(other))


def _edits(one: str, other: str) -> int:
    """Letters to change, add, leave out or swap with the next (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        new = [i + 1]
        for j, beside in enumerate(other):
            cost = min(row[j + 1] + 1, new[j] + 1, row[j] + (letter != beside))
            if i and j and letter == other[j - 1] and one[i - 1] == beside:
                cost = min(cost, before[j - 1] + 1)
            new.append(cost)
        before, row = row, new
    return row[-1]


def _all(parts: Iterable[str], ending: str = "") -> str:
    return "(" + " AND ".join(f'"{part}"{ending}' for part in parts) + ")"


def _score(fit: int, row: Sequence[str | int | float | None]) -> float:
    mentions = int(str(row[4]))
    return fit + mentions / (mentions + 10)


def _hit(row: Sequence[str | int | float | None], score: float) -> SearchHit:
    iri, label, kind, subkind, mentions, about, matched = row[:7]
    return SearchHit(
        str(iri),
        str(label),
        str(kind),
        None if subkind is None else str(subkind),
        str(matched),
        score,
        int(str(mentions)),
        str(about) or None,
    )

"""What people decided on identity by hand: a table that every build follows."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kg.errors import CatalogError, QueryError
from kg.model import Verdict
from kg.resolution.unions import Unions
from kg.terms import DEFAULT_BASE, as_iri

COLUMNS = ("one", "other", "verdict", "why", "one_document", "other_document")
_REQUIRED = COLUMNS[:3]
_VERDICTS = (Verdict.SAME.value, Verdict.DIFFERENT.value)


@dataclass(frozen=True, slots=True, order=True)
class Judgement:
    """Two IRIs that a person knows to be one thing, or two.

    Where a document is named (by an identifier), the IRI is meant as that document uses it; that is how two people of
    one name are told apart. `why` is for readers.
    """

    one: str
    other: str
    verdict: Verdict
    why: str = ""
    one_document: str = ""
    other_document: str = ""

    @property
    def reason(self) -> str:
        """The judgement as a reason in words."""
        return f"judged by hand: {self.why}" if self.why else "judged by hand"


def read_judgements(path: Path, base: str = DEFAULT_BASE) -> str:
    """The text of a file of judgements, after checking it. Raises `CatalogError` as `parse_judgements` does."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    parse_judgements(text, str(path), base)
    return text


def parse_judgements(text: str, file: str, base: str = DEFAULT_BASE) -> tuple[Judgement, ...]:
    """The judgements of a CSV text, sorted: ``one,other,verdict`` and, if wanted, ``why,one_document,other_document``.

    `one` and `other` are IRIs or CURIEs, `verdict` is ``same`` or ``different``. Lines that begin with ``#`` are left
    out; `file` names the text in errors. Raises `CatalogError` with file and line for anything else, for a pair that is
    judged both ways, and for a difference between what is judged the same.
    """
    reader = csv.reader(text.splitlines(), strict=True)
    header: list[str] | None = None
    seen: dict[tuple[object, ...], tuple[str, str]] = {}
    found: list[Judgement] = []
    try:
        for cells in reader:
            where = f"{file}: line {reader.line_num}"
            cells = [cell.strip() for cell in cells]
            if not any(cells) or cells[0].startswith("#"):
                continue
            if header is None:
                header = _read_header(cells, where)
                continue
            if len(cells) != len(header):
                raise CatalogError(
                    f"{where}: {len(cells)} cells, the header has {len(header)}: {','.join(cells)!r}"
                )
            judgement = _read_row(dict(zip(header, cells, strict=True)), where, base)
            pair = tuple(
                sorted(((judgement.one, judgement.one_document), (judgement.other, judgement.other_document)))
            )
            first, verdict = seen.setdefault(pair, (where, judgement.verdict))
            if verdict != judgement.verdict:
                raise CatalogError(f"{where}: {judgement.verdict} contradicts {verdict} of {first}")
            found.append(judgement)
    except csv.Error as error:
        raise CatalogError(f"{file}: line {reader.line_num}: not CSV: {error}") from None
    _check_verdicts(found, file)
    return tuple(sorted(set(found)))


def _read_header(cells: list[str], where: str) -> list[str]:
    unknown = [name for name in cells if name not in COLUMNS]
    missing = [name for name in _REQUIRED if name not in cells]
    if unknown or missing or len(set(cells)) != len(cells):
        raise CatalogError(
            f"{where}: header {','.join(cells)!r}: unknown {unknown}, missing {missing}; "
            f"allowed: {','.join(COLUMNS)}, each once"
        )
    return cells


def _read_row(row: dict[str, str], where: str, base: str) -> Judgement:
    iris = []
    for column in ("one", "other"):
        try:
            iri = as_iri(row[column], base)
        except QueryError as error:
            raise CatalogError(f"{where}: {column}: {error}") from None
        if iri is None:
            raise CatalogError(
                f"{where}: {column} {row[column]!r}: want an IRI or a CURIE such as person:ada-roe"
            )
        iris.append(iri)
    if row["verdict"] not in _VERDICTS:
        raise CatalogError(f"{where}: verdict {row['verdict']!r}: allowed: {', '.join(_VERDICTS)}")
    judgement = Judgement(
        iris[0],
        iris[1],
        Verdict(row["verdict"]),
        row.get("why", ""),
        row.get("one_document", ""),
        row.get("other_document", ""),
    )
    if iris[0] == iris[1] and not (judgement.one_document and judgement.other_document):
        raise CatalogError(
            f"{where}: one and other are the same IRI: want one_document and other_document beside it, "
            "the documents that use it for two things"
        )
    if iris[0] == iris[1] and judgement.one_document == judgement.other_document:
        raise CatalogError(f"{where}: one and other are the same IRI in the same document")
    return judgement


def _check_verdicts(judgements: Iterable[Judgement], file: str) -> None:
    """Raise `CatalogError` if judgements of sameness lead from one side of a difference to the other."""
    sets = Unions()
    listed = [j for j in judgements if not j.one_document and not j.other_document]
    for judgement in listed:
        if judgement.verdict is Verdict.SAME:
            sets.join(judgement.one, judgement.other)
    for judgement in listed:
        if judgement.verdict is Verdict.DIFFERENT and sets.find(judgement.one) == sets.find(judgement.other):
            raise CatalogError(
                f"{file}: <{judgement.one}> and <{judgement.other}> are judged different, but other judgements "
                "make them the same"
            )

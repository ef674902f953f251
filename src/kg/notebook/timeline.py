"""What happened around a thing, by date."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pyoxigraph as ox

from kg.days import find_days
from kg.notebook.listing import Listing
from kg.notebook.terms import read_cells
from kg.notebook.values import Cell, Iri

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kg.notebook.backend import Backend

#: Rows that a timeline asks for.
_MOST = 2000
_QUERY = """SELECT DISTINCT ?date ?what ?relation ?object ?modality ?status ?day ?document ?quote {
  { ?link rdf:subject ?what ; rdf:object #THING } UNION { ?link rdf:subject #THING ; rdf:object ?what }
  UNION { BIND(#THING AS ?what) }
  ?claim rdf:subject ?what ; rdf:predicate ?relation ; rdf:object ?date ; a ?modality .
  FILTER(datatype(?date) = <http://id.loc.gov/datatypes/edtf/EDTF>)
  OPTIONAL { ?what kg:status ?status }
  #SOURCE
} LIMIT #MOST"""
_VALID = """SELECT DISTINCT ?date ?what ?relation ?object ?modality ?status ?day ?document ?quote {
  { ?claim rdf:subject #THING } UNION { ?claim rdf:object #THING }
  ?claim kg:validTime ?date ; rdf:subject ?what ; rdf:predicate ?relation ; rdf:object ?object ; a ?modality .
  #SOURCE
} LIMIT #MOST"""
_SOURCE = """?claim kg:document ?doc . ?doc dct:identifier ?document . OPTIONAL { ?doc kg:asOf ?day }
  OPTIONAL { ?claim kg:evidence ?passage . ?passage kg:text ?quote }"""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something with a date: `start` and `end` are the days that its EDTF date covers, None where it is open.

    `what` is the thing, `relation` what the date is of, `object` the other end of a relation that holds for a time;
    `status` is that of an event, `modality` how the claim is put; `sentence` dates it, in `document` of `day`.
    """

    date: str
    start: datetime.date | None
    end: datetime.date | None
    what: Iri
    relation: str
    object: Iri | None
    modality: str
    status: str | None
    day: datetime.date | None
    document: str
    sentence: str


class Timeline(Listing[Moment]):
    """What happened around a thing, oldest first, each with the sentence that dates it.

    >>> dates = [moment.date for moment in g["Marta Lindqvist"].timeline()]
    >>> dates == sorted(dates)
    True
    """

    columns: ClassVar[tuple[str, ...]] = (
        "date",
        "what",
        "relation",
        "object",
        "status",
        "modality",
        "document",
        "sentence",
    )
    empty: ClassVar[str] = "nothing with a date"

    def __init__(self, items: Iterable[Moment], label: str) -> None:
        super().__init__(items)
        self.label = label

    def plot(self) -> Axes:
        """A picture of it: one line for each thing, hollow where it is only planned.

        >>> g["Marta Lindqvist"].timeline().plot().get_title()
        'Marta Lindqvist'
        """
        from kg.notebook.plots import plot_timeline

        return plot_timeline(self)

    def _row(self, item: Moment) -> tuple[Cell, ...]:
        return (
            item.date,
            item.what,
            item.relation,
            item.object,
            item.status,
            item.modality,
            item.document,
            item.sentence,
        )


def read_timeline(backend: Backend, iri: str, label: str) -> Timeline:
    """The timeline of the entity with the given IRI: its own dates, those of what it is joined to, valid times."""
    thing = str(ox.NamedNode(iri))
    moments: dict[tuple[str, str, str, str, str], Moment] = {}
    for query in (_QUERY, _VALID):
        text = query.replace("#SOURCE", _SOURCE).replace("#THING", thing).replace("#MOST", str(_MOST))
        for row in read_cells(backend, backend.solve(text)):
            moment = _moment(row)
            if moment is not None:
                key = (moment.date, str(moment.what), moment.relation, str(moment.object), moment.document)
                moments.setdefault(key, moment)
    ordered = sorted(
        moments.values(),
        key=lambda m: (
            m.start or m.end or datetime.date.max,
            m.end or datetime.date.max,
            m.what.label,
            m.relation,
            m.document,
        ),
    )
    return Timeline(ordered, label)


def _moment(row: tuple[Cell, ...]) -> Moment | None:
    when, what, relation, object, modality, status, day, document, quote = row
    if not isinstance(what, Iri) or not isinstance(relation, Iri):
        return None
    days = find_days(str(when))
    return Moment(
        str(when),
        days.first if days else None,
        days.last if days else None,
        what,
        relation.label,
        object if isinstance(object, Iri) else None,
        modality.label if isinstance(modality, Iri) else str(modality),
        status.label if isinstance(status, Iri) else None,
        day if isinstance(day, datetime.date) else None,
        str(document),
        " ".join(str(quote or "").split()),
    )

"""An entity, and lists of them: what is known, by relation, with the sentences behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from kg.notebook.claims import as_iri
from kg.notebook.listing import SHOWN, Listing, table_text
from kg.notebook.markup import MUTED, html, table_html
from kg.notebook.values import Cell, Iri, Named
from kg.query.entities import EntityCard, Fact
from kg.query.nodes import Node, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from kg.notebook.answers import Contradictions, Documents, Tenures
    from kg.notebook.claims import Claims
    from kg.notebook.client import Graph
    from kg.notebook.surroundings import Chain, Neighbourhood
    from kg.notebook.timeline import Timeline
    from kg.notebook.widget import GraphWidget


class Entity:
    """A person, office, body, facility, agreement, place, piece of equipment or event.

    What its relations lead to is had by their names: ``entity.holdsOffice``, and what leads to it by
    ``entity.inverse.holdsOffice``; `facts` are both as a table.

    >>> marta = g["Marta Lindqvist"]
    >>> marta.kind, marta.curie
    ('Person', 'person:lindqvist-marta')
    >>> [office.label for office in marta.holdsOffice]
    ['Minister of Defense, Norland']
    """

    def __init__(self, graph: Graph, iri: str, label: str, card: EntityCard | None = None) -> None:
        self.iri = iri
        self.label = label
        self._graph = graph
        if card is not None:
            self.__dict__["card"] = card

    @cached_property
    def card(self) -> EntityCard:
        """All that is shown of it: names, classes, facts, documents; read when it is first needed."""
        return self._graph.backend.card(self.iri)

    @property
    def curie(self) -> str:
        """Its IRI, shortened by a prefix."""
        return self.card.curie

    @property
    def kind(self) -> str | None:
        """Its top class: Person, Office, Organization, Facility, Agreement, Place, Equipment, Event."""
        return self.card.kind

    @property
    def subkind(self) -> str | None:
        """Its most specific class, such as MilitaryBase."""
        return self.card.subkind

    @property
    def names(self) -> tuple[str, ...]:
        """Its other names."""
        return self.card.names

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations that it has, in this direction, by name.

        >>> g["Marta Lindqvist"].relations
        ('holdsOffice',)
        """
        return tuple(sorted({f.predicate.label for f in self.card.facts_out}))

    @property
    def inverse(self) -> Inverse:
        """What leads to it, by relation: ``office.inverse.holdsOffice`` are the holders.

        >>> [p.label for p in g["Minister of Defense, Norland"].inverse.holdsOffice]
        ['Marta Lindqvist']
        """
        return Inverse(self)

    @property
    def facts(self) -> Facts:
        """The facts it is part of, in both directions, with how many claims support each.

        >>> len(g["Hallen Air Base"].facts) > 0
        True
        """
        return Facts([*self.card.facts_out, *self.card.facts_in], self._graph)

    def evidence(self, relation: str | None = None, limit: int | None = None) -> Claims:
        """The claims about it, with their sentences; of one relation if one is given, which it is the subject of.

        >>> g["Marta Lindqvist"].evidence("holdsOffice")[0].source
        'a/plan.txt'
        """
        if relation is None:
            return self._graph.evidence(self, limit=limit)
        return self._graph.evidence(subject=self, relation=relation, limit=limit)

    def timeline(self) -> Timeline:
        """What happened around it, by date: events, agreements, offices, with the sentences that date them.

        >>> len(g["Marta Lindqvist"].timeline()) > 0
        True
        """
        return self._graph.timeline(self)

    def neighbourhood(
        self,
        depth: int = 1,
        limit: int = 200,
        *,
        relations: Sequence[str] = (),
        types: Sequence[str] = (),
        modalities: Sequence[str] = (),
    ) -> Neighbourhood:
        """What surrounds it within `depth` hops, at most `limit` nodes.

        >>> around = g["Marta Lindqvist"].neighbourhood(depth=2)
        >>> "Norland" in [node.label for node in around.nodes]
        True
        """
        return self._graph.neighbourhood(
            self, depth, limit, relations=relations, types=types, modalities=modalities
        )

    def paths(self, other: Named, max_hops: int = 6, k: int = 1) -> Chain:
        """A shortest chain of edges to another entity.

        >>> g["Marta Lindqvist"].paths("Norland").hops
        2
        """
        return self._graph.paths(self, other, max_hops, k)

    def offices(self) -> Tenures:
        """Of a person the offices, of an office the holders, of a body its offices, with the times.

        >>> [t.person.label for t in g["Minister of Defense, Norland"].offices()]
        ['Ole Brandt', 'Marta Lindqvist']
        """
        if self.kind == "Person":
            return self._graph.offices(person=self)
        return self._graph.offices(office=self) if self.kind == "Office" else self._graph.offices(body=self)

    def contradictions(self, limit: int = 50) -> Contradictions:
        """Claims about it that cannot both be right.

        >>> g["Hallen Air Base"].contradictions().total
        1
        """
        return self._graph.contradictions(self, limit=limit)

    def documents(self) -> Documents:
        """The documents that speak of it, oldest first.

        >>> len(g["Hallen Air Base"].documents())
        2
        """
        wanted = {d.iri for d in self.card.documents}
        return self._graph.documents(wanted)

    def widget(self, depth: int = 1, limit: int = 200) -> GraphWidget:
        """An interactive graph around it; see `kg.notebook.widget.GraphWidget`.

        >>> g["Marta Lindqvist"].widget().selected is None
        True
        """
        return self._graph.widget(self, depth, limit)

    def plot_timeline(self) -> Axes:
        """Its timeline as a picture.

        >>> g["Marta Lindqvist"].plot_timeline().get_title()
        'Marta Lindqvist'
        """
        return self.timeline().plot()

    def plot_map(self, depth: int = 1) -> Axes:
        """The places around it on a map.

        >>> g["Hallen Air Base"].plot_map(depth=2).get_title()
        'Around Hallen Air Base'
        """
        return self._graph.plot_map(self, depth)

    def __getitem__(self, relation: str) -> Values:
        """What a relation leads to, by its name; empty if nothing. For relations called as something else here.

        >>> [str(v) for v in g["Norland"]["memberOf"]]
        []
        """
        return self._values(relation, inward=False)

    def __getattr__(self, name: str) -> Values:
        if name.startswith("_") or name == "card":
            raise AttributeError(name)
        return _by_name(self, name, self.relations, lambda: self._values(name, inward=False))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.relations})

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.relations)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entity) and self.iri == other.iri

    def __hash__(self) -> int:
        return hash(self.iri)

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        card = self.card
        lines = [f"{card.label} ({' · '.join(card.classes)}) <{card.iri}>"]
        if card.names:
            lines.append(f"  also: {'; '.join(card.names)}")
        rows = [self.facts._row(fact)[:4] for fact in self.facts[:SHOWN]]
        if rows:
            lines.append("  " + table_text(Facts.columns[:4], rows).replace("\n", "\n  "))
        return "\n".join([*lines, f"  {self._counts()}"])

    def _repr_html_(self) -> str:
        card = self.card
        return html(
            '<div><p style="margin:0.2em 0"><b style="font-size:1.15em">{label}</b> <span style="{m}">{kind}</span>'
            '<br><code title="{iri}">{curie}</code>{names}</p>{facts}<p style="{m}">{counts}</p></div>',
            label=card.label,
            kind=" · ".join(card.classes),
            m=MUTED,
            iri=card.iri,
            curie=card.curie,
            names=html("<br>also: {n}", n="; ".join(card.names)) if card.names else "",
            facts=table_html(Facts.columns, [self.facts._row(f) for f in self.facts[:SHOWN]])
            if self.facts
            else "",
            counts=self._counts(),
        )

    def _counts(self) -> str:
        card = self.card
        facts = card.facts_out_total + card.facts_in_total
        more = f"{SHOWN} of {facts} facts, " if facts > SHOWN else ""
        return (
            f"{more}{card.claim_count} claims, {card.mention_count} mentions, {len(card.documents)} documents"
        )

    def _values(self, relation: str, *, inward: bool) -> Values:
        card = self.card
        facts, total = (
            (card.facts_in, card.facts_in_total) if inward else (card.facts_out, card.facts_out_total)
        )
        if len(facts) < total:
            return self._graph.values_of(self.iri, relation, inward=inward)
        ends = [f.subject if inward else f.object for f in facts if f.predicate.label == relation]
        return Values([_end(end, self._graph) for end in ends], relation, self._graph)


class Inverse:
    """What leads to an entity, by relation."""

    def __init__(self, entity: Entity) -> None:
        self._entity = entity

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations that lead to it, by name.

        >>> g["Minister of Defense, Norland"].inverse.relations
        ('holdsOffice',)
        """
        return tuple(sorted({f.predicate.label for f in self._entity.card.facts_in}))

    def __getattr__(self, name: str) -> Values:
        if name.startswith("_"):
            raise AttributeError(name)
        return _by_name(
            self._entity, name, self.relations, lambda: self._entity._values(name, inward=True), inverse=True
        )

    def __getitem__(self, relation: str) -> Values:
        """What leads to it by a relation; empty if nothing."""
        return self._entity._values(relation, inward=True)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.relations]

    def __repr__(self) -> str:
        return f"what leads to {self._entity.label}: {', '.join(self.relations) or 'nothing'}"


class Values(Listing["Entity | str"]):
    """What a relation leads to: entities, or values as text.

    >>> g["Marta Lindqvist"].holdsOffice
    holdsOffice
    Minister of Defense, Norland
    """

    empty: ClassVar[str] = "nothing"

    def __init__(self, items: Iterable[Entity | str], relation: str, graph: Graph) -> None:
        super().__init__(items)
        self.relation = relation
        self._graph = graph
        self.__dict__["columns"] = (relation,)

    @property
    def labels(self) -> list[str]:
        """What they are called.

        >>> g["Marta Lindqvist"].holdsOffice.labels
        ['Minister of Defense, Norland']
        """
        return [str(item) for item in self.items]

    def _row(self, item: Entity | str) -> tuple[Cell, ...]:
        if isinstance(item, str):
            return (item,)
        return (Iri(item.iri, item.label, self._graph.backend.page_of(item.iri)),)


class Facts(Listing[Fact]):
    """Facts with how many claims support each."""

    columns: ClassVar[tuple[str, ...]] = ("subject", "relation", "object", "claims", "status")
    empty: ClassVar[str] = "no facts"

    def __init__(self, items: Iterable[Fact], graph: Graph) -> None:
        super().__init__(items)
        self._graph = graph

    def _row(self, item: Fact) -> tuple[Cell, ...]:
        backend = self._graph.backend
        ends = as_iri(item.subject, backend), as_iri(item.object, backend)
        return (ends[0], item.predicate.label, ends[1], item.claim_count, item.status)


class Entities(Listing[Entity]):
    """Entities as a table; each of them is an `Entity`.

    >>> g.entities(type="Facility")[0].label
    'Hallen Air Base'
    """

    columns: ClassVar[tuple[str, ...]] = ("entity", "class", "matched", "mentions", "curie")
    empty: ClassVar[str] = "no entities"

    def __init__(
        self, found: Iterable[tuple[Entity, tuple[str | None, str, int, str]]], total: int | None = None
    ) -> None:
        pairs = list(found)
        super().__init__([entity for entity, _ in pairs], total)
        self._told = {entity.iri: told for entity, told in pairs}

    def _row(self, item: Entity) -> tuple[Cell, ...]:
        kind, matched, mentions, curie = self._told[item.iri]
        page = item._graph.backend.page_of(item.iri)
        return (Iri(item.iri, item.label, page), kind, matched, mentions, curie)


def _end(end: Node | Value, graph: Graph) -> Entity | str:
    return end.value if isinstance(end, Value) else Entity(graph, end.iri, end.label)


def _by_name(
    entity: Entity,
    name: str,
    there: Sequence[str],
    values: Callable[[], Values],
    *,
    inverse: bool = False,
) -> Values:
    """The values of a relation that the entity has, or that others of its kind have; else an error with near names."""
    if name in there:
        return values()
    known = entity._graph.relations
    if name in known:
        return values()
    near = get_close_matches(name, [*known, *(n for n in dir(Entity) if not n.startswith("_"))], n=3)
    hint = f"; near it: {', '.join(near)}" if near else ""
    other = "" if inverse else f"; what leads to it: .inverse.{', .inverse.'.join(entity.inverse.relations)}"
    raise AttributeError(
        f"{entity.label} has no {name!r}; its relations: {', '.join(there) or 'none'}{other}{hint}"
    )

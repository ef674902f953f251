"""A dump as the scorer reads it: RDF in the vocabulary, in one file or several.

What it must hold::

    document  <D> a kg:Document ; dct:identifier "<file name as given to the build>" .
    mention   <D#char=b,e> kg:refersTo <entity> ; kg:text "surface" ; kg:document <D> .
    entity    <E> a kg:Person|... or a subclass ; skos:prefLabel ; skos:altLabel .
    claim     <C> a kg:Asserted|Planned|Denied|Former ; rdf:subject ; rdf:predicate ; rdf:object ;
              kg:document <D> ; kg:evidence <D#char=b,e> .      and <D#char=b,e> kg:text "passage" .
    identity  <provisional> kg:canonical <IRI> is applied on load.

Flat triples without a claim name no document and are not read.
"""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import EvaluationError
from kg.evaluation.gold import TOP_CLASSES, TOP_OF
from kg.model import Span
from kg.terms import DCT, KG, RDF, RDFS, SKOS, parse_passage

MODALITIES = ("Asserted", "Planned", "Denied", "Former")
_FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
}
_REIFIED = ("subject", "predicate", "object")


class LiteralValue(str):
    """The lexical form of a literal; a plain `str` is an IRI or a blank node."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class DumpClaim:
    """One claim: `object` is an IRI or a `LiteralValue`, `predicate` a local name, `evidence` passages.

    `confidence` is from 0 to 1, None where the dump states none.
    """

    iri: str
    subject: str
    predicate: str
    object: str
    modality: str
    document: str
    evidence: tuple[str, ...]
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class DumpMention:
    """A passage that speaks of an entity; text and span where the dump gives them."""

    entity: str
    text: str | None
    span: Span | None


class Dump:
    """What a dump says, with identity applied."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.warnings: Counter[str] = Counter()
        self.triples = 0
        self.types: defaultdict[str, set[str]] = defaultdict(set)
        self.labels: defaultdict[str, list[str]] = defaultdict(list)
        self.aliases: defaultdict[str, list[str]] = defaultdict(list)
        self.texts: dict[str, str] = {}
        self.links: set[tuple[str, str, str]] = set()
        self._identifiers: dict[str, str] = {}
        self._parents: dict[str, str] = dict(TOP_OF)
        self._canonical: dict[str, str] = {}
        self._refers: list[tuple[str, str]] = []
        self._classes: dict[str, frozenset[str]] = {}
        parts: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for number, path in enumerate(paths):
            self._read(path, number, parts)
        self._merge_provisional()
        self._local_types = {s: {self.local(t) for t in types} for s, types in self.types.items()}
        passages: dict[str, str] = {}
        self.claims = self._make_claims(parts, passages)
        self.mentions = self._make_mentions(passages)
        self.claims_of: defaultdict[str, list[DumpClaim]] = defaultdict(list)
        for claim in self.claims:
            self.claims_of[claim.document].append(claim)

    def _read(self, path: Path, number: int, parts: defaultdict[str, defaultdict[str, list[str]]]) -> None:
        name = path.name.removesuffix(".gz")
        rdf_format = _FORMATS.get(Path(name).suffix)
        if rdf_format is None:
            raise EvaluationError(f"{path}: unknown suffix; want one of {', '.join(_FORMATS)}, also .gz")

        def value(term: object) -> str:
            if isinstance(term, ox.Literal):
                return LiteralValue(term.value)
            if isinstance(term, ox.BlankNode):
                return f"_:{number}-{term.value}"
            return term.value if isinstance(term, ox.NamedNode) else str(term)

        try:
            file: IO[bytes]
            with cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb") as file:
                for quad in ox.parse(input=file, format=rdf_format, base_iri="https://kg.example/doc/"):
                    self.triples += 1
                    subject, predicate = value(quad.subject), quad.predicate.value
                    if predicate == f"{RDF}reifies" and isinstance(quad.object, ox.Triple):
                        for role in _REIFIED:
                            parts[subject][role].append(value(getattr(quad.object, role)))
                    else:
                        self._take(subject, predicate, value(quad.object), parts)
        except OSError as error:
            raise EvaluationError(f"{path}: {error.strerror or error}") from error
        except (SyntaxError, ValueError, EOFError) as error:
            raise EvaluationError(f"{path}: {error}") from error

    def _take(
        self,
        subject: str,
        predicate: str,
        value: str,
        parts: defaultdict[str, defaultdict[str, list[str]]],
    ) -> None:
        if predicate == f"{RDF}type":
            self.types[subject].add(value)
        elif predicate.startswith(RDF) and predicate[len(RDF) :] in _REIFIED:
            parts[subject][predicate[len(RDF) :]].append(value)
        elif predicate in (f"{KG}document", f"{KG}evidence", f"{KG}confidence"):
            parts[subject][predicate[len(KG) :]].append(value)
        elif predicate == f"{KG}text":
            self.texts[subject] = value
        elif predicate == f"{KG}refersTo":
            self._refers.append((subject, value))
        elif predicate in (f"{KG}contradicts", f"{KG}supersedes"):
            self.links.add((subject, predicate[len(KG) :], value))
        elif predicate == f"{KG}canonical":
            self._canonical[subject] = value
        elif predicate == f"{SKOS}prefLabel":
            self.labels[subject].append(value)
        elif predicate == f"{SKOS}altLabel":
            self.aliases[subject].append(value)
        elif predicate == f"{DCT}identifier":
            self._identifiers[subject] = value
        elif predicate == f"{RDFS}subClassOf" and subject.startswith(KG) and value.startswith(KG):
            self._parents.setdefault(subject[len(KG) :], value[len(KG) :])

    def _merge_provisional(self) -> None:
        for old in self._canonical:
            new = self.resolve(old)
            if new != old:
                self.types[new] |= self.types.pop(old, set())
                self.aliases[new] += self.labels.pop(old, []) + self.aliases.pop(old, [])

    def _make_claims(
        self, parts: defaultdict[str, defaultdict[str, list[str]]], passages: dict[str, str]
    ) -> list[DumpClaim]:
        claims: list[DumpClaim] = []
        for iri, found in sorted(parts.items()):
            if not all(found.get(role) for role in _REIFIED):
                if found.get("document") and not found.get("subject"):
                    passages[iri] = found["document"][0]
                else:
                    self.warnings["claims without rdf:subject, rdf:predicate and rdf:object skipped"] += 1
                continue
            modalities = [m for m in MODALITIES if m in self._local_types.get(iri, ())]
            if len(modalities) != 1:
                self.warnings[
                    "claims without exactly one of Asserted/Planned/Denied/Former "
                    "(first one or Asserted taken)"
                ] += 1
            evidence = sorted(found.get("evidence", []))
            documents = sorted(found.get("document", [])) or [e.split("#")[0] for e in evidence]
            if not documents:
                self.warnings["claims without kg:document skipped"] += 1
                continue
            for obj in sorted(found["object"]):
                claims.append(
                    DumpClaim(
                        iri=iri,
                        subject=self.resolve(found["subject"][0]),
                        predicate=self.local(found["predicate"][0]),
                        object=self.resolve(obj),
                        modality=(modalities or ["Asserted"])[0],
                        document=documents[0],
                        evidence=tuple(evidence),
                        confidence=_number(found.get("confidence", [])),
                    )
                )
        return claims

    def _make_mentions(self, passages: dict[str, str]) -> defaultdict[str, list[DumpMention]]:
        mentions: defaultdict[str, list[DumpMention]] = defaultdict(list)
        for passage, entity in sorted(self._refers):
            document = passages.get(passage) or passage.split("#")[0]
            mentions[document].append(
                DumpMention(self.resolve(entity), self.texts.get(passage), self.span(passage))
            )
        return mentions

    @cached_property
    def documents(self) -> dict[str, str]:
        """Document IRI → its identifier, or its IRI where it has none."""
        stated = {d for d, types in self._local_types.items() if "Document" in types}
        return {d: self._identifiers.get(d, d) for d in stated | set(self.claims_of) | set(self.mentions)}

    @cached_property
    def countries(self) -> dict[str, str]:
        """Government → the country that it is claimed to be a part of."""
        return {
            c.subject: c.object
            for c in self.claims
            if c.predicate == "partOf"
            and "Government" in self.classes(c.subject)
            and "Country" in self.classes(c.object)
        }

    @cached_property
    def event_relations(self) -> frozenset[str]:
        """The relations that events have in claims."""
        return frozenset(c.predicate for c in self.claims if "Event" in self.top_classes(c.subject))

    def resolve(self, iri: str) -> str:
        """The canonical IRI behind `iri`; a literal is itself."""
        seen: set[str] = set()
        while not isinstance(iri, LiteralValue) and iri in self._canonical and iri not in seen:
            seen.add(iri)
            iri = self._canonical[iri]
        return iri

    def local(self, iri: str) -> str:
        """The local name of a term of the vocabulary, else the IRI itself."""
        return iri.removeprefix(KG)

    def span(self, passage_iri: str) -> Span | None:
        """The span that a passage's IRI gives, or None."""
        found = parse_passage(passage_iri)
        return found[1] if found else None

    def classes(self, iri: str) -> frozenset[str]:
        """Class names of an entity with all their superclasses."""
        if iri not in self._classes:
            found: set[str] = set()
            todo = list(self._local_types.get(iri, ()))
            while todo:
                name = todo.pop()
                if name not in found:
                    found.add(name)
                    todo += [self._parents[name]] if name in self._parents else []
            self._classes[iri] = frozenset(found)
        return self._classes[iri]

    def top_classes(self, iri: str) -> frozenset[str]:
        """The top classes of the annotation guide that an entity has."""
        return self.classes(iri) & TOP_CLASSES

    def name(self, iri: str) -> str:
        """A label of an entity for people; a literal's own text."""
        if isinstance(iri, LiteralValue):
            return str(iri)
        return min(self.labels.get(iri) or self.aliases.get(iri) or [self.local(iri)])

    def names(self, iris: Iterable[str]) -> str:
        """The labels of several entities, sorted, for people."""
        return ", ".join(sorted(self.name(iri) for iri in iris))

    def passage(self, claim: DumpClaim) -> str:
        """The text of a claim's first passage that has one, or nothing."""
        return next((self.texts[e] for e in claim.evidence if e in self.texts), "")


def _number(values: Sequence[str]) -> float | None:
    """The confidence that literals state, None if it is none from 0 to 1."""
    try:
        found = float(values[0]) if values else None
    except ValueError:
        return None
    return found if found is not None and 0 <= found <= 1 else None

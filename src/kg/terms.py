"""Namespaces, IRI minting and CURIEs.

IRIs of instances are ``<base>id/<kind>/<slug>``, of documents ``<base>doc/<key>``, of passages
``<document>#char=<start>,<end>`` (RFC 5147, section 2.1: code points, end-exclusive), of claims
``<base>claim/<16 characters>``. The vocabulary's namespace is fixed; the base of instances is a setting.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

from kg.errors import QueryError
from kg.model import Span

KG = "https://kg.example/def#"
DEFAULT_BASE = "https://kg.example/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
GEO = "http://www.opengis.net/ont/geosparql#"
GEONAMES = "https://sws.geonames.org/"
OWL = "http://www.w3.org/2002/07/owl#"

#: Path segment of an instance's IRI, by top class.
KIND_SEGMENTS: Mapping[str, str] = {
    "Person": "person",
    "Office": "office",
    "Organization": "org",
    "Facility": "facility",
    "Agreement": "agreement",
    "Place": "place",
    "Equipment": "equipment",
    "Event": "event",
}

_PASSAGE = re.compile(r"#char=([0-9]+),([0-9]+)\Z")  # RFC 5147, section 2.1.1
_CURIE = re.compile(r"([A-Za-z][\w.-]*)?:(.*)\Z", re.DOTALL)  # W3C CURIE 1.0, section 3; no safe_curie


def prefixes(base: str = DEFAULT_BASE) -> dict[str, str]:
    """Prefix → namespace, for CURIEs, SPARQL and Turtle; sorted by prefix."""
    instance = {
        "person": "id/person/",
        "office": "id/office/",
        "org": "id/org/",
        "fac": "id/facility/",
        "agr": "id/agreement/",
        "place": "id/place/",
        "equip": "id/equipment/",
        "ev": "id/event/",
        "doc": "doc/",
        "claim": "claim/",
        "match": "match/",
    }
    own = {name: base + path for name, path in instance.items()}
    outer = {
        "kg": KG,
        "rdf": RDF,
        "rdfs": RDFS,
        "xsd": XSD,
        "skos": SKOS,
        "dct": DCT,
        "geo": GEO,
        "gn": GEONAMES,
        "edtf": "http://id.loc.gov/datatypes/edtf/",
    }
    return dict(sorted((own | outer).items()))


def fold(text: str) -> str:
    """`text` for comparing: compatibility-normalised, without diacritics, case-folded, single spaces.

    >>> fold("Emmanuel  MACRON, Élysée")
    'emmanuel macron, elysee'
    """
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def slug(text: str) -> str:
    """Lower-case ASCII-and-digits words of `text`, joined by hyphens; letters of other scripts are kept.

    >>> slug("Secretary of Defense, U.S.")
    'secretary-of-defense-u-s'
    """
    return "-".join(re.findall(r"\w+", fold(text).replace("'", "").replace("’", "").replace("_", " ")))


def person_slug(name: str) -> str:
    """Name tokens in sorted order, so that the order of given and family name does not matter.

    >>> person_slug("Nakatani Gen") == person_slug("Gen Nakatani") == "gen-nakatani"
    True
    """
    return "-".join(sorted(slug(name).split("-")))


def entity_iri(kind: str, local: str, base: str = DEFAULT_BASE) -> str:
    """The IRI of an instance of the top class `kind`."""
    return f"{base}id/{KIND_SEGMENTS[kind]}/{local}"


def document_iri(key: str, base: str = DEFAULT_BASE) -> str:
    """The IRI of a document, from `Document.key`."""
    return f"{base}doc/{key}"


def passage_iri(document: str, span: Span) -> str:
    """The IRI of a passage of the document with the given IRI."""
    return f"{document}#char={span.start},{span.end}"


def parse_passage(iri: str) -> tuple[str, Span] | None:
    """(document IRI, span) of a passage's IRI, or None if `iri` is not one."""
    found = _PASSAGE.search(iri)
    if found is None:
        return None
    return iri[: found.start()], Span(int(found[1]), int(found[2]))


def claim_iri(parts: Iterable[str], base: str = DEFAULT_BASE) -> str:
    """The IRI of a claim, from all that tells it from other claims, in a fixed order."""
    return f"{base}claim/{_digest(parts)}"


def match_iri(one: str, other: str, base: str = DEFAULT_BASE) -> str:
    """The IRI of what was decided on whether two IRIs stand for one thing; their order does not matter."""
    return f"{base}match/{_digest(sorted((one, other)))}"


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8")).digest()
    return base64.b32encode(digest).decode("ascii")[:16].lower()


def expand(curie: str, base: str = DEFAULT_BASE) -> str | None:
    """The IRI that a CURIE with a known prefix stands for, or None.

    >>> expand("person:gen-nakatani")
    'https://kg.example/id/person/gen-nakatani'
    """
    found = _CURIE.match(curie)
    namespace = prefixes(base).get(found[1] or "") if found else None
    return namespace + found[2] if found and namespace else None


def compact(iri: str, base: str = DEFAULT_BASE) -> str:
    """The CURIE of an IRI in a known namespace, else the IRI itself.

    >>> compact("https://kg.example/id/place/jp")
    'place:jp'
    """
    best = max(
        ((len(ns), prefix, ns) for prefix, ns in prefixes(base).items() if iri.startswith(ns)), default=None
    )
    return f"{best[1]}:{iri[best[0] :]}" if best else iri


def as_iri(text: str, base: str = DEFAULT_BASE) -> str | None:
    """`text` as an IRI: itself if absolute (optionally in angle brackets), expanded if a CURIE, else None.

    Raises `QueryError` for an IRI with characters that RFC 3987 forbids.
    """
    bare = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(//|urn:)", bare) or bare.startswith(("urn:", base)):
        if re.search(r"[\x00-\x20<>\"{}|\\^`]", bare):
            raise QueryError(f"not an IRI: {text!r} (it holds a character that RFC 3987 forbids)")
        return bare
    return expand(bare, base)

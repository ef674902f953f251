"""The dump that a perfect system would write for a gold set, to test the scorer with.

Reads the gold files itself, not through the scorer, so that a slip in the scorer's reader shows.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

KG, DOC, ID = "https://kg.example/def#", "https://kg.example/doc/", "https://kg.example/id/"
RDF, SKOS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"
MODALITY = {None: "Asserted", "planned": "Planned", "denied": "Denied", "former": "Former"}
SLOTS = (("participant", "participants"), ("location", "location"), ("concerns", "concerns"))


def literal(text: str, datatype: str | None = None) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"' + (f"^^<{datatype}>" if datatype else "")


class PerfectDump:
    """N-Triples lines of a gold set with a corpus.json; every item is written, optional ones included."""

    def __init__(self, gold: Path, texts: Path) -> None:
        self.lines: set[str] = set()
        for path in sorted(gold.glob("[0-9]*.json")):
            self.add_document(json.loads(path.read_text(encoding="utf-8")), texts)
        self.link_rivals(json.loads((gold / "corpus.json").read_text(encoding="utf-8")))

    def add(self, subject: str, predicate: str, value: str) -> None:
        self.lines.add(f"<{subject}> <{predicate}> {value if value.startswith(chr(34)) else f'<{value}>'} .")

    def add_document(self, raw: dict[str, Any], texts: Path) -> None:
        name = Path(raw["doc"]).stem
        document = DOC + name
        text = (texts / raw["doc"]).read_bytes().decode("utf-8")
        end = text.index(raw["boilerplate_from"]) if raw.get("boilerplate_from") else len(text)
        self.add(document, RDF + "type", KG + "Document")
        self.add(document, DCT + "identifier", literal(raw["doc"]))

        def passage(start: int, stop: int) -> str:
            iri = f"{document}#char={start},{stop}"
            self.add(iri, KG + "text", literal(text[start:stop]))
            self.add(iri, KG + "document", document)
            return iri

        def claim(number: str, modality: str, s: str, p: str, o: str, quote: str) -> None:
            start = text.index(quote)
            iri = f"https://kg.example/claim/{name}-{number}"
            for role, value in (("subject", s), ("predicate", KG + p), ("object", o)):
                self.add(iri, RDF + role, value)
            self.add(iri, RDF + "type", KG + modality)
            self.add(iri, KG + "document", document)
            self.add(iri, KG + "evidence", passage(start, start + len(quote)))

        iris = {e["id"]: ID + e["id"] for e in raw["entities"]}
        iris |= {v["id"]: f"{ID}event/{v['id']}" for v in raw["events"]}
        for entity in raw["entities"]:
            iri = iris[entity["id"]]
            for name_of_class in {entity["class"], (entity["subclass"] or entity["class"]).split("/")[0]}:
                self.add(iri, RDF + "type", KG + name_of_class)
            self.add(iri, SKOS + "prefLabel", literal(entity["label"]))
            for surface in entity["mentions"] + entity.get("mentions_optional", []):
                words = r"\s+".join(map(re.escape, surface.split()))
                found = re.compile(rf"(?<!\w){words}(?!\w)").search(text, 0, end)
                if found:
                    self.add(passage(found.start(), found.end()), KG + "refersTo", iri)
        for number, fact in enumerate(raw["facts"]):
            value = iris.get(fact["o"]) or literal(fact["o"], EDTF)
            modality = MODALITY[fact.get("modality")]
            claim(f"f{number}", modality, iris[fact["s"]], fact["p"], value, fact["evidence"])
        for event in raw["events"]:
            iri = iris[event["id"]]
            for name_of_class in {"Event", event["class"]} - {"Other"}:
                self.add(iri, RDF + "type", KG + name_of_class)
            self.add(iri, SKOS + "prefLabel", literal(event["label"]))
            values = [("status", KG + event["status"])]
            values += [("date", literal(event["date"], EDTF))] if event["date"] else []
            values += [(slot, iris[x]) for slot, key in SLOTS for x in event[key]]
            modality = "Planned" if event["status"] in ("planned", "proposed") else "Asserted"
            for number, (p, o) in enumerate(values):
                claim(f"{event['id']}-{number}", modality, iri, p, o, event["evidence"])

    def link_rivals(self, corpus: dict[str, Any]) -> None:
        """Link the rival dates and states of one event."""
        for row in corpus["contradictions"]:
            if row["property"] not in ("date", "status"):
                continue
            for about in row["about"]:
                subject = f"<{RDF}subject> <{ID}event/{about}>"
                claims = sorted({line.split()[0] for line in self.lines if subject in line})
                said = [c for c in claims if f"{c} <{RDF}predicate> <{KG}{row['property']}> ." in self.lines]
                self.lines |= {
                    f"{a} <{KG}contradicts> {b} ." for a, b in zip(said, said[1:], strict=False)
                }

    def write(self, path: Path) -> Path:
        path.write_text("\n".join(sorted(self.lines)) + "\n", encoding="utf-8")
        return path

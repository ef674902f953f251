"""What a language model is asked: instructions and an answer's JSON Schema, both made of the vocabulary."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.catalog import Catalog, Ontology, RelationTerm
from kg.model import Modality
from kg.terms import KIND_SEGMENTS

_NOT_ASKED = frozenset({"Status", "Text"})  # ranges that are read or derived otherwise


@dataclass(frozen=True)
class Prompt:
    """Everything that is sent beside the text; the same catalog gives the same prompt."""

    instructions: str
    schema: Mapping[str, object]
    seed: int

    @cached_property
    def version(self) -> str:
        """Hexadecimal digits that name the prompt."""
        parts = (self.instructions, json.dumps(self.schema, sort_keys=True), self.seed)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def request(self, model: str, text: str) -> dict[str, object]:
        """The body of a chat completion that asks about the numbered sentences `text`."""
        return {
            "model": model,
            "temperature": 0,
            "seed": self.seed,
            "messages": [
                {"role": "system", "content": self.instructions},
                {"role": "user", "content": json.dumps({"sentences": text.split("\n")}, ensure_ascii=False)},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "proposals", "strict": True, "schema": self.schema},
            },
        }


def make_prompt(catalog: Catalog) -> Prompt:
    """The prompt for the classes and relations of `catalog`."""
    terms, ontology = catalog.extractors, catalog.ontology
    classes = _classes(ontology)
    relations = {name: r for name, r in sorted(ontology.relations.items()) if not r.range & _NOT_ASKED}
    lines = [terms.llm_instructions.strip(), "", terms.llm_classes.strip()]
    lines += [f"- {name}: {ontology.classes[name].help}" for name in classes]
    lines += ["- Date: words that say when.", "", terms.llm_relations.strip()]
    lines += [f"- {name} ({_ends(r)}): {r.help}" for name, r in relations.items()]
    return Prompt("\n".join(lines), _schema(classes, relations), terms.llm_seed)


def _classes(ontology: Ontology) -> list[str]:
    """The classes of things, each top class before those below it."""
    tops = dict.fromkeys(KIND_SEGMENTS)
    below = [name for name in ontology.classes if any(ontology.is_a(name, top) for top in tops)]
    return sorted(below, key=lambda name: (list(tops).index(ontology.top(name)), name not in tops, name))


def _ends(relation: RelationTerm) -> str:
    return f"{' or '.join(sorted(relation.domain))} -> {' or '.join(sorted(relation.range))}"


def _schema(classes: Sequence[str], relations: Mapping[str, RelationTerm]) -> dict[str, object]:
    """The JSON Schema of an answer, within what OpenAI's strict mode allows (all keys required, none added)."""
    words = {"type": "string"}
    mention = _object(
        {
            "text": words,
            "class": {"type": "string", "enum": [*classes, "Date"]},
            "sentence": {"type": "integer"},
        }
    )
    statements = [
        _object(
            {
                "relation": {"type": "string", "enum": [name]},
                "subject": _end(relation.domain),
                "object": _end(relation.range),
                "sentence": {"type": "integer"},
                "quote": words,
                "modality": {"type": "string", "enum": [m.value for m in Modality]},
            }
        )
        for name, relation in relations.items()
    ]
    return _object(
        {
            "mentions": {"type": "array", "items": mention},
            "statements": {"type": "array", "items": {"anyOf": statements}},
        }
    )


def _end(allowed: frozenset[str]) -> dict[str, object]:
    return _object({"text": {"type": "string"}, "class": {"type": "string", "enum": sorted(allowed)}})


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }

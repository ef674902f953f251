"""What optional extractors are asked for: labels of GLiNER models, instructions for language models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

from kg.catalog.ontology import Ontology
from kg.catalog.sources import name_of, parse_model, parse_yaml, read_text
from kg.errors import CatalogError


class _Gliner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    threshold: float = Field(ge=0, le=1)
    labels: dict[str, str] = Field(min_length=1)


class _Llm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    seed: int
    instructions: str = Field(min_length=1)
    classes: str
    relations: str


@dataclass(frozen=True)
class ExtractorTerms:
    """What extractors are asked for.

    `gliner_labels`: label → class, in declared order; `gliner_threshold`: the least score, 0 to 1. The others are what
    a language model is told, and the two headings before the classes and relations of the vocabulary.
    """

    gliner_labels: Mapping[str, str]
    gliner_threshold: float
    llm_seed: int
    llm_instructions: str
    llm_classes: str
    llm_relations: str


def load_extractor_terms(folder: Path, root: Path, ontology: Ontology) -> ExtractorTerms:
    """The terms in ``gliner.yaml`` and ``llm.yaml`` of `folder`. Raises `CatalogError` with file and key."""
    gliner_file = name_of(folder / "gliner.yaml", root)
    gliner = parse_model(
        _Gliner, parse_yaml(read_text(folder / "gliner.yaml", root), gliner_file), gliner_file
    )
    for label, name in gliner.labels.items():
        if name not in ontology.classes:
            raise CatalogError(f"{gliner_file}: labels.{label}: {name!r} is no class of the vocabulary")
    llm_file = name_of(folder / "llm.yaml", root)
    llm = parse_model(_Llm, parse_yaml(read_text(folder / "llm.yaml", root), llm_file), llm_file)
    return ExtractorTerms(
        MappingProxyType(dict(gliner.labels)),
        gliner.threshold,
        llm.seed,
        llm.instructions,
        llm.classes,
        llm.relations,
    )

"""What can be set, as rows: name, default, unit, help.

A setting is read from the environment as ``KG_<NAME>`` in upper case; command-line flags override it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.errors import KgError

#: What reads documents unless a call says otherwise: "rules", "kg" (the model that comes with the package), or the
#: name or path of a spaCy pipeline.
DEFAULT_MODEL = "kg"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table of settings."""

    name: str
    default: str | int | float
    unit: str
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "base_iri",
        "https://kg.example/",
        "IRI",
        "Start of the IRIs of entities, documents and claims; the vocabulary stays.",
    ),
    Setting(
        "extractors",
        "",
        "names",
        "Extractors beside the rules, parted by spaces: gliner:PATH, llm:MODEL; --extractor overrides it.",
    ),
    Setting("gliner_threshold", -1.0, "0 to 1", "Least score of a GLiNER mention; -1 for the declared one."),
    Setting(
        "llm_api_key", "", "text", "Key for the endpoint of llm: extractors; sent to that endpoint alone."
    ),
    Setting(
        "llm_base_url",
        "",
        "URL",
        "OpenAI-compatible endpoint of llm: extractors, up to and including its version.",
    ),
    Setting(
        "llm_cache", "", "folder", "Where answers of llm: extractors are kept; empty for the user's cache."
    ),
    Setting(
        "llm_chunk_chars", 6000, "code points", "Text sent to a language model at once, whole sentences."
    ),
    Setting("llm_concurrency", 4, "requests", "Requests to a language model that are under way at once."),
    Setting("llm_retries", 4, "times", "How often a failed request to a language model is made again."),
    Setting("llm_timeout", 120.0, "seconds", "Longest wait for one answer of a language model."),
    Setting(
        "gazetteer",
        "",
        "folder",
        "Tables of names beside those of the package; `kg gazetteer import` writes them.",
    ),
    Setting(
        "judgements",
        "",
        "file",
        "A table of decisions on identity by hand that builds follow.",
    ),
    Setting(
        "max_document_chars",
        2_000_000,
        "code points",
        "Longest text of one document; a longer one is refused.",
    ),
    Setting(
        "max_answer_bytes",
        256_000_000,
        "bytes",
        "Longest answer of one query over HTTP; a longer one is refused.",
    ),
    Setting("max_file_bytes", 200_000_000, "bytes", "Largest file that is read; a larger one is refused."),
    Setting(
        "neighbourhood_limit", 200, "nodes", "Nodes in a neighbourhood unless the request says otherwise."
    ),
    Setting("page_size", 50, "rows", "Rows of a list unless the request says otherwise."),
    Setting("query_timeout", 30.0, "seconds", "Longest time of one ad-hoc query."),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force."""

    base_iri: str
    extractors: str
    gliner_threshold: float
    llm_api_key: str = field(repr=False)
    llm_base_url: str
    llm_cache: str
    llm_chunk_chars: int
    llm_concurrency: int
    llm_retries: int
    llm_timeout: float
    gazetteer: str
    judgements: str
    max_document_chars: int
    max_answer_bytes: int
    max_file_bytes: int
    neighbourhood_limit: int
    page_size: int
    query_timeout: float


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from `environment` (the process's own if None), defaults where it says nothing.

    Raises `KgError` for a value of the wrong type, naming the variable.
    """
    source = os.environ if environment is None else environment
    values: dict[str, str | int | float] = {}
    for row in SETTINGS:
        variable = f"KG_{row.name.upper()}"
        raw = source.get(variable)
        if raw is None:
            values[row.name] = row.default
            continue
        try:
            values[row.name] = type(row.default)(raw)
        except ValueError:
            kind = type(row.default).__name__
            raise KgError(f"{variable}={raw!r}: want {kind} ({row.unit}). {row.help}") from None
    return Settings(**values)  # type: ignore[arg-type]

"""What is declared: vocabulary, names, words, patterns and saved queries, loaded and validated."""

from kg.catalog.catalog import Catalog, find_root, load_catalog
from kg.catalog.entries import GazetteerEntry, Surface
from kg.catalog.extractors import ExtractorTerms
from kg.catalog.fitting import find_misfit
from kg.catalog.gazetteer import Gazetteer
from kg.catalog.lexicon import Lexicon, WordForm
from kg.catalog.ontology import ClassTerm, Ontology, RelationTerm
from kg.catalog.patterns import Example, Pattern, TokenSpec, check_patterns, matcher_spec
from kg.catalog.queries import Parameter, SavedQuery

__all__ = [
    "Catalog",
    "ClassTerm",
    "Example",
    "ExtractorTerms",
    "Gazetteer",
    "GazetteerEntry",
    "Lexicon",
    "Ontology",
    "Parameter",
    "Pattern",
    "RelationTerm",
    "SavedQuery",
    "Surface",
    "TokenSpec",
    "WordForm",
    "check_patterns",
    "find_misfit",
    "find_root",
    "load_catalog",
    "matcher_spec",
]

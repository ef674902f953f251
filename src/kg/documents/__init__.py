"""Files, folders, JSON Lines, HTML and PDF to documents: clean text, date, title, boilerplate marked."""

from kg.documents.boilerplate import find_boilerplate
from kg.documents.datelines import Dateline, find_dateline, find_title
from kg.documents.dates import check_edtf, find_date, read_dates_csv
from kg.documents.identifiers import Origin, assign_identifiers, merge_documents
from kg.documents.readers import (
    Read,
    Unreadable,
    collect_documents,
    read_bytes,
    read_document,
    read_source,
)
from kg.documents.sources import Format, Source, find_sources

__all__ = [
    "Dateline",
    "Format",
    "Origin",
    "Read",
    "Source",
    "Unreadable",
    "assign_identifiers",
    "check_edtf",
    "collect_documents",
    "find_boilerplate",
    "find_date",
    "find_dateline",
    "find_sources",
    "find_title",
    "merge_documents",
    "read_bytes",
    "read_dates_csv",
    "read_document",
    "read_source",
]

"""Offices and their holders in sentences of many countries and styles: all that is said, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kg.model import Document, Extraction, Modality
from kg.pipeline import Extractor

_CASES: list[dict[str, object]] = yaml.safe_load(
    Path(__file__).with_name("holders.yaml").read_text(encoding="utf-8")
)
_KINDS = {
    "holds": ("holdsOffice", Modality.ASSERTED),
    "held": ("holdsOffice", Modality.FORMER),
    "will_hold": ("holdsOffice", Modality.PLANNED),
    "replaces": ("replaces", Modality.ASSERTED),
    "will_replace": ("replaces", Modality.PLANNED),
    "member_of": ("memberOf", Modality.ASSERTED),
}


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor()


def _read(extractor: Extractor, text: str) -> Extraction:
    return extractor.extract(Document(("t",), text, "2025-05-20"))


def _said(extraction: Extraction, predicate: str, modality: Modality) -> set[str]:
    names = {e.iri: e.names[0] for e in extraction.entities}
    return {
        f"{names[c.subject]} | {names[c.object]}"
        for c in extraction.claims
        if c.predicate == predicate and c.modality is modality and isinstance(c.object, str)
    }


def test_cases_use_known_kinds() -> None:
    assert len(_CASES) >= 60
    assert {key for case in _CASES for key in case} == {"text", *_KINDS}


@pytest.mark.parametrize("case", _CASES, ids=lambda case: str(case["text"])[:60])
def test_holders(extractor: Extractor, case: dict[str, object]) -> None:
    extraction = _read(extractor, str(case["text"]))
    read = {kind: sorted(_said(extraction, *put)) for kind, put in _KINDS.items()}
    wanted = {kind: sorted(case.get(kind, [])) for kind in _KINDS}  # type: ignore[call-overload]
    assert read == wanted


@pytest.mark.parametrize(
    ("text", "office_of"),
    [
        (
            "Adm. Laura Hendricks, Commander, U.S. Pacific Fleet, spoke.",
            "Commander, U.S. Pacific Fleet | U.S. Pacific Fleet",
        ),
        (
            "Rear Admiral Javier Soto, Commander of the Western Fleet, spoke.",
            "Commander, Western Fleet | Western Fleet",
        ),
        (
            "King Haakon V received President Maia Popescu of Moldova.",
            "President, Moldova | Moldova",
        ),
        (
            "Norwegian Foreign Minister Ingrid Solheim and Defence Minister Per Haugland spoke.",
            "Minister of Defense, Norway | Norway",
        ),
        (
            "Okinawa Governor Shinjiro Higa criticised the plan.",
            "Governor, Okinawa | Okinawa",
        ),
        (
            "Baiba Ozola, Latvia's ambassador to the United Nations, spoke.",
            "Ambassador to United Nations, Latvia | Latvia",
        ),
    ],
)
def test_whose_an_office_is(extractor: Extractor, text: str, office_of: str) -> None:
    assert office_of in _said(_read(extractor, text), "officeOf", Modality.ASSERTED)


def test_two_leaders_are_not_of_one_country(extractor: Extractor) -> None:
    said = _said(
        _read(extractor, "French President Anne Morel and Prime Minister Kenta Mori met in Osaka."),
        "holdsOffice",
        Modality.ASSERTED,
    )
    assert said == {"Anne Morel | President, France", "Kenta Mori | Prime Minister"}

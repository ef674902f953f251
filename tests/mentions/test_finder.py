"""Mentions of texts on countries, bases and ministries that the rules were not written for."""

from __future__ import annotations

import pytest

from kg.catalog import load_catalog
from kg.mentions import MentionFinder
from kg.model import Document, Form, Mention
from kg.text.reader import Reader

_CATALOG = load_catalog()
_READER = Reader(_CATALOG)
_FINDER = MentionFinder(_CATALOG)


def mentions(text: str, issued: str | None = None) -> list[Mention]:
    found = _FINDER.find(_READER.read(Document(("t",), text, issued)), issued)
    return sorted([*found.outer, *found.nested], key=lambda m: m.tokens)


def kinds(text: str, issued: str | None = None) -> set[tuple[str, str]]:
    return {(m.text, m.kind) for m in mentions(text, issued)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Facilities and bodies by their form; none of these names is in the gazetteer.
        ("Troops left Quarrin Air Base at dawn.", ("Quarrin Air Base", "Facility")),
        ("The convoy reached Camp Vessel before noon.", ("Camp Vessel", "Facility")),
        ("Naval Station Orlanth was shut for repairs.", ("Naval Station Orlanth", "Facility")),
        ("Workers at the Tavrin Shipyard went on strike.", ("Tavrin Shipyard", "Facility")),
        (
            "The Ministry of Maritime Affairs of Bandor issued a note.",
            ("Ministry of Maritime Affairs of Bandor", "Organization"),
        ),
        ("Officers of the Northern Sentinel Command met.", ("Northern Sentinel Command", "Organization")),
        ("The 14th Mountain Brigade crossed the river.", ("14th Mountain Brigade", "Organization")),
        ("They crossed the Strait of Velmar at night.", ("Strait of Velmar", "Place")),
        ("Fishermen near Torvald Island saw the ships.", ("Torvald Island", "Place")),
        ("The Velmar Accord was signed in spring.", ("Velmar Accord", "Agreement")),
        ("Both houses ratified the Treaty of Orlanth.", ("Treaty of Orlanth", "Agreement")),
        # Offices and their holders.
        ("Kenyan Defence Minister Soipan Tuya spoke.", ("Kenyan Defence Minister", "Office")),
        ("Kenyan Defence Minister Soipan Tuya spoke.", ("Soipan Tuya", "Person")),
        ("Lt. Gen. Raúl Ortega inspected the guard.", ("Raúl Ortega", "Person")),
        ("She met NATO Secretary General Mark Rutte.", ("NATO Secretary General", "Office")),
        (
            "Admiral John Aquilino, Commander, U.S. Indo-Pacific Command, testified.",
            ("John Aquilino", "Person"),
        ),
        ("Pål Jonson serves as Swedish Defence Minister.", ("Pål Jonson", "Person")),
        # Countries, cities, and capitals that act.
        ("The Filipino delegation flew to Canberra.", ("Canberra", "Place")),
        ("The Filipino delegation flew to Canberra.", ("Filipino", "Place")),
        ("The QX-71 fighter jets arrived.", ("QX-71", "Equipment")),
        ("The Peruvian navy sent a frigate.", ("Peruvian navy", "Organization")),
    ],
)
def test_finds(text: str, expected: tuple[str, str]) -> None:
    assert expected in kinds(text)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("It helped us a lot.", ("us", "Place")),
        ("They may march in the morning.", ("march", "Date")),
        ("The minister's base salary rose.", ("base", "Facility")),
        ("North Korea fired two rockets.", ("Korea", "Place")),
        ("The talks ended late.", ("talks", "Person")),
        ("Ministers Agree to Deepen Cooperation With Partners", ("Agree", "Person")),
    ],
)
def test_leaves_out(text: str, refused: tuple[str, str]) -> None:
    assert refused not in kinds(text)


def one(text: str, kind: str, issued: str | None = None) -> Mention:
    return next(m for m in mentions(text, issued) if m.kind == kind)


def test_offices_are_composed_of_title_portfolio_and_country() -> None:
    for text in (
        "Estonian Defence Minister Hanno Pevkur spoke.",
        "Minister of Defence of Estonia Hanno Pevkur spoke.",
        "Estonia's Defence Minister Hanno Pevkur spoke.",
    ):
        office = one(text, "Office")
        assert (office.feature("title"), office.feature("portfolio"), office.feature("country")) == (
            "minister",
            "defense",
            "ee",
        )


def test_former_holders_are_marked() -> None:
    assert one("Former Defence Minister Jüri Luik spoke.", "Office").feature("tense") == "former"


def test_a_capital_that_acts_is_its_government_and_one_that_is_visited_is_a_city() -> None:
    acting = [m for m in mentions("Warsaw and Vilnius are considering a joint brigade.") if m.kind == "Place"]
    assert {(m.value, m.form) for m in acting} == {
        ("place/pl", Form.DESCRIPTION),
        ("place/lt", Form.DESCRIPTION),
    }
    visited = one("The envoys met in Warsaw.", "Place")
    assert visited.subkind == "City"


def test_both_seas_of_a_joint_name_are_found() -> None:
    group = one("Patrols in the Baltic and Black Seas went on.", "Place")
    assert group.form is Form.GROUP
    assert group.feature("members") == "place/baltic-sea|place/black-sea"


def test_an_acronym_names_what_it_stands_for_wherever_it_stands() -> None:
    text = "The Northern Sentinel Command (NSC) opened an office. Later, NSC moved."
    acronyms = [m for m in mentions(text) if m.text == "NSC"]
    assert len(acronyms) == 2
    assert {m.feature("acronym_of") for m in acronyms} == {"Northern Sentinel Command"}


def test_spans_count_in_the_stored_text() -> None:
    text = "“Kenyan  Defence\nMinister” Soipan Tuya spoke."
    for m in mentions(text):
        assert text[m.span.start : m.span.end].split() == m.text.split()

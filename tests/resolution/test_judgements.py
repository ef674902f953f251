"""Decisions on identity by hand: read strictly, followed always."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import CatalogError
from kg.model import Claim, DateBasis, Document, Entity, Extraction, Modality, Span, Verdict
from kg.resolution import decide_identity, parse_judgements
from kg.resolution.judgements import read_judgements

BASE = "https://kg.example/id/person/"
HEADER = "one,other,verdict,why,one_document,other_document\n"


def told(name: str, *people: str, state: str | None = None) -> Extraction:
    """A document in which `people` (local names) hold a post of `state`."""
    entities = [
        Entity(
            BASE + p,
            "Person",
            None,
            (p.replace("-", " ").title(),),
            (f"name:{p}", *(f"part:{x}" for x in p.split("-"))),
        )
        for p in people
    ]
    claims: tuple[Claim, ...] = ()
    if state is not None:
        office = f"https://kg.example/id/office/minister-of-{name}-{state}"
        entities.append(
            Entity(office, "Office", None, (office,), (f"post:minister-of-{name}", f"country:{state}"))
        )
        claims = tuple(
            Claim(BASE + p, "holdsOffice", office, Modality.ASSERTED, (Span(0, 1),), 90) for p in people
        )
    document = Document((f"{name}.txt",), f"{name} {people}", "2025-01-01")
    return Extraction(document, "2025-01-01", DateBasis.STATED, tuple(entities), (), claims)


def test_reads_what_is_given_and_sorts_it() -> None:
    text = HEADER + "\n# a note\nperson:b,person:a,same,spelling,,\nperson:a,person:c,different,,,\n"
    first, second = parse_judgements(text, "j.csv")
    assert (first.one, first.other, first.verdict) == (BASE + "a", BASE + "c", Verdict.DIFFERENT)
    assert second.reason == "judged by hand: spelling"
    assert parse_judgements("one,other,verdict\n", "j.csv") == parse_judgements("", "j.csv") == ()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("person:a,person:b,same\n", "line 2: 3 cells"),
        ("person:a,nobody,same,,,\n", "line 2: other 'nobody'"),
        ("person:a,person:b,maybe,,,\n", "line 2: verdict 'maybe': allowed: same, different"),
        ("person:a,person:a,different,,,\n", "want one_document and other_document"),
        ("person:a,person:a,different,,x.txt,x.txt\n", "in the same document"),
        (
            "person:a,person:b,same,,,\nperson:b,person:a,different,,,\n",
            "line 3: different contradicts same of j.csv: line 2",
        ),
        (
            "person:a,person:b,same,,,\nperson:b,person:c,same,,,\nperson:a,person:c,different,,,\n",
            "judged different",
        ),
        ('"person:a,person:b,same,,,\n', "not CSV"),
    ],
)
def test_refuses_with_file_and_line(rows: str, message: str) -> None:
    with pytest.raises(CatalogError) as refused:
        parse_judgements(HEADER + rows, "j.csv")
    assert message in str(refused.value)
    assert "j.csv" in str(refused.value)


def test_refuses_an_unknown_column_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="unknown \\['because'\\]"):
        parse_judgements("one,other,verdict,because\n", "j.csv")
    with pytest.raises(CatalogError, match="cannot be read"):
        read_judgements(tmp_path / "none.csv")


def test_same_joins_what_has_nothing_in_common_and_different_keeps_spellings_apart() -> None:
    documents = [
        told("trade", "ada-roe"),
        told("health", "kim-minjun"),
        told("labor", "kim-min-joon"),
        told("art", "bo-li"),
    ]
    documents[2] = told("labor", "kim-minjoon")
    found = decide_identity(documents)
    assert found[BASE + "kim-minjun"] == BASE + "kim-minjoon"
    judged = parse_judgements(
        HEADER + "person:kim-minjun,person:kim-minjoon,different,,,\nperson:ada-roe,person:bo-li,same,,,\n",
        "j",
    )
    found = decide_identity(documents, judged)
    assert dict(found) == {BASE + "bo-li": BASE + "ada-roe"}
    verdicts = {(m.one, m.other): m.verdict for m in found.matches}
    assert verdicts[BASE + "kim-minjoon", BASE + "kim-minjun"] is Verdict.DIFFERENT


def test_an_iri_that_nothing_uses_any_more_leads_to_the_one_it_is() -> None:
    judged = parse_judgements(HEADER + "person:old-name,person:ada-roe,same,,,\n", "j")
    assert dict(decide_identity([told("trade", "ada-roe")], judged)) == {BASE + "old-name": BASE + "ada-roe"}
    assert dict(decide_identity([told("trade", "bo-li")], judged)) == {}


def test_one_name_is_two_people_where_documents_are_named_and_one_again_where_they_are() -> None:
    documents = [told("trade", "ada-roe", state="fj"), told("health", "ada-roe", state="fj")]
    assert decide_identity(documents).apart == {}
    two = parse_judgements(HEADER + "person:ada-roe,person:ada-roe,different,,trade.txt,health.txt\n", "j")
    (uses,) = decide_identity(documents, two).apart.values()
    assert list(uses) == [BASE + "ada-roe"]
    namesakes = [told("trade", "ada-roe", state="fj"), told("health", "ada-roe", state="pe")]
    (uses,) = decide_identity(namesakes).apart.values()
    assert uses[BASE + "ada-roe"] in {BASE + "ada-roe--pe", BASE + "ada-roe--fj"}
    one = parse_judgements(HEADER + "person:ada-roe,person:ada-roe,same,,trade.txt,health.txt\n", "j")
    assert decide_identity(namesakes, one).apart == {}

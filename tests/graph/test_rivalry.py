from __future__ import annotations

from collections.abc import Iterable

import graph_world as w
import pytest

from kg.catalog.ontology import Ontology
from kg.graph.assembly import StatedClaim
from kg.graph.derivation import Fact
from kg.graph.rivalry import rivalry_quads
from kg.model import Literal, Modality
from kg.terms import KG

A, P, D, F = Modality.ASSERTED, Modality.PLANNED, Modality.DENIED, Modality.FORMER


def claim(
    name: str,
    predicate: str,
    value: str | Literal,
    modality: Modality = A,
    day: str = "2024-03-01",
    subject: str = "x:s",
    time: str | None = None,
) -> StatedClaim:
    return StatedClaim(f"x:{name}", subject, predicate, value, modality, f"x:doc-{name}", day, 80, time)


def links(
    ontology: Ontology, claims: Iterable[StatedClaim], facts: Iterable[Fact] = ()
) -> set[tuple[str, str, str]]:
    quads = rivalry_quads(claims, facts, ontology)
    return {(q.subject.value[2:], q.predicate.value.removeprefix(KG), q.object.value[2:]) for q in quads}


def test_asserted_and_denied(ontology: Ontology) -> None:
    claims = [
        claim("b", "operatedBy", w.NORLAND),
        claim("a", "operatedBy", w.NORLAND, D, "2024-05-01"),
        claim("c", "operatedBy", w.OLE, D),
        claim("d", "operatedBy", w.NORLAND, F),
    ]
    assert links(ontology, claims) == {("a", "contradicts", "b")}


def test_two_values_where_there_is_one(ontology: Ontology) -> None:
    one, other = claim("a", "headquarteredAt", w.PORTAL), claim("b", "headquarteredAt", w.BASE)
    assert links(ontology, [one, other]) == {("a", "contradicts", "b")}
    several = [claim("a", "participant", w.OLE), claim("b", "participant", w.MARTA)]
    assert links(ontology, several) == set()


def test_values_of_different_times_are_no_rivals(ontology: Ontology) -> None:
    one = claim("a", "headquarteredAt", w.PORTAL, day="2019-03-01")
    assert links(ontology, [one, claim("b", "headquarteredAt", w.BASE)]) == set()
    dated = [
        claim("a", "headquarteredAt", w.PORTAL, day="2019-03-01", time="2018/.."),
        claim("b", "headquarteredAt", w.BASE),
    ]
    assert links(ontology, dated) == set()  # what a document of 2019 knew ends with 2019
    meeting = [*dated, claim("c", "headquarteredAt", w.BASE, day="2024-01-01", time="2018-06/2018-07")]
    assert links(ontology, meeting) == {("a", "contradicts", "c")}
    unknown = [claim("a", "headquarteredAt", w.PORTAL, day=""), claim("b", "headquarteredAt", w.BASE, day="")]
    assert links(ontology, unknown) == set()


def test_a_value_that_contains_the_other_is_no_rival(ontology: Ontology) -> None:
    claims = [claim("a", "headquarteredAt", w.PORTAL), claim("b", "headquarteredAt", w.NORLAND)]
    within = [Fact(w.PORTAL, "locatedIn", "x:county"), Fact("x:county", "locatedIn", w.NORLAND)]
    assert links(ontology, claims, within) == set()
    assert links(ontology, claims) == {("a", "contradicts", "b")}


def test_one_holder_of_an_office_at_a_time(ontology: Ontology) -> None:
    claims = [
        claim("a", "holdsOffice", w.MINISTER, subject=w.MARTA),
        claim("b", "holdsOffice", w.MINISTER, subject=w.OLE),
        claim("c", "holdsOffice", w.MINISTER, F, subject="x:old"),
        claim("d", "holdsOffice", w.MINISTER, day="2020-01-01", subject="x:before"),
    ]
    assert links(ontology, claims) == {("a", "contradicts", "b")}


@pytest.mark.parametrize(
    ("one", "other", "rivals"),
    [
        ("2024-03", "2024-03-28", False),
        ("2024-03-21/2024-03-31", "2024-04", True),
        ("1996~", "1997", False),
        ("1996", "1998", True),
    ],
)
def test_dates_are_rivals_if_they_share_no_day(
    ontology: Ontology, one: str, other: str, rivals: bool
) -> None:
    claims = [
        claim("a", "establishedOn", Literal(one), day="2020-01-01"),
        claim("b", "establishedOn", Literal(other)),
    ]
    assert bool(links(ontology, claims)) is rivals


def test_plans_that_differ_and_the_outcome_that_overtakes_them(ontology: Ontology) -> None:
    claims = [
        claim("p1", "date", Literal("2024-03-21/2024-03-31"), P, "2024-03-05"),
        claim("p2", "date", Literal("2024-04"), P, "2024-03-10"),
        claim("out", "date", Literal("2024-03-28"), A, "2024-03-29"),
        claim("s1", "status", KG + "planned", P, "2024-03-05"),
        claim("s2", "status", KG + "held", A, "2024-03-29"),
        claim("same", "status", KG + "held", A, "2024-03-05"),
    ]
    assert links(ontology, claims) == {
        ("p1", "contradicts", "p2"),
        ("out", "supersedes", "p1"),
        ("out", "supersedes", "p2"),
        ("s2", "supersedes", "s1"),
        ("s1", "contradicts", "same"),
    }


def test_a_plan_for_days_that_are_over_competes_with_none(ontology: Ontology) -> None:
    claims = [
        claim("a", "date", Literal("2024-05"), P, "2024-03-01"),
        claim("b", "date", Literal("2024-02-07"), P, "2024-03-30"),
    ]
    assert links(ontology, claims) == set()


def test_what_is_still_planned_while_it_has_begun(ontology: Ontology) -> None:
    def told(status: str, day: str, modality: Modality = A) -> StatedClaim:
        return claim(f"{status}-{day}", "status", KG + status, modality, day)

    begun, soon = told("ongoing", "2024-03-29"), told("planned", "2024-03-29", P)
    assert links(ontology, [begun, soon]) == {("ongoing-2024-03-29", "contradicts", "planned-2024-03-29")}
    later = told("proposed", "2024-04-02", P)
    assert links(ontology, [begun, later]) == {("ongoing-2024-03-29", "contradicts", "proposed-2024-04-02")}
    earlier = told("planned", "2024-03-01", P)
    assert links(ontology, [begun, earlier]) == {("ongoing-2024-03-29", "supersedes", "planned-2024-03-01")}


def test_a_plan_of_the_morning_is_an_outcome_in_the_evening(ontology: Ontology) -> None:
    day = "2024-03-29"
    claims = [
        claim("plan", "status", KG + "planned", P, day),
        claim("out", "status", KG + "held", A, day),
        claim("when", "date", Literal(day), A, day),
        claim("will", "date", Literal("2024-03"), P, day),
    ]
    assert links(ontology, claims) == {("out", "supersedes", "plan"), ("when", "supersedes", "will")}


@pytest.mark.parametrize(
    ("title", "rivals"),
    [
        ("Minister of Defense, Norland", True),
        ("Deputy Minister of Defense, Norland", False),
        ("Special Envoy for Arctic Affairs, Norland", False),
        ("Minister", False),
    ],
)
def test_offices_that_several_may_hold_have_no_rivals(ontology: Ontology, title: str, rivals: bool) -> None:
    claims = [claim(n, "holdsOffice", w.MINISTER, subject=f"x:{n}") for n in "ab"]
    found = list(rivalry_quads(claims, (), ontology, {w.MINISTER: title}))
    assert bool(found) is rivals


def test_one_document_is_no_rival_of_itself_but_may_quote_a_denial(ontology: Ontology) -> None:
    def said(name: str, predicate: str, value: str | Literal, modality: Modality = A) -> StatedClaim:
        return StatedClaim(f"x:{name}", "x:s", predicate, value, modality, "x:doc", "2024-03-01", 80, None)

    slip = [said("a", "date", Literal("2024-03")), said("b", "date", Literal("2024-05"))]
    assert links(ontology, slip) == set()
    quoted = [said("a", "operatedBy", w.NORLAND), said("b", "operatedBy", w.NORLAND, D)]
    assert links(ontology, quoted) == {("a", "contradicts", "b")}


def test_what_has_no_date_overtakes_nothing(ontology: Ontology) -> None:
    claims = [
        claim("p", "status", KG + "planned", P, ""),
        claim("a", "status", KG + "held", A, "2024-03-29"),
        claim("b", "status", KG + "held", A, ""),
    ]
    assert links(ontology, claims) == set()


def test_links_of_a_great_quarrel_stay_linear(ontology: Ontology) -> None:
    claims = [claim(f"{i:03}", "establishedOn", Literal(str(1990 + 5 * (i % 2)))) for i in range(200)]
    claims += [claim(f"h{i:03}", "headquarteredAt", f"x:{i % 2}") for i in range(200)]
    claims += [claim(f"p{i:03}", "status", KG + "planned", P, "2024-01-01") for i in range(100)]
    claims += [claim(f"o{i:03}", "status", KG + "held", A, "2024-02-01") for i in range(100)]
    found = links(ontology, claims)
    assert 300 <= len(found) <= 800
    linked = {name for link in found for name in (link[0], link[2])}
    assert {c.iri[2:] for c in claims if c.predicate == "establishedOn"} <= linked
    assert found == links(ontology, reversed(claims))

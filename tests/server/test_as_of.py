"""Every read as of a day."""

from __future__ import annotations

import httpx
import pytest

NOTHING, PLAN, ALL = "2024-01-01", "2024-03-06", "2030"
PATHS = [
    "/entities",
    "/entities/Hallen%20Air%20Base",
    "/id/facility/hallen-air-base",
    "/neighbourhood?entity=Hallen%20Air%20Base",
    "/paths?source=Marta%20Lindqvist&target=Norland",
    "/search?q=Hallen",
    "/evidence?entity=Hallen%20Air%20Base",
    "/contradictions",
    "/documents",
    "/queries/entity-facts?entity=Hallen%20Air%20Base",
    "/dump/facts.nt",
]


def as_of(path: str, day: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}as_of={day}"


@pytest.mark.parametrize("path", PATHS)
def test_every_read_takes_a_day(client: httpx.Client, path: str) -> None:
    headers = {"Accept": "application/json"} if path != "/dump/facts.nt" else {}
    whole, then = client.get(path, headers=headers), client.get(as_of(path, PLAN), headers=headers)
    assert whole.status_code == then.status_code == 200
    if not path.startswith("/paths"):
        assert whole.content != then.content
    nothing = client.get(as_of(path, NOTHING), headers=headers)
    if nothing.status_code == 404:
        assert "published by 2024-01-01" in nothing.json()["detail"]
    else:
        assert nothing.status_code == 200
        assert b"Hallen Air Base" not in nothing.content


def test_what_is_no_day_is_refused(client: httpx.Client) -> None:
    found = client.get("/entities?as_of=lately")
    assert found.status_code == 400
    assert "YYYY-MM-DD" in found.json()["detail"]


def test_sparql_of_a_day(client: httpx.Client) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?document a kg:Document }"

    def count(**more: str) -> int:
        found = client.get("/sparql", params={"query": query, **more}).raise_for_status().json()
        return int(found["results"]["bindings"][0]["n"]["value"])

    assert 0 < count(as_of="2024-03-06") < count()
    headers = {"Content-Type": "application/sparql-query"}
    posted = client.post("/sparql", params={"as_of": "2024-03-06"}, content=query, headers=headers).json()
    assert int(posted["results"]["bindings"][0]["n"]["value"]) == count(as_of="2024-03-06")
    assert client.get("/sparql", params={"query": query, "as_of": "soon"}).status_code == 400


def test_pages_of_a_day_say_so_and_lead_to_pages_of_that_day(client: httpx.Client) -> None:
    html = {"Accept": "text/html"}
    found = client.get(as_of("/id/facility/hallen-air-base", PLAN), headers=html)
    assert "Only what was published by 2024-03-06" in found.text
    assert 'href="/id/place/nd?as_of=2024-03-06"' in found.text
    assert 'href="/style.css"' in found.text
    assert (
        "?as_of" not in client.get("/id/facility/hallen-air-base", headers=html).text.partition("<main>")[2]
    )


@pytest.mark.parametrize("ending", ["text/turtle", "application/json"])
def test_linked_data_of_a_day(client: httpx.Client, ending: str) -> None:
    path = as_of("/id/facility/hallen-air-base", PLAN)
    assert "Hallen Air Base" in client.get(path, headers={"Accept": ending}).text
    assert client.get(as_of(path, NOTHING).replace(PLAN, NOTHING).split("&")[0]).status_code == 404


def test_contradictions_as_data_table_and_page(client: httpx.Client) -> None:
    found = client.get("/contradictions?kind=denied").json()
    assert (found["total"], found["items"][0]["kind"], found["items"][0]["settled"]) == (1, "denied", None)
    table = client.get("/contradictions.csv").text
    assert table.count("\r\n") == 3
    page = client.get("/contradictions", headers={"Accept": "text/html"}).text
    assert "Said and denied" in page
    assert "Open: no later document takes a side." in page
    assert client.get("/contradictions.json", headers={"Accept": "text/html"}).json()["total"] == 2
    assert client.get("/contradictions?kind=quarrel").status_code == 400


def test_offices_and_differences(client: httpx.Client) -> None:
    found = client.get("/offices?body=Norland&on=2024-03-05").json()
    assert [h["person"]["label"] for h in found["items"][0]["holders"]] == ["Marta Lindqvist"]
    page = client.get("/offices?body=Norland", headers={"Accept": "text/html"}).text
    assert "First attested" in page
    person = client.get("/id/person/lindqvist-marta", headers={"Accept": "text/html"}).text
    assert "<h2>Offices</h2>" in person
    assert "Minister of Defense, Norland" in person.partition("<h2>Offices</h2>")[2]
    changed = client.get("/diff?from=2024-03-01&to=2024-03-06").json()
    assert changed["totals"]["documents"] == 1
    assert "What changed" in client.get("/diff?from=2024-03-01", headers={"Accept": "text/html"}).text
    assert client.get("/diff?from=2024-03-06&to=2024-03-01").status_code == 400
    assert client.get("/diff").status_code in (400, 422)

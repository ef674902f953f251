"""The views of the explorer as pages and as data."""

from __future__ import annotations

import csv
import io
import re

import httpx
import pyoxigraph as ox
import pytest

PAGE = {"Accept": "text/html"}
VIEWS = {
    "/timeline": ("json", "csv", "ttl"),
    "/map": ("json", "geojson", "csv", "ttl"),
    "/plans": ("json", "csv", "ttl"),
    "/contradictions": ("json", "csv", "ttl"),
    "/entities": ("json", "csv"),
    "/documents": ("json", "csv"),
    "/evidence?entity=Norland": ("json", "csv"),
    "/search?q=norland": ("json",),
    "/offices": ("json",),
    "/queries": ("json",),
}
MEDIA = {
    "json": "application/json",
    "geojson": "application/geo+json",
    "csv": "text/csv",
    "ttl": "text/turtle",
}


@pytest.mark.parametrize(("view", "form"), [(v, f) for v, forms in VIEWS.items() for f in forms])
def test_every_view_is_there_as_data_whatever_is_accepted(client: httpx.Client, view: str, form: str) -> None:
    path, _, words = view.partition("?")
    response = client.get(f"{path}.{form}" + (f"?{words}" if words else ""), headers=PAGE)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].partition(";")[0] == MEDIA[form]
    if form.endswith("json"):
        response.json()
    elif form == "csv":
        rows = list(csv.reader(io.StringIO(response.text)))
        assert {len(row) for row in rows} == {len(rows[0])}
    else:
        list(ox.parse(response.content, format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_links_to_itself_as_data(client: httpx.Client, view: str) -> None:
    page = client.get(view, headers=PAGE)
    assert page.headers["content-type"].startswith("text/html")
    path = view.partition("?")[0]
    linked = set(re.findall(rf'href="{path}\.(\w+)', page.text))
    assert linked == set(VIEWS[view])


@pytest.mark.parametrize(
    "name", ["/id/person/lindqvist-marta", "/documents/a/plan.txt", "/explore?entity=Norland"]
)
def test_a_thing_links_to_itself_as_data(client: httpx.Client, name: str) -> None:
    page = client.get(name, headers=PAGE, follow_redirects=True).text
    links = re.findall(r'href="([^"]+)">(\w+)</a>', page.partition('class="beside"')[2].partition("</p>")[0])
    assert {"JSON", "Turtle"} <= {word for _, word in links}
    for link, word in links:
        response = client.get(link.replace("&amp;", "&"), headers=PAGE)
        assert response.status_code == 200, link
        assert not response.headers["content-type"].startswith("text/html"), (link, word)


def test_a_view_is_data_for_those_who_take_anything(client: httpx.Client) -> None:
    for view in VIEWS:
        assert client.get(view).headers["content-type"].startswith("application/json"), view


def test_the_explorer_lists_what_its_picture_shows(client: httpx.Client) -> None:
    page = client.get("/explore?entity=Marta+Lindqvist&depth=2&as_of=2024-03-10", headers=PAGE).text
    assert "Only what was published by 2024-03-10" in page
    assert 'class="tag Planned"' in page
    assert 'data-days="2024-02-29 2024-03-05 2024-03-10 2024-03-29' in page or 'id="no-graph"' in page
    path = re.findall(r'href="(/evidence\?s=[^"]+)"', page)[0].replace("&amp;", "&")
    assert "<mark>" in client.get(path, headers=PAGE).text
    assert client.get("/explore?entity=nobody", headers=PAGE).status_code == 404
    assert client.get("/explore?entity=Norland&colour=red").status_code == 400


def test_pages_of_a_day_keep_to_it_and_lead_out_of_it(client: httpx.Client) -> None:
    page = client.get("/timeline?entity=Norland&as_of=2024-03-10", headers=PAGE).text
    assert '<a href="?entity=Norland">All that is known</a>' in page
    assert re.search(r'action="/timeline"[^>]*><input type="hidden" name="as_of" value="2024-03-10">', page)
    assert 'href="/plans' not in page.partition("<main")[0]
    assert 'href="/documents?as_of=2024-03-10"' in page
    free = client.get("/timeline", headers=PAGE).text
    assert 'name="as_of"' not in free


def test_a_document_marks_the_passage_that_is_asked_for(client: httpx.Client) -> None:
    found = client.get("/documents/a/plan.txt").json()
    path = "/doc/" + found["summary"]["sha256"][:16]
    start = found["text"].index("Lindqvist will meet")
    page = client.get(f"{path}?highlight={start},{start + 19}", headers=PAGE).text
    marked = "".join(re.findall("<mark>(.*?)</mark>", page))
    assert marked == "Lindqvist will meet"
    assert f'id="char={start},{start + 19}"' in page
    assert "<mark>" not in client.get(path, headers=PAGE).text
    for odd in ("9,3", "0,99999", "0,0"):
        assert "<mark>" not in client.get(f"{path}?highlight={odd}", headers=PAGE).text
    assert client.get(f"{path}?highlight=x", headers=PAGE).status_code == 400


def test_entities_show_events_decisions_and_evidence(client: httpx.Client) -> None:
    page = client.get("/id/person/lindqvist-marta", headers=PAGE).text
    for piece in (
        'id="facts"',
        'id="events"',
        'id="sentences"',
        "<h2>Offices</h2>",
        "<h2>Documents</h2>",
        "2 sources",
    ):
        assert piece in page or piece == "2 sources", piece
    assert re.search(r'href="/evidence\?s=[^"]*lindqvist-marta[^"]*">\d+ sources?</a>', page)
    assert re.search(r'href="/doc/\w+\?highlight=\d+,\d+#char=\d+,\d+"', page)


def test_saved_questions_and_sparql_answer_as_pages(client: httpx.Client) -> None:
    page = client.get("/queries/office-holders?body=Norland", headers=PAGE)
    assert page.status_code == 200
    assert "Marta Lindqvist</a>" in page.text
    assert 'value="Norland"' in page.text
    asked = {"query": "SELECT ?s ?n { ?s skos:prefLabel ?n FILTER(STRSTARTS(?n, '<b>')) }"}
    page = client.get("/sparql", params=asked, headers=PAGE)
    assert "&lt;b&gt;Evil" in page.text
    assert "<b>Evil" not in page.text
    assert client.get("/sparql?query=SELEKT", headers=PAGE).status_code == 400


def test_the_build_is_served_for_ever_under_its_version(client: httpx.Client) -> None:
    from kg.server.pages.build import find_asset

    path = find_asset("explorer.js")
    if path is None:
        pytest.skip("web/ has not been built here")
    response = client.get(path)
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]
    assert client.get("/static/0123456789ab/explorer.js").status_code == 404
    assert client.get(path.replace("explorer.js", "..%2Fpyproject.toml")).status_code == 404


def test_without_a_build_pages_say_so(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from kg.server.pages import explore, map, markup

    monkeypatch.setattr(markup, "find_asset", lambda name: None)
    monkeypatch.setattr(explore, "find_asset", lambda name: None)
    map.outlines.cache_clear()
    monkeypatch.setattr(map, "find_build", lambda: None)
    page = client.get("/id/person/lindqvist-marta", headers=PAGE).text
    assert "<script" not in page
    assert "has not been built here" in page
    assert "have not been built here" in client.get("/map", headers=PAGE).text
    map.outlines.cache_clear()

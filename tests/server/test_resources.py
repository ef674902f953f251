from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from types import ModuleType

import httpx
import networkx
import pyoxigraph as ox
import pytest
import rdflib

MARTA = "person:lindqvist-marta"


def test_a_neighbourhood_by_any_name_in_any_format(client: httpx.Client) -> None:
    found = client.get(
        "/neighbourhood", params={"entity": "Marta Lindqvist", "depth": 2, "evidence": "full"}
    ).json()
    assert (
        found == client.get("/neighbourhood", params={"entity": MARTA, "depth": 2, "evidence": "full"}).json()
    )
    assert all(e["claims"] and e["claims"][0]["quote"] for e in found["edges"])
    edges = {(e["source"], e["target"]) for e in found["edges"]}
    for form in ("node-link", "graphml", "cytoscape"):
        response = client.get("/neighbourhood", params={"entity": MARTA, "depth": 2, "format": form})
        assert response.status_code == 200
        if form == "graphml":
            graph = networkx.read_graphml(io.BytesIO(response.content))
            assert set(graph.edges()) == edges
        elif form == "node-link":
            assert set(networkx.node_link_graph(response.json(), edges="edges").edges()) == edges
        else:
            assert {
                (e["data"]["source"], e["data"]["target"]) for e in response.json()["elements"]["edges"]
            } == edges
    response = client.get("/neighbourhood", params={"entity": MARTA, "format": "turtle"})
    assert response.headers["content-type"].startswith("text/turtle")
    assert len(rdflib.Graph().parse(data=response.text, format="turtle")) > 0
    assert client.get("/neighbourhood", params={"entity": MARTA, "format": "png"}).status_code == 400


@pytest.mark.parametrize("entity", ["Marta Lindqvist", MARTA, "Wide Union", "Norland"])
@pytest.mark.parametrize("limit", [3, 12, 200])
def test_the_short_way_gives_what_the_route_gives(client: httpx.Client, entity: str, limit: int) -> None:
    asked = {"entity": entity, "depth": 3, "limit": limit}
    short = client.get("/neighbourhood", params=asked)
    # a parameter that the short way leaves to the route, and that changes nothing
    whole = client.get("/neighbourhood", params={**asked, "min_confidence": 0})
    assert short.json() == whole.json()
    assert len(short.content) < len(whole.content)  # one is written in a line, so both ways were gone
    assert short.headers["content-type"] == whole.headers["content-type"]
    full = client.get("/neighbourhood", params={**asked, "evidence": "full"}).json()
    assert [e["claim_count"] for e in full["edges"]] == [e["claim_count"] for e in short.json()["edges"]]
    assert all(len(e["claims"]) == min(e["claim_count"], 20) for e in full["edges"])
    other = client.get("/neighbourhood", params=asked, headers={"Origin": "https://elsewhere.example"})
    assert other.headers["access-control-allow-origin"] == "*"
    assert client.head("/neighbourhood", params=asked).content == b""


def test_measures_are_those_of_what_is_shown(client: httpx.Client) -> None:
    asked = {"entity": "Wide Union", "limit": 40, "measures": "degree,pagerank,community,betweenness"}
    found = client.get("/neighbourhood", params=asked).json()
    centre = next(n for n in found["nodes"] if n["hops"] == 0)
    assert centre["measures"]["degree"] == centre["measures"]["betweenness"] == 1
    assert sum(n["measures"]["pagerank"] for n in found["nodes"]) == pytest.approx(1, abs=1e-4)
    assert {n["measures"]["community"] for n in found["nodes"]} >= {0}
    for form in ("graphml", "gexf", "cytoscape", "node-link"):
        response = client.get("/neighbourhood", params={**asked, "format": form})
        assert response.status_code == 200
        assert b"pagerank" in response.content
    assert client.get("/neighbourhood", params={**asked, "measures": "fame"}).status_code == 400


def test_paths_beside_the_shortest(client: httpx.Client) -> None:
    asked = {"source": "Marta Lindqvist", "target": "Hallen Air Base"}
    found = client.get("/paths", params={**asked, "k": 4}).json()
    alone = client.get("/paths", params=asked).json()
    assert alone["others"] == []
    assert {**found, "others": []} == alone
    hops = [found["hops"], *(other["hops"] for other in found["others"])]
    assert len(hops) > 1
    assert hops == sorted(hops)
    assert all(e["claims"][0]["quote"] for route in (found, *found["others"]) for e in route["edges"])
    bare = client.get("/paths", params={**asked, "evidence": "count"}).json()
    assert not any(e["claims"] for e in bare["edges"])


def test_a_limit_that_cuts_is_said(client: httpx.Client) -> None:
    found = client.get("/neighbourhood", params={"entity": "Wide Union", "limit": 5}).json()
    assert len(found["nodes"]) == 5
    assert found["cut"][0]["left_out"] == 28


def test_unknown_and_ambiguous_names_are_not_guessed(client: httpx.Client) -> None:
    response = client.get("/neighbourhood", params={"entity": "Brandt"})
    assert response.status_code == 409
    assert {c["label"] for c in response.json()["candidates"]} == {"Ida Brandt", "Ole Brandt"}
    response = client.get("/entities/Marta%20Lindkvist")
    assert response.status_code == 404
    assert response.json()["near"][0]["label"] == "Marta Lindqvist"


@pytest.mark.parametrize(
    "path",
    [
        f"/entities/{MARTA}",
        "/entities/Marta%20Lindqvist",
        "/entities/https%3A%2F%2Fkg.example%2Fid%2Fperson%2Flindqvist-marta",
        "/entities/https://kg.example/id/person/lindqvist-marta",
    ],
)
def test_a_card_by_curie_name_or_iri(client: httpx.Client, path: str) -> None:
    card = client.get(path).json()
    assert (card["curie"], card["label"]) == (MARTA, "Marta Lindqvist")
    assert card["facts_out"][0]["object"]["label"] == "Minister of Defense, Norland"


def test_entities_are_searched_and_filtered(client: httpx.Client) -> None:
    found = client.get("/entities", params={"q": "BRÁNDT", "type": "Person"}).json()
    assert [h["label"] for h in found["items"]] == ["Ole Brandt", "Ida Brandt"]
    page = client.get("/entities", params={"type": "Country", "limit": 5, "offset": 5}).json()
    assert len(page["items"]) == 5
    assert page["total"] == 31
    assert client.get("/search", params={"q": "denied"}).json()["sentences"][0]["document"][
        "identifiers"
    ] == ["outcome.txt"]


def test_evidence_of_an_entity_a_statement_a_claim(client: httpx.Client) -> None:
    about = client.get("/evidence", params={"entity": "Hallen Air Base"}).json()
    assert about["total"] == 2
    said = client.get(
        "/evidence", params={"s": "Marta Lindqvist", "p": "holdsOffice", "o": "Minister of Defense, Norland"}
    ).json()
    assert said["items"][0]["passages"][0]["quote"].startswith("Norland’s Defense Minister")
    one = client.get("/evidence", params={"claim": said["items"][0]["curie"]}).json()
    assert one["items"] == said["items"]
    dated = client.get("/evidence", params={"p": "date", "o": "2024-04"}).json()
    assert dated["items"][0]["modality"] == "Planned"
    for wrong in ({}, {"entity": "Norland", "s": "Norland"}, {"claim": "x", "p": "date"}):
        assert client.get("/evidence", params=wrong).status_code == 400
    assert client.get("/evidence", params={"claim": "claim:none"}).status_code == 404


def test_contradictions_show_both_sentences(client: httpx.Client) -> None:
    found = client.get("/contradictions", params={"entity": "Hallen Air Base"}).json()
    quotes = {p["passages"][0]["quote"] for item in found["items"] for p in (item["one"], item["other"])}
    assert quotes == {
        "Hallen Air Base near Portal City is run by Norland.",
        "It denied that Norland runs Hallen Air Base.",
    }


def test_documents_by_identifier_key_and_iri(client: httpx.Client) -> None:
    listed = client.get("/documents").json()
    assert listed["total"] == 7
    for document in listed["items"]:
        for written in (
            document["identifiers"][0],
            document["sha256"][:16],
            document["iri"],
            document["curie"],
        ):
            response = client.get(f"/documents/{httpx.URL(path=written).raw_path.decode().lstrip('/')}")
            assert response.status_code == 200, written
            page = response.json()
            assert page["summary"] == document
            for m in page["mentions"]:
                assert page["text"][m["start"] : m["end"]] == m["text"]
    assert client.get("/documents/none.txt").status_code == 404


def test_paths_over_http(client: httpx.Client) -> None:
    found = client.get("/paths", params={"source": "Marta Lindqvist", "target": "Hallen Air Base"}).json()
    assert found["hops"] == 3
    assert all(e["claims"] for e in found["edges"])


@pytest.mark.parametrize("name", ["all", "all.txt", "some.ttl", "all.ttl.zip", ".ttl", "all.ttl.gz.gz"])
def test_dumps_that_do_not_exist(client: httpx.Client, name: str) -> None:
    response = client.get(f"/dump/{name}")
    assert response.status_code == 404
    assert "want one of all, facts, claims, mentions" in response.json()["detail"]


def test_a_dump_that_nobody_reads_to_the_end_lets_go(client: httpx.Client) -> None:
    for _ in range(3):
        with client.stream("GET", "/dump/all.nt") as response:
            next(response.iter_raw(10))
    assert client.get("/readyz").status_code == 200


def test_only_so_many_dumps_at_once(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.server.dumps.MOST_DUMPS", 1)
    going, may_end = threading.Event(), threading.Event()

    def wait(*_: object) -> Iterator[bytes]:
        going.set()
        may_end.wait(20)
        yield b"done"

    monkeypatch.setattr("kg.server.dumps._stream", wait)
    monkeypatch.setattr("kg.server.dumps._SMALL", 0)
    monkeypatch.setattr("kg.server.dumps.find_kept", lambda *_: None)
    ended: list[httpx.Response] = []
    first = threading.Thread(target=lambda: ended.append(client.get("/dump/all.nt")))
    first.start()
    try:
        assert going.wait(20)
        refused = client.get("/dump/facts.nt")
        assert refused.status_code == 503
        assert refused.json()["type"] == "/docs#busy"
        assert int(refused.headers["retry-after"]) > 0
    finally:
        may_end.set()
        first.join(20)
    assert [r.text for r in ended] == ["done"]
    assert client.get("/dump/facts.nt").text == "done"


LINKED = {
    "/id/person/lindqvist-marta": "Marta Lindqvist",
    "/claim/{claim}": "It denied that Norland runs Hallen Air Base.",
    "/doc/{doc}": "It denied that Norland runs Hallen Air Base.",
    "/def": "holdsOffice",
}


@pytest.mark.parametrize("path", LINKED)
@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/html", "text/html"),
        ("*/*", "text/html"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/json", "application/json"),
        ("image/png", "application/problem+json"),
    ],
)
def test_iris_open_by_content_negotiation(client: httpx.Client, path: str, accept: str, wanted: str) -> None:
    claims = client.get("/contradictions", params={"entity": "Hallen Air Base"}).json()["items"][0]
    claim = next(c for c in (claims["one"], claims["other"]) if c["modality"] == "Denied")
    url = path.format(claim=claim["iri"].rsplit("/", 1)[1], doc=claim["document"]["iri"].rsplit("/", 1)[1])
    response = client.get(url, headers={"Accept": accept})
    assert response.headers["content-type"].partition(";")[0] == wanted
    if wanted == "application/problem+json":
        assert response.status_code == 406
        return
    assert response.status_code == 200
    assert response.headers["vary"].lower().count("accept") >= 1
    if wanted in ("text/html", "application/json"):
        assert LINKED[path] in (
            response.text if wanted == "text/html" else json.dumps(response.json(), ensure_ascii=False)
        )
    else:
        form = ox.RdfFormat.from_media_type(wanted)
        assert form is not None
        assert list(ox.parse(response.content, format=form))


def test_provisional_iris_lead_to_the_canonical_one(client: httpx.Client) -> None:
    response = client.get("/id/person/lindqvist.b")
    assert (response.status_code, response.headers["location"]) == (307, "/id/person/lindqvist-marta")
    assert client.get("/id/person/nobody").status_code == 404
    assert client.get("/id/person/a%20b").status_code == 404
    assert client.get("/doc/0000000000000000").status_code == 404


def test_pages_lead_from_lists_to_things(client: httpx.Client) -> None:
    page = {"Accept": "text/html"}
    response = client.get("/entities/Norland", headers=page)
    assert (response.status_code, response.headers["location"]) == (303, "/id/place/nd")
    response = client.get("/documents/rival.txt", headers=page)
    assert response.headers["location"].startswith("/doc/")
    assert '<a href="/id/place/nd">Norland</a>' in client.get("/entities?q=norland", headers=page).text
    text = client.get("/entities?limit=5", headers=page).text
    assert 'href="/entities?limit=5&amp;offset=5"' in text


def test_text_of_documents_cannot_act_on_pages(client: httpx.Client, asked_world: ModuleType) -> None:
    evil = asked_world.EVIL
    page = {"Accept": "text/html"}
    paths = [evil.iri.removeprefix("https://kg.example"), "/entities", "/search?q=evil", "/documents", "/"]
    document = next(
        d for d in client.get("/documents").json()["items"] if d["identifiers"] == ["<img src=x>.txt"]
    )
    paths.append("/doc/" + document["sha256"][:16])
    claim = client.get("/evidence", params={"entity": evil.iri}).json()["items"][0]["iri"]
    paths.append(claim.removeprefix("https://kg.example"))
    for path in paths:
        text = client.get(path, headers=page).text
        for tag in ("<script>", "<b>Evil", "<i>title", "<u>someone", "<img"):
            assert tag not in text, (path, tag)
    text = client.get(paths[0], headers=page).text
    assert "&lt;b&gt;Evil&lt;/b&gt; &amp; &quot;Sons&quot;" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in client.get(paths[-2], headers=page).text


def test_a_document_page_links_every_mention_and_passage(client: httpx.Client) -> None:
    found = client.get("/documents/a/plan.txt").json()
    page = client.get("/doc/" + found["summary"]["sha256"][:16]).text
    for m in found["mentions"]:
        assert f">{m['text']}</a>" in page
    for iri in found["claims"]:
        assert f'id="{iri.partition("#")[2]}"' in page


def test_the_front_page_says_what_is_inside_and_what_to_try(client: httpx.Client) -> None:
    page = client.get("/").text
    assert "7 documents" in page
    for path in ("/neighbourhood?entity=", "/evidence?entity=", "/contradictions"):
        assert path in page


def test_every_link_of_the_front_page_opens(client: httpx.Client) -> None:
    import html
    import re

    links = {html.unescape(x) for x in re.findall(r'href="(/[^"]*)"', client.get("/").text)}
    assert len(links) > 10
    for link in sorted(links):
        response = client.get(link, headers={"Accept": "text/html, */*;q=0.1"}, follow_redirects=True)
        assert response.status_code == 200, (link, response.text[:300])


def test_every_example_of_the_api_works_on_the_seeds(seed_client: httpx.Client) -> None:
    from kg.server.pages.api import example_path

    description = seed_client.get("/openapi.json").json()
    tried = 0
    for path, methods in description["paths"].items():
        example = example_path(path, methods["get"]) if "get" in methods else None
        if example is not None:
            response = seed_client.get(example)
            assert response.status_code == 200, (example, response.text[:300])
            tried += 1
    assert tried >= 12


def test_every_saved_question_answers_in_every_format(seed_client: httpx.Client) -> None:
    questions = seed_client.get("/queries").json()
    assert len(questions) >= 8
    for question in questions:
        response = seed_client.get(question["example"])
        assert response.status_code == 200, (question["name"], response.text)
        if response.headers["content-type"] == "application/sparql-results+json":
            joint = "&" if "?" in question["example"] else "?"
            for form in ("csv", "tsv", "xml"):
                assert seed_client.get(f"{question['example']}{joint}format={form}").status_code == 200
        wrong = seed_client.get(f"/queries/{question['name']}?colour=red")
        assert wrong.status_code == 400
        assert "colour" in wrong.json()["detail"]
    assert seed_client.get("/queries/none").status_code == 404

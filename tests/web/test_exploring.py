"""What people do with the explorer, in a real browser, on the seeds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.usefixtures("built")
Open = Callable[..., Any]

#: How it is put that someone takes part in a meeting, for each such edge.
MEETINGS = """() => [...document.querySelector(".workspace").kgPlaces().keys()]
  .map((k) => k.split("\\u001f"))
  .filter((p) => p[1] === "kg:participant" && p[0].includes("/event/meeting"))
  .map((p) => p[3])"""
OFFICES = """() => [...document.querySelector(".workspace").kgPlaces().keys()]
  .filter((k) => k.includes("/office/") && !k.includes("\\u001f"))"""
OFFICE = "Minister of Defense, Japan"


def ready(page: Page, day: str = "all") -> tuple[int, int]:
    """(things, edges) of the picture once it shows `day`."""
    place = page.locator(".workspace")
    expect(place).to_have_attribute("data-ready", re.compile(rf"^{day} "))
    said = place.get_attribute("data-ready") or ""
    _, nodes, edges = said.split(" ")
    return int(nodes), int(edges)


def edge_at(page: Page, predicate: str, modality: str = "Asserted") -> dict[str, float]:
    """Where an edge of the relation is drawn, from the page's upper left corner."""
    found: dict[str, float] | None = page.evaluate(
        """([predicate, modality]) => {
          const place = document.querySelector(".workspace");
          const box = place.querySelector(".canvas").getBoundingClientRect();
          for (const [id, at] of place.kgPlaces()) {
            const parts = id.split("\\u001f");
            if (parts[1] === predicate && parts[3] === modality) return { x: at.x + box.x, y: at.y + box.y };
          }
          return null;
        }""",
        [predicate, modality],
    )
    assert found is not None
    return found


def node_at(page: Page, iri: str) -> dict[str, float]:
    found: dict[str, float] | None = page.evaluate(
        """(iri) => {
          const place = document.querySelector(".workspace");
          const box = place.querySelector(".canvas").getBoundingClientRect();
          const at = place.kgPlaces().get(iri);
          return at === undefined ? null : { x: at.x + box.x, y: at.y + box.y };
        }""",
        iri,
    )
    assert found is not None
    return found


def test_from_a_search_to_the_sentence_in_its_document(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url)
    page = one.go("/")
    one.shoot("start", whole=True)
    box = page.locator(".hero input")
    box.press_sequentially("naka", delay=15)
    page.get_by_role("option", name="Gen Nakatani Person").wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/id/person/gen-nakatani")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gen Nakatani")
    before, _ = ready(page)
    one.shoot("entity")

    # A double click brings the neighbours of a thing.
    (office,) = page.evaluate(OFFICES)
    at = node_at(page, office)
    page.mouse.dblclick(at["x"], at["y"])
    expect(page.locator(".pane h2")).to_have_text(OFFICE)
    expect(page.locator(".workspace")).not_to_have_attribute("data-ready", re.compile(rf"^all {before} "))
    after, _ = ready(page)
    assert after > before
    assert "open=office%3A" in page.url

    # A click on an edge opens its sentence, and a link the document where it stands.
    at = edge_at(page, "kg:holdsOffice")
    page.mouse.click(at["x"], at["y"])
    expect(page.locator(".pane h2")).to_contain_text("holds office")
    mark = page.locator(".pane blockquote mark").first
    expect(mark).to_contain_text("Nakatani")
    sentence = " ".join(mark.inner_text().split())
    one.shoot("evidence")
    page.locator(".pane blockquote a.source").first.click()
    page.wait_for_url("**/doc/*")
    marked = " ".join("".join(page.locator(".text mark").all_inner_texts()).split())
    assert marked == sentence
    expect(page.locator(".text mark").first).to_be_in_viewport()
    one.shoot("document")


def test_every_edge_has_its_sentences(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url)
    page = one.go("/explore?entity=Gen+Nakatani")
    _, edges = ready(page)
    page.get_by_text(f"All {edges} edges as a list").click()
    buttons = page.locator(".pane .edges button")
    assert buttons.count() == edges
    for i in range(edges):
        buttons.nth(i).click()
        expect(page.locator(".pane blockquote mark").first).to_be_visible()
        page.evaluate("() => history.length")
        page.locator(".canvas .kg-graph").press("Escape")
        page.get_by_text(f"All {edges} edges as a list").click()


def test_the_slider_redraws_what_was_known(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url)
    page = one.go("/explore?entity=Gen+Nakatani&as_of=2025-03-14")
    ready(page, "2025-03-14")
    before = page.evaluate(MEETINGS)
    assert before
    assert set(before) == {"Planned"}
    one.shoot("slider-before")

    slider = page.get_by_label("Known when")
    slider.focus()
    for _ in range(16):
        slider.press("ArrowRight")
    ready(page)
    after = page.evaluate(MEETINGS)
    assert "Asserted" in after
    assert "as_of" not in page.url
    one.shoot("slider-after")

    slider.press("Home")
    ready(page, "2025-02-10")
    expect(page.locator(".canvas .word")).to_contain_text("Nothing was published by 10 February 2025")


def test_a_link_opened_afresh_shows_the_same(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url)
    page = one.go("/explore?entity=Gen+Nakatani")
    ready(page)
    page.get_by_label("planned", exact=True).uncheck(force=True)
    at = edge_at(page, "kg:holdsOffice")
    page.mouse.click(at["x"], at["y"])
    expect(page.locator(".pane blockquote mark").first).to_be_visible()
    words = parse_qs(urlsplit(page.url).query)
    assert words["hide"] == ["Planned"]
    assert words["edge"][0].startswith("person:gen-nakatani kg:holdsOffice")
    heading, shown = page.locator(".pane h2").inner_text(), ready(page)

    other = visit(seeds_url)
    again = other.go(page.url.removeprefix(seeds_url))
    assert ready(again) == shown
    expect(again.locator(".pane h2")).to_have_text(heading)
    expect(again.locator(".pane blockquote mark").first).to_be_visible()


def test_the_keyboard_reaches_nodes_edges_and_sentences(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url)
    page = one.go("/id/person/gen-nakatani")
    before, _ = ready(page)
    graph = page.get_by_role("application")
    graph.focus()
    graph.press("ArrowRight")
    expect(page.locator(".pane h2")).to_have_text("Gen Nakatani")
    graph.press("ArrowLeft")
    expect(page.locator(".pane h2")).not_to_have_text("Gen Nakatani")
    graph.press(".")
    expect(page.locator(".pane blockquote mark").first).to_be_visible()
    graph.press("Enter")
    expect(page.locator(".workspace")).not_to_have_attribute("data-ready", re.compile(rf"^all {before} "))
    graph.press("Escape")
    expect(page.locator(".pane h2")).to_contain_text("Click an edge")


def test_sparql_is_edited_run_and_shared(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url)
    page = one.go("/sparql")
    page.locator(".editor[data-ready]").wait_for()
    editor = page.get_by_role("textbox", name="SPARQL query")
    editor.press("Control+a")
    editor.press("Backspace")  # typing over a selection, Chromium itself tries to write an inline style
    editor.press_sequentially("SELECT ?p { ?p kg:holdsOffice ?o } ORDER BY ?p LIMIT 2")
    editor.press("Escape")
    editor.press("Control+Enter")
    page.wait_for_url("**/sparql?query=*")
    rows = page.locator("main table tbody tr")
    expect(rows).to_have_count(2)
    one.shoot("sparql")
    csv = page.get_by_role("link", name="CSV", exact=True).get_attribute("href")
    assert csv is not None
    assert page.request.get(seeds_url + csv).text().startswith("p\r\n")

    page.locator(".editor[data-ready]").wait_for()
    editor = page.get_by_role("textbox", name="SPARQL query")
    editor.press("Control+a")
    editor.press("Backspace")  # typing over a selection, Chromium itself tries to write an inline style
    editor.press_sequentially("SELEKT")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_be_visible()

    page.get_by_text("Who holds which office").click()
    form = page.locator('form[action="/queries/office-holders"]')
    form.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/queries/office-holders*")
    expect(page.locator("main table")).to_contain_text("Gen Nakatani")


def test_conflicts_stand_side_by_side(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url)
    page = one.go("/contradictions")
    sides = page.locator(".pair").first.locator(".sides > section")
    expect(sides).to_have_count(2)
    for i in range(2):
        expect(sides.nth(i).locator("blockquote mark").first).to_be_visible()
    one.shoot("contradictions", whole=True)
    page.get_by_role("link", name="Slipped plans").click()
    moved = page.locator(".pair", has_text="2 days earlier")
    expect(moved).to_contain_text("April 2025")
    expect(moved).to_contain_text("30 March 2025")
    one.shoot("plans", whole=True)


def test_a_document_opened_at_a_passage_marks_it(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url)
    page = one.go("/documents")
    page.get_by_role("link", name=re.compile("Nakatani, Hegseth Agree")).click()
    passage = page.locator(".claims-of a.source").nth(3)
    wanted = " ".join(passage.inner_text().split()).rstrip("…")
    passage.click()
    shown = "() => [...CSS.highlights.get('passage')].map((r) => r.toString()).join('').replace(/\\s+/g, ' ')"
    assert page.evaluate(shown).startswith(wanted)
    expect(page.locator(".claims-of li[aria-current]")).to_have_count(1)
    # The fragment alone, as the graph has it in its IRIs, is enough.
    start, end = re.findall(r"char=(\d+),(\d+)", page.url)[0]
    other = visit(seeds_url)
    again = other.go(urlsplit(page.url).path + f"#char={start},{end}")
    again.wait_for_function("CSS.highlights.has('passage')")
    assert again.evaluate(shown).startswith(wanted)
    expect(again.locator(".text a", has_text="Nakatani").first).to_have_class("Person")


def test_the_colours_can_be_chosen(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url, color_scheme="dark")
    page = one.go("/id/person/gen-nakatani")
    ready(page)
    ground = "() => getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(15, 17, 20)"
    one.shoot("entity-dark")
    page.get_by_role("button", name="Use light colours").click()
    assert page.evaluate(ground) == "rgb(247, 246, 243)"
    page.reload()
    assert page.evaluate(ground) == "rgb(247, 246, 243)"


PHONE = {"viewport": {"width": 375, "height": 760}, "has_touch": True, "is_mobile": True}


def test_nothing_is_wider_than_a_phone(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url, **PHONE)
    for name, path in (
        ("start", "/"),
        ("entity", "/id/person/gen-nakatani"),
        ("timeline", "/timeline"),
        ("map", "/map"),
        ("plans", "/plans"),
        ("offices", "/offices"),
        ("sparql", "/sparql"),
        ("queries", "/queries"),
        ("data", "/data"),
        ("search", "/search?q=Japan"),
    ):
        page = one.go(path)
        if name == "entity":
            ready(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 375, path
        one.shoot(f"phone-{name}")


def test_all_of_it_works_below_a_path(visit: Open, below_url: str) -> None:
    one = visit(below_url)
    page = one.go("/graph/explore?entity=Gen+Nakatani")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    ready(page)
    at = edge_at(page, "kg:holdsOffice")
    page.mouse.click(at["x"], at["y"])
    page.locator(".pane blockquote a.source").first.click()
    expect(page.locator(".text mark").first).to_be_visible()
    page.locator(".find input").press_sequentially("hegs", delay=15)
    page.get_by_role("option", name="Pete Hegseth Person").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pete Hegseth")
    ready(page)
    assert [path for path in asked if not path.startswith("/graph/")] == []

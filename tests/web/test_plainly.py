"""The pages without scripts, with hostile content, and for everybody: what holds whatever the browser does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

Open = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[2]
LOOKED_FOR = (
    "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations'] }"
)
VIEWS = (
    "/",
    "/entities",
    "/id/person/gen-nakatani",
    "/id/office/minister-of-defense-japan",
    "/explore?entity=Gen+Nakatani&depth=2",
    "/documents",
    "/timeline",
    "/map",
    "/offices",
    "/contradictions",
    "/plans",
    "/evidence?entity=Gen+Nakatani",
    "/search?q=Japan",
    "/sparql?query=SELECT+%2A+%7B+%3Fs+kg%3AholdsOffice+%3Fo+%7D",
    "/queries",
    "/data",
    "/docs",
    "/def",
    "/nowhere",
)


def test_without_scripts_all_is_readable(visit: Open, seeds_url: str) -> None:
    one = visit(seeds_url, java_script_enabled=False)
    page = one.go("/")
    page.locator(".hero input").fill("Nakatani")
    page.locator(".hero button").click()
    page.get_by_role("link", name="Gen Nakatani", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gen Nakatani")
    expect(page.locator(".facts")).to_contain_text("Minister of Defense, Japan")
    for heading in ("Offices", "Events", "Sentences", "Documents"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.locator("#no-graph")).to_be_visible()
    expect(page.locator(".workspace")).to_be_hidden()
    one.shoot("no-script-entity", whole=True)
    page.locator(".facts .why").first.click()
    page.locator("blockquote mark").first.wait_for()
    sentence = page.locator("blockquote mark").first.inner_text()
    page.locator("blockquote a.source").first.click()
    assert "".join(page.locator(".text mark").all_inner_texts()).split() == sentence.split()
    page = one.go("/explore?entity=Gen+Nakatani&as_of=2025-03-14")
    expect(page.locator("#list")).to_contain_text("Planned")
    expect(page.locator(".notice").first).to_contain_text("Only what was published by 2025-03-14")
    page = one.go("/map")
    expect(page.locator(".map svg a.spot").first).to_be_visible()


def test_names_and_texts_stay_text(visit: Open, hostile_url: str) -> None:
    one = visit(hostile_url)
    page = one.go("/entities?limit=50")
    paths = page.evaluate("() => [...document.querySelectorAll('main table a')].map((a) => a.pathname)")
    assert len(paths) >= 5
    views = [*paths, "/documents", "/search?q=joined", "/", "/timeline", "/map"]
    documents = page.request.get(hostile_url + "/documents.json").json()["items"]
    views += ["/doc/" + d["sha256"][:16] for d in documents]
    for path in views:
        page = one.go(path)
        assert page.title() != "taken"
        assert page.evaluate("() => document.querySelectorAll('main script, main b b, main img').length") == 0
        # No page carries a long name more than once or twice, and none runs out of the window.
        assert len(page.content()) < 1_500_000, path
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 1280, path
    page = one.go("/explore?entity=Wide+Union")
    expect(page.locator(".workspace")).to_have_attribute("data-ready", re.compile("^all "))
    page.get_by_text("edges as a list").click()
    for button in page.locator(".pane .edges button").all():
        assert len(button.inner_text()) < 400
    one.shoot("hostile")


def test_the_whole_of_a_long_name_can_be_read(visit: Open, hostile_url: str) -> None:
    one = visit(hostile_url)
    page = one.go("/entities/" + quote("https://kg.example/id/org/long", safe=""))
    heading = page.get_by_role("heading", level=1)
    assert len(heading.inner_text()) > 100_000
    box = heading.bounding_box()
    assert box is not None
    assert box["height"] < 300


def test_direction_marks_do_not_leave_their_name(visit: Open, hostile_url: str) -> None:
    one = visit(hostile_url)
    page = one.go("/entities?limit=50")
    # What follows a turned name in the same line stands where it would after any other.
    listed = one.go("/explore?entity=Wide+Union")
    expect(listed.locator(".workspace")).to_have_attribute("data-ready", re.compile("^all "))
    listed.get_by_text("edges as a list").click()
    button = listed.locator(".pane .edges button", has_text="nopaew")
    order = """(button) => [...button.children].map((e) => [e.tagName, e.getBoundingClientRect().x])"""
    places = dict(reversed(button.evaluate(order)))
    assert places["BDI"] < places["EM"]
    assert button.locator("bdi").last.evaluate("(e) => e.textContent") == "Wide Union"
    assert button.locator("bdi").last.bounding_box()["x"] > button.locator("em").bounding_box()["x"]  # type: ignore[index]
    page = one.go("/entities?limit=50")
    row = page.locator("tr", has_text="nopaew")
    assert row.locator("a").evaluate("(a) => getComputedStyle(a).unicodeBidi") == "isolate"
    cells = row.locator("td")
    name, kind = cells.nth(0).bounding_box(), cells.nth(1).bounding_box()
    assert name is not None
    assert kind is not None
    assert name["x"] < kind["x"]


@pytest.mark.parametrize("path", VIEWS)
def test_axe_finds_no_serious_fault(one_page: Any, path: str) -> None:
    axe = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not axe.is_file():
        pytest.skip("axe-core is not there: web/ has not been built here")
    page = one_page.go(path)
    page.emulate_media(color_scheme="light")
    if page.locator(".workspace").count():
        expect(page.locator(".workspace")).to_have_attribute("data-ready", re.compile("."))
    if page.locator(".editor").count():
        page.locator(".editor[data-ready]").wait_for()
    page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate(f"() => axe.run(document, {LOOKED_FOR})")
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(
        "() => axe.run(document, { runOnly: ['color-contrast'], resultTypes: ['violations'] })"
    )
    serious = [
        (v["id"], n["target"], n.get("failureSummary"))
        for v in (*found["violations"], *dark["violations"])
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"][:3]
    ]
    assert serious == []

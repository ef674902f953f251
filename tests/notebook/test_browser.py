"""The notebooks in a real JupyterLab, in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from kg.errors import MissingExtra
from kg.notebook.widget import find_script

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "out" / "screenshots"
OPTIONS = ("--no-sandbox", "--disable-gpu", "--force-prefers-reduced-motion")
WAIT = 60_000  # milliseconds


def missing(reason: str) -> None:
    """Skip, or fail where nothing may be skipped."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"{reason}, and CI is set: these tests must run there")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebooks and what they read, in a place of their own."""
    place = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "seeds", place / "seeds")
    shutil.copytree(ROOT / "notebooks", place / "notebooks")
    for path in (place / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        if path.stem == "explore":
            said = (
                'print("chosen", around.selected["predicate"], len(around.claims), len(around.data["nodes"]))'
            )
            notebook.cells.append(new_code_cell(said, id="last"))
        nbformat.write(notebook, path)
    return place


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab in that folder."""
    settings = folder / "settings"
    given = {
        name: str(settings / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
    }
    given |= {f"JUPYTERLAB_{name}_DIR": str(settings / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
    tracker = Path(given["JUPYTERLAB_SETTINGS_DIR"]) / "@jupyterlab" / "notebook-extension"
    tracker.mkdir(parents=True)
    # all cells are drawn, also those out of sight
    (tracker / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}', encoding="utf-8")
    given["JUPYTER_RUNTIME_DIR"] = str(settings / "runtime")
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ip=127.0.0.1",
        "--port=0",
        "--allow-root",
    ]
    command += ["--ServerApp.token=t", f"--ServerApp.root_dir={folder}", "--LabApp.news_url="]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with (folder / "lab.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | given, stdout=log, stderr=log)
        try:
            yield _address(process, folder / "lab.log")
        finally:
            process.terminate()
            process.wait(20)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))
        if found is not None:
            return found[0]
        assert process.poll() is None, log.read_text("utf-8")
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text('utf-8')}")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """The system's Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        missing("no chromium on this machine")
    try:
        find_script()
    except MissingExtra as error:
        missing(str(error))
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(OPTIONS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: object) -> Iterator[object]:
    opened = browser.new_page(viewport={"width": 1300, "height": 1000})  # type: ignore[attr-defined]
    opened.set_default_timeout(WAIT)
    yield opened
    SHOTS.mkdir(parents=True, exist_ok=True)
    opened.screenshot(path=SHOTS / "jupyterlab-last.png")
    opened.close()


def run_all(page: object, address: str, name: str) -> None:
    """Open a notebook, run all its cells, wait until the last one has run."""
    from playwright.sync_api import Page

    assert isinstance(page, Page)
    page.goto(f"{address}/lab/tree/notebooks/{name}?token=t")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def test_exploring_in_jupyterlab(page: object, lab: str) -> None:
    from playwright.sync_api import Page, expect

    assert isinstance(page, Page)
    run_all(page, lab, "explore.ipynb")
    last = page.locator(".jp-Notebook .jp-CodeCell").last
    expect(last.locator(".jp-InputPrompt")).to_contain_text(re.compile(r"\[\d+\]"), timeout=WAIT)
    widget = page.locator(".kg-widget")
    widget.scroll_into_view_if_needed()
    page.wait_for_function("box => box.places().length > 4", arg=widget.element_handle())
    SHOTS.mkdir(parents=True, exist_ok=True)
    places = widget.evaluate("box => box.places()")
    edges = {name: at for name, at in places if "\x1f" in name}
    nodes = {name: at for name, at in places if "\x1f" not in name}
    assert len(nodes) > 4
    held = next(at for name, at in edges.items() if "holdsOffice" in name)
    stage = widget.locator(".kg-widget-stage")
    stage.click(position={"x": held["x"], "y": held["y"]})
    expect(widget.locator("blockquote").first).to_contain_text("Nakatani")
    widget.screenshot(path=SHOTS / "jupyterlab-edge.png")
    office = next(at for name, at in nodes.items() if "/office/" in name)
    last.click()
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_text(re.compile(r"chosen kg:holdsOffice [1-9]\d* \d+"))).to_be_visible()
    before = int(page.get_by_text(re.compile(r"^chosen")).last.inner_text().split()[-1])
    widget.scroll_into_view_if_needed()
    stage.dblclick(position={"x": office["x"], "y": office["y"]})
    expect(widget.locator(".kg-widget-panel")).not_to_contain_text(f"{before} nodes")
    page.wait_for_function(
        "([box, n]) => box.places().length > n", arg=[widget.element_handle(), len(places)]
    )
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    expect(widget).to_have_attribute("data-theme", "dark")
    page.screenshot(path=SHOTS / "jupyterlab-explore.png")
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() <= 1
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count() == 0


def test_own_documents_in_jupyterlab(page: object, lab: str) -> None:
    from playwright.sync_api import Page, expect

    assert isinstance(page, Page)
    run_all(page, lab, "own-documents.ipynb")
    last = page.locator(".jp-Notebook .jp-CodeCell").last
    expect(last.locator(".jp-InputPrompt")).to_contain_text(re.compile(r"\[\d+\]"), timeout=WAIT)
    page.screenshot(path=SHOTS / "jupyterlab-own.png")
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count() == 0

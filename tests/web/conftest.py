"""A browser, and servers of the seeds and of hostile documents."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from kg.server.app import create_app
from kg.server.pages.build import find_build
from kg.server.running import bind, url_of
from kg.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "out" / "screenshots"
OPTIONS = ("--no-sandbox", "--disable-gpu", "--force-prefers-reduced-motion")
Open = Callable[..., "Visit"]


def missing(reason: str) -> None:
    """Skip, or fail where nothing may be skipped."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"{reason}, and CI is set: these tests must run there")
    pytest.skip(reason)


@contextmanager
def serving(store: Path, settings: Settings | None = None) -> Iterator[str]:
    listening: socket.socket = bind("127.0.0.1", 0)
    config = uvicorn.Config(
        create_app(store, settings), log_level="critical", access_log=False, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield url_of(listening)
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        missing("no chromium on this machine (scripts/install-system installs it)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(OPTIONS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def built() -> None:
    """That web/ was built; tests that need it are skipped where it was not."""
    if find_build() is None:
        missing("web/ has not been built (Node 20.19 or newer; scripts/install web)")


@pytest.fixture(scope="session")
def seeds_url(seed_store: Path) -> Iterator[str]:
    """The address of a server of the seeds."""
    with serving(seed_store) as url:
        yield url


TAG = "<script>document.title = 'taken'</script>"
TURNED = "Gaz\u202eexe.nopaew\u202d \u2067Base"
LONG = "Very " + "long" * 25_000
QUOTED = 'O\'Neil "the & <b>bold</b>"'


def hostile(world: ModuleType) -> list[object]:
    """Documents whose names, titles and IRIs try to be something else than text."""
    from kg.model import Entity
    from kg.terms import entity_iri

    w = world.w
    union = world.UNION
    named = (
        ("Facility", "tag", TAG),
        ("Facility", "turned", TURNED),
        ("Organization", "long", LONG),
        ("Person", "o'neil&x=%22%3E(a)", QUOTED),
    )
    found = []
    for kind, slug, name in named:
        entity = Entity(entity_iri(kind, slug), kind, None, (name,))
        text = f"{name} joined the Wide Union. {TAG}"
        found.append(
            w.make(
                f"{slug.replace('%', '')}.txt",
                text,
                [(entity.iri, "memberOf", union.iri, w.A, text)],
                issued="2024-05-02",
                mentions=[(name, entity.iri), ("Wide Union", union.iri)],
                entities=[union, entity],
                title=f"{TAG} {name[:300]}",
                attribution=TURNED,
            )
        )
    return [world.hostile(), *found]


@pytest.fixture(scope="session")
def below_url(seed_store: Path) -> Iterator[str]:
    """The address of a server of the seeds whose paths begin with /graph."""
    with serving(seed_store, load_settings({"KG_ROOT_PATH": "/graph"})) as url:
        yield url


@pytest.fixture(scope="session")
def hostile_url(asked_world: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of documents that try to break the pages."""
    store = tmp_path_factory.mktemp("hostile") / "store"
    asked_world.build(store, hostile(asked_world))
    with serving(store) as url:
        yield url


class Visit:
    """A page in a browser that must say nothing on its console and ask no other server."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _said(self, message: ConsoleMessage) -> None:
        # A browser reports each answer of 400 and above, also those that the page expects.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, address: str) -> None:
        if (
            not address.startswith(("data:", "blob:"))
            and urlsplit(address).netloc != urlsplit(self.url).netloc
        ):
            self.elsewhere.append(address)

    def go(self, path: str) -> Page:
        """Open a path of the server."""
        self.page.goto(self.url + path)
        return self.page

    def shoot(self, name: str, *, whole: bool = False) -> None:
        """Keep a picture of the page in out/screenshots."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=whole)


@pytest.fixture(scope="session")
def one_page(browser: Browser, seeds_url: str) -> Iterator[Visit]:
    """A page that one test after the other takes somewhere else."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    yield Visit(context, seeds_url)
    context.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens pages; at the end none of them may have complained or asked another server."""
    visits: list[Visit] = []
    contexts: list[BrowserContext] = []

    def opened(url: str, **options: object) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        visits.append(Visit(context, url))
        return visits[-1]

    yield opened
    for context in contexts:
        context.close()
    assert [c for v in visits for c in v.complaints] == []
    assert [a for v in visits for a in v.elsewhere] == []

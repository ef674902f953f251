"""HTML pages: the main text by trafilatura; date, title and address as the page's own metadata state them."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from configparser import ConfigParser
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import trafilatura
from trafilatura.settings import DEFAULT_CONFIG

from kg.documents.dates import find_date
from kg.documents.encoding import decode_text
from kg.errors import DocumentError

# https://ogp.me, https://www.dublincore.org/specifications/dublin-core/dcmi-terms, Google Scholar's
# citation_*, and what publishing systems write; the first that states a day wins. Dates of change are not
# dates of issue.
_DATE_META = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "citation_publication_date",
    "citation_date",
    "citation_online_date",
    "prism.publicationdate",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.date",
    "dc.date",
    "dc.date.created",
    "dcterms.created",
    "datepublished",
    "date_published",
    "publishdate",
    "publish-date",
    "publish_date",
    "publicationdate",
    "publication_date",
    "publication-date",
    "published_date",
    "pubdate",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "article.published",
    "date",
)
_TITLE_META = ("og:title", "citation_title", "dc.title", "dcterms.title", "twitter:title")
_ARTICLE_TYPES = ("Article", "Report", "Posting", "WebPage", "GovernmentService", "LegalDoc", "Announcement")
_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^<>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-](0[1-9]|1[0-2])[/-](0[1-9]|[12]\d|3[01])(?:/|-|\b)")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^<>]*\?>")
_CLOSERS = "\"'”’)]"
_STOPS = frozenset(".!?…。")
_WORD = re.compile(r"\w")
# A full stop ends a sentence, not a menu's "p. 2", if a word begins at least so many code points before it.
_SHORTEST_SENTENCE = 21
# Below this trafilatura takes a page's text without its line breaks; see `_extract`.
_SHORT = 250
_MOST_LINKED = 0.6


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML page's main text, and the date, title and address that its metadata state."""

    text: str
    issued: str | None
    title: str | None
    source: str | None


def read_page(data: bytes, where: str) -> Page:
    """The page in `data`: paragraphs, headings and list entries of its main text are lines.

    Raises `DocumentError` with `where` for a page without a main text: empty, all menu, or built by a script.
    """
    declared = _CHARSET.search(data[:4096])
    markup = _XML_DECLARATION.sub(
        "", decode_text(data, where, declared[1].decode("ascii") if declared else None)
    )
    tree = trafilatura.load_html(markup) if markup.strip() else None
    if tree is None:
        raise DocumentError(f"{where}: not an HTML page, or an empty one")
    linked = sum(len(_text_of(link)) for link in tree.iter("a"))
    stated = _read_metadata(tree)
    text = _extract(markup)
    if not text.strip():
        raise DocumentError(f"{where}: no main text found in the page")
    if not _has_sentence(text) and linked > _MOST_LINKED * len(" ".join(text.split())):
        raise DocumentError(f"{where}: no main text found in the page, only links and menus")
    return Page(text, *stated)


def _has_sentence(text: str) -> bool:
    """Whether a line ends like a sentence; takes time in proportion to the text."""
    for line in text.split("\n"):
        told = line.rstrip().rstrip(_CLOSERS)
        if told and told[-1] in _STOPS and _WORD.search(told[:-_SHORTEST_SENTENCE]):
            return True
    return False


@lru_cache(maxsize=2)
def _config(smallest: int) -> ConfigParser:
    config = deepcopy(DEFAULT_CONFIG)
    config["DEFAULT"]["MIN_EXTRACTED_SIZE"] = str(smallest)
    config["DEFAULT"]["EXTRACTION_TIMEOUT"] = "0"
    assert isinstance(config, ConfigParser)
    return config


def _extract(markup: str) -> str:
    """The main text, or "".

    A short one is taken for a failure and replaced by the whole page on one line, unless the least size is
    lowered; the replacement is only wanted where it brings far more.
    """
    text = _main_text(markup, 1)
    if len(text) < _SHORT:
        whole = _main_text(markup, _SHORT)
        if len(whole) > 4 * len(text):
            return whole
    return text


def _main_text(markup: str, smallest: int) -> str:
    text = trafilatura.extract(
        markup, include_comments=False, include_tables=True, include_links=False, config=_config(smallest)
    )
    return str(text) if text else ""


def _read_metadata(tree: Any) -> tuple[str | None, str | None, str | None]:
    """(issued, title, source) as the page states them."""
    meta = dict(reversed(list(_meta_values(tree))))
    linked = list(_linked_data(tree))
    source = _first_text(tree, "//link[@rel='canonical']/@href") or meta.get("og:url")
    source = source if source and re.match(r"https?://\S+\Z", source) else None
    issued = _first_date(
        *(node.get("datePublished") for node in linked),
        *(meta.get(name) for name in _DATE_META),
        *_time_elements(tree),
    )
    if issued is None and source:
        day = _URL_DAY.search(source)
        issued = find_date("-".join(day.groups())) if day else None
    title = next((meta[name] for name in _TITLE_META if meta.get(name)), None)
    title = title or _only_text(tree, "//h1") or _only_text(tree, "//head/title")
    return issued, title, source


def _meta_values(tree: Any) -> Iterator[tuple[str, str]]:
    for node in tree.iter("meta"):
        content = " ".join((node.get("content") or "").split())
        for key in ("property", "name", "itemprop"):
            name = (node.get(key) or "").strip().lower()
            if name and content:
                yield name, content


def _linked_data(tree: Any) -> Iterator[dict[str, str]]:
    """The text fields of the page's articles in JSON-LD (https://schema.org/Article), in order."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            content = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        pending = deque([content])
        while pending:
            node = pending.popleft()
            if isinstance(node, list):
                pending.extendleft(reversed(node))
            elif isinstance(node, dict):
                if any(part in str(node.get("@type", "")) for part in _ARTICLE_TYPES):
                    yield {k: v for k, v in node.items() if isinstance(k, str) and isinstance(v, str)}
                pending.extend(node[key] for key in ("@graph", "mainEntity") if key in node)


def _time_elements(tree: Any) -> Iterator[str]:
    """What elements marked as the date of publication say; the one ``<time>`` of an article is that, too."""
    for node in tree.xpath("//*[@itemprop='datePublished' or @pubdate or @property='datePublished']"):
        yield node.get("datetime") or node.get("content") or _text_of(node)
    times = [node.get("datetime") for node in tree.xpath("(//article | //main)//time[@datetime]")]
    days = {day for day in (find_date(value) for value in times if value) if day}
    if len(days) == 1:
        yield days.pop()


def _first_date(*values: str | None) -> str | None:
    return next((day for day in (find_date(value) for value in values if value) if day), None)


def _first_text(tree: Any, path: str) -> str | None:
    found = tree.xpath(path)
    return str(found[0]).strip() if found else None


def _only_text(tree: Any, path: str) -> str | None:
    found = tree.xpath(path)
    return (_text_of(found[0]) or None) if len(found) == 1 else None


def _text_of(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())

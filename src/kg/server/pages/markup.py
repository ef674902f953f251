"""HTML in which every value is escaped unless it is HTML already, and the frame of every page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from html import escape
from pathlib import Path
from urllib.parse import quote

from kg.server.pages.build import find_asset
from kg.terms import parse_passage

_FIELD = re.compile(r"\{(\w+)\}")
_ISOLATE = re.compile("[\u2066-\u2069]")
_HUMP = re.compile(r"([a-z\d])([A-Z])")

#: Characters of a name that a list or a link shows; the thing's own page has all of them.
MOST_SHOWN = 140
_MOST_TITLE = 1000
_PLACES = (
    ("/entities", "Entities"),
    ("/documents", "Documents"),
    ("/timeline", "Timeline"),
    ("/map", "Map"),
    ("/offices", "Offices"),
    ("/contradictions", "Conflicts"),
    ("/sparql", "Ask"),
    ("/data", "Data"),
)
_MAIN = '<main id="main" tabindex="-1">'
#: Links to what a day has another answer for.
_DATED = re.compile(
    r'href="(/(?:id|doc|claim|entities|documents|search|explore|neighbourhood|evidence|contradictions|plans|timeline'
    r'|map|offices|queries)(?:\.(?:csv|json|ttl))?(?:/[^"?#]*)?)(\?[^"#]*)?(#[^"]*)?"'
)
#: Forms that ask for one of these; that of the explorer has a field for the day itself.
_ASKING = re.compile(r'<form[^>]* action="/(?:entities|search|timeline|offices|queries)[^"]*"[^>]*>')
_TITLE = 120

#: Three things, two of them joined for certain, one by a plan.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#12365c"/>'
    '<path d="M10 22 16 9" stroke="#fff" stroke-width="2.2"/>'
    '<path d="M10 22h13" stroke="#ffc46b" stroke-width="2.2" stroke-dasharray="3 2.4"/>'
    '<circle cx="16" cy="9" r="4" fill="#fff"/><circle cx="10" cy="22" r="4" fill="#8ab8f0"/>'
    '<circle cx="23" cy="22" r="4" fill="#ffc46b"/></svg>'
)


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(template: str, **values: object) -> Html:
    """`template` with each ``{name}`` replaced by its value, escaped unless it is `Html`; None is empty."""
    return Html(_FIELD.sub(lambda m: as_html(values[m[1]]), template))


def as_html(value: object) -> Html:
    """`value` as HTML: escaped unless it is `Html`; None is empty."""
    if isinstance(value, Html):
        return value
    return Html("" if value is None else escape(contain(str(value)), quote=True))


def verbatim(text: str) -> Html:
    """`text`, escaped, with every character that it has: where positions in it count."""
    return Html(escape(text, quote=True))


def contain(text: str) -> str:
    """`text` without a mark that turns the direction of what comes after it (UAX #9, isolates X5a to X6a).

    An element keeps embeddings to itself, but an isolate that is left open, or a mark that ends one too many, would
    get out of it.

    >>> contain("a\u2067b") == "a\u2067b\u2069", contain("a\u2069b")
    (True, 'ab')
    """
    if _ISOLATE.search(text) is None:
        return text
    kept: list[str] = []
    depth = 0
    for character in text:
        if character in "\u2066\u2067\u2068":
            depth += 1
        elif character == "\u2069":
            if depth == 0:
                continue
            depth -= 1
        kept.append(character)
    return "".join(kept) + "\u2069" * depth


def join(parts: Iterable[Html | str], separator: str = "") -> Html:
    """`parts` one after the other, each escaped unless it is `Html`."""
    return Html(as_html(Html(separator)).join(as_html(p) for p in parts))


def local_path(iri: str, base: str) -> str | None:
    """The path under which this server shows the instance `iri`, or None if it is not one of ours."""
    if not iri.startswith(base):
        return None
    path, mark, fragment = iri[len(base) :].partition("#")
    if not path.startswith(("id/", "doc/", "claim/")):
        return None
    return "/" + quote(path, safe="/:@!$'()*+,;=~") + (mark + quote(fragment, safe="=,") if mark else "")


def link(iri: str, label: str, base: str) -> Html:
    """A link to the page of `iri`; to the outside only over http, and plain text for anything else."""
    path = local_path(iri, base)
    if path is not None:
        return html('<a href="{path}"{full}>{label}</a>', path=path, full=_full(label), label=shorten(label))
    if iri.startswith(("http://", "https://")):
        return html(
            '<a href="{iri}" rel="nofollow noopener noreferrer"{full}>{label}</a>',
            iri=iri,
            full=_full(label),
            label=shorten(label),
        )
    return bdi(label)


def passage_link(iri: str, label: str, base: str) -> Html:
    """A link to a passage in its document, where the server marks it; anything else as `link` has it."""
    path = local_path(iri, base)
    parsed = parse_passage(iri)
    if path is None or parsed is None:
        return link(iri, label, base)
    before, _, fragment = path.partition("#")
    span = parsed[1]
    return html(
        '<a class="source" href="{before}?highlight={start},{end}#{fragment}">{label}</a>',
        before=before,
        start=span.start,
        end=span.end,
        fragment=fragment,
        label=shorten(label),
    )


def bdi(text: str, most: int = MOST_SHOWN) -> Html:
    """`text` kept to itself in its direction, in at most `most` characters; the rest when pointed at."""
    return html("<bdi{full}>{text}</bdi>", full=_full(text, most), text=shorten(text, most))


def shorten(text: str, most: int = MOST_SHOWN) -> str:
    """`text` in at most `most` characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _full(text: str, most: int = MOST_SHOWN) -> Html:
    return html(' title="{text}"', text=shorten(text, _MOST_TITLE)) if len(text) > most else Html("")


def in_words(name: str) -> str:
    """The name of a relation or class in words: ``holdsOffice`` is "holds office".

    >>> in_words("InternationalOrganization")
    'International organization'
    """
    return _HUMP.sub(lambda m: f"{m[1]} {m[2].lower()}", name)


@lru_cache(maxsize=1)
def read_style() -> str:
    """The style sheet of all pages."""
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def page(title: str, body: Html, *, here: str = "", wide: bool = False) -> str:
    """A whole page; `here` is the place of the navigation that it belongs to, a `wide` one takes the whole window."""
    places = join(
        html(
            '<a href="{path}"{current}>{label}</a>',
            path=path,
            current=Html(' aria-current="page"') if path == here else "",
            label=label,
        )
        for path, label in _PLACES
    )
    return html(
        '<!DOCTYPE html>\n<html lang="en" data-root="/">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<title>{title}</title>\n{head}'
        '<link rel="icon" href="/icon.svg" type="image/svg+xml">\n</head>\n<body{wide}>\n'
        '<a class="skip" href="#main">Skip to content</a>\n<header class="top">\n'
        '<a class="brand" href="/">kg<span> knowledge graph</span></a>\n'
        '<form class="find" action="/search" method="get" role="search"><input name="q" type="search" required '
        'maxlength="500" aria-label="Search names and sentences" placeholder="Search names and sentences" '
        'autocomplete="off"><button>Search</button></form>\n'
        '<button class="theme" type="button" hidden>Theme</button>\n'
        '<nav aria-label="Main">{places}</nav>\n</header>\n'
        "{main}\n{body}\n</main>\n"
        '<footer><a href="/queries">Questions</a> <a href="/def">Vocabulary</a> <a href="/docs">API</a> '
        "<span>Every fact opens the sentence it was read from.</span></footer>\n"
        "</body>\n</html>\n",
        title=f"{shorten(title, _TITLE)} · kg" if title else "kg",
        head=_head(),
        wide=Html(' class="wide"') if wide else "",
        places=places,
        main=Html(_MAIN),
        body=body,
    )


def _head() -> Html:
    lines = [Html('<link rel="stylesheet" href="/style.css">\n')]
    if fonts := find_asset("fonts.css"):
        lines.append(html('<link rel="stylesheet" href="{path}">\n', path=fonts))
    if theme := find_asset("theme.js"):
        lines.append(html('<script src="{path}"></script>\n', path=theme))
    if script := find_asset("explorer.js"):
        lines.append(html('<script type="module" src="{path}"></script>\n', path=script))
    return join(lines)


def beside(forms: Sequence[tuple[str, str]]) -> Html:
    """Links to the same as data: (name of the form, path)."""
    links = join(html(' <a href="{path}">{name}</a>', path=path, name=name) for name, path in forms)
    return html('<p class="beside">This page as{links}</p>', links=links)


def as_of_day(text: str, day: date, all_known: str = "?") -> str:
    """The page `text`, which says that it shows what was published by `day`; its links and forms keep to that day.

    `all_known` is the address of the same without a day.
    """
    notice = html(
        '{main}\n<p class=notice>Only what was published by {day}. <a href="{all}">All that is known</a></p>',
        main=Html(_MAIN),
        all=all_known,
        day=day.isoformat(),
    )
    head, main, body = text.partition(_MAIN)
    return _kept(head, day) + (notice + _kept(body, day) if main else "")


def _kept(text: str, day: date) -> str:
    def keep(found: re.Match[str]) -> str:
        path, question, fragment = found[1], found[2] or "", found[3] or ""
        mark = "&amp;" if question else "?"
        return f'href="{path}{question}{mark}as_of={day.isoformat()}{fragment}"'

    def add(found: re.Match[str]) -> str:
        return f'{found[0]}<input type="hidden" name="as_of" value="{day.isoformat()}">'

    return _ASKING.sub(add, _DATED.sub(keep, text))

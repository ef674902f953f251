"""HTML in which every value is escaped unless it is HTML already."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from html import escape
from urllib.parse import quote

#: Links to what a day has another answer for.
_DATED = re.compile(
    r'href="(/(?:id|doc|claim|entities|documents|search|neighbourhood|evidence|contradictions(?:.csv)?|offices|queries)'
    r'(?:/[^"?#]*)?)(\?[^"#]*)?(#[^"]*)?"'
)
_FIELD = re.compile(r"\{(\w+)\}")


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
    return Html("" if value is None else escape(str(value), quote=True))


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
        return html('<a href="{path}">{label}</a>', path=path, label=label)
    if iri.startswith(("http://", "https://")):
        return html('<a href="{iri}" rel="nofollow noopener noreferrer">{label}</a>', iri=iri, label=label)
    return html("{label}", label=label)


def page(title: str, body: Html) -> str:
    """A whole page."""
    return html(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        '<link rel="stylesheet" href="/style.css">\n<link rel="icon" href="data:,">\n</head>\n<body>\n'
        '<header><nav><a href="/">Start</a> <a href="/entities">Entities</a> <a '
        'href="/documents">Documents</a> '
        '<a href="/offices">Offices</a> <a href="/contradictions">Contradictions</a> '
        '<a href="/queries">Questions</a> <a href="/sparql">SPARQL</a> <a href="/def">Vocabulary</a> '
        '<a href="/docs">API</a></nav>\n'
        '<form action="/search" method="get" role="search"><label>Search <input name="q" '
        'type="search" required></label> '
        "<button>Find</button></form></header>\n<main>\n{body}\n</main>\n</body>\n</html>\n",
        title=title,
        body=body,
    )


def as_of_day(text: str, day: date) -> str:
    """The page `text`, which says that it shows what was published by `day`, and whose links keep to that day."""
    notice = html(
        '<main>\n<p class=notice>Only what was published by {day}. <a href="?">All that is known</a></p>',
        day=day.isoformat(),
    )
    head, main, body = text.partition("<main>")
    return _kept(head, day) + (notice + _kept(body, day) if main else "")


def _kept(text: str, day: date) -> str:
    def keep(found: re.Match[str]) -> str:
        path, question, fragment = found[1], found[2] or "", found[3] or ""
        mark = "&amp;" if question else "?"
        return f'href="{path}{question}{mark}as_of={day.isoformat()}{fragment}"'

    return _DATED.sub(keep, text)


STYLE = """\
:root { color-scheme: light dark; --line: #8886; --soft: #8882; --accent: #0b63b0; }
@media (prefers-color-scheme: dark) { :root { --accent: #7ab8f5; } }
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 0 1rem 3rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 2rem; justify-content: space-between; padding: .8rem 0;
  border-bottom: 1px solid var(--line); }
nav a { margin-right: .8rem; }
a { color: var(--accent); }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin-top: 2rem; }
h3 { font-size: 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top;
  padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { overflow-wrap: break-word; }
code, pre, textarea { font: .9rem/1.4 ui-monospace, monospace; }
pre, .text { background: var(--soft); padding: .8rem; overflow-x: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; }
textarea { width: 100%; }
blockquote { border-left: .25rem solid var(--accent); margin: .5rem 0; padding: 0 0 0 .8rem; }
.muted, .context { opacity: .7; }
.tag { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .3rem;
  font-size: .85rem; } .boilerplate { opacity: .5; } :target { background: #fd04; }
.method { font-weight: bold; } .notice { background: #fd04; padding: .3rem .8rem; }
"""

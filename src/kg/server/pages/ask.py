"""The pages on which one asks: SPARQL, the saved questions as forms, and answers as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from urllib.parse import urlencode

from kg.server.pages.markup import Html, bdi, beside, html, join, link, page, verbatim
from kg.terms import compact

#: Rows of an answer that a page shows.
ROWS_SHOWN = 500
_INPUTS = {"date": "YYYY-MM-DD", "entity": "a name, alias, CURIE or IRI", "document": "its name or key"}


class Parameter(Protocol):
    """A parameter of a saved question as a page shows it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def type(self) -> str:
        """Its type."""

    @property
    def required(self) -> bool:
        """Whether it must be given."""

    @property
    def default(self) -> str | None:
        """What it is if it is not given."""

    @property
    def example(self) -> str:
        """A value that works on the seeds."""

    @property
    def help(self) -> str:
        """What it means."""


class Listed(Protocol):
    """A saved question as a page shows it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def summary(self) -> str:
        """What it asks."""

    @property
    def returns(self) -> str:
        """What it answers."""

    @property
    def parameters(self) -> Sequence[Parameter]:
        """What it can be asked for."""

    @property
    def example(self) -> str:
        """A path that asks it."""

    @property
    def sparql(self) -> str:
        """Its text."""


class Table(Protocol):
    """Rows to be shown: column → (IRI or None, text) of each; a cell may be missing."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns, in order."""

    @property
    def rows(self) -> Sequence[Mapping[str, tuple[str | None, str]]]:
        """The rows."""

    @property
    def total(self) -> int:
        """How many rows there are in all."""


def sparql_page(
    query: str,
    questions: Iterable[Listed],
    base: str,
    *,
    answer: Table | None = None,
    text: str | None = None,
    problem: str | None = None,
) -> str:
    """The page with an editor; under it the `answer` as a table or as `text`, or what is wrong."""
    return page(
        "Ask",
        html(
            '<header class="thing"><div><h1>Ask</h1><p class="lead">SPARQL 1.1 over the whole graph, read only; or one '
            "of the saved questions.</p></div></header>\n"
            '<div class="ask"><div><form action="/sparql" method="get"><div class="editor" data-language="sparql">'
            '<textarea name="query" rows="14" spellcheck="false" aria-label="SPARQL query">{query}</textarea></div>'
            '<p><button class="main">Run</button> <span class="muted small">Ctrl+Enter</span></p></form>\n'
            '{problem}{answer}{text}<p class="small muted">The prefixes of this graph (kg, person, office, org, fac, '
            'place, agr, ev, doc, claim, rdf, skos, xsd, dct) need no declaration. <a href="/def">What classes and '
            "relations there are</a>.</p></div>\n<aside><h2>Saved questions</h2>{questions}</aside></div>",
            query=verbatim(query),
            problem=html('<p class="notice" role="alert">{p}</p>', p=problem) if problem else "",
            answer=answer_table(answer, base, "/sparql", [("query", query)]) if answer is not None else "",
            text=html("<pre>{t}</pre>", t=text) if text is not None else "",
            questions=join(_question_form(q) for q in questions),
        ),
        here="/sparql",
    )


def questions_page(found: Iterable[Listed]) -> str:
    """The page of the saved questions."""
    items = join(
        html(
            '<section class="card"><h2>{summary}</h2>{form}<p class="small muted">{returns}</p>'
            '<p class="small"><a href="{example}">{example}</a></p>'
            "<details><summary>SPARQL</summary><pre>{sparql}</pre></details></section>\n",
            summary=q.summary,
            form=_fields(q),
            returns=q.returns,
            example=q.example,
            sparql=q.sparql,
        )
        for q in found
    )
    return page(
        "Saved questions",
        html(
            '<header class="thing"><div><h1>Saved questions</h1></div>{forms}</header><div class="cards">{items}</div>',
            forms=beside([("JSON", "/queries.json")]),
            items=items,
        ),
        here="/sparql",
    )


def question_page(question: Listed, answer: Table, asked: Mapping[str, str], base: str) -> str:
    """The answer of a saved question as a page."""
    words = [*asked.items()]
    return page(
        question.summary,
        html(
            '<p class="kicker"><a href="/queries">Saved questions</a></p><h1>{summary}</h1>\n{form}{answer}'
            '<p class="small muted">{returns}</p><details><summary>SPARQL</summary><pre>{sparql}</pre></details>',
            summary=question.summary,
            form=_fields(question, asked),
            answer=answer_table(answer, base, f"/queries/{question.name}", words),
            returns=question.returns,
            sparql=question.sparql,
        ),
        here="/sparql",
    )


def _question_form(question: Listed) -> Html:
    return html(
        '<details class="question"><summary>{summary}</summary>{form}<details><summary class="small">SPARQL</summary>'
        "<pre>{sparql}</pre></details></details>\n",
        summary=question.summary,
        form=_fields(question),
        sparql=question.sparql,
    )


def _fields(question: Listed, asked: Mapping[str, str] | None = None) -> Html:
    given = asked or {}
    return html(
        '<form class="fields" action="/queries/{name}" method="get">{fields}<button>Ask</button></form>\n',
        name=question.name,
        fields=join(
            html(
                '<label title="{help}">{name}{needed}<input name="{name}" value="{value}" placeholder="{hint}"'
                "{required}></label>",
                help=p.help,
                name=p.name,
                needed="" if p.required else " (optional)",
                value=given.get(p.name, p.example if p.required and asked is None else ""),
                hint=_INPUTS.get(p.type, p.example),
                required=Html(" required") if p.required else "",
            )
            for p in question.parameters
        ),
    )


def answer_table(answer: Table, base: str, path: str, asked: Sequence[tuple[str, str]]) -> Html:
    """The rows of an answer, IRIs as links, with the same as data beside it."""
    names = [("JSON", "json"), ("CSV", "csv"), ("TSV", "tsv"), ("XML", "xml")]
    forms = beside([(name, f"{path}?{urlencode([*asked, ('format', key)])}") for name, key in names])
    head = join(html("<th>{c}", c=c) for c in answer.columns)
    rows = join(
        html("<tr>{cells}</tr>\n", cells=join(_cell(row.get(c), base) for c in answer.columns))
        for row in answer.rows[:ROWS_SHOWN]
    )
    left = answer.total - min(len(answer.rows), ROWS_SHOWN)
    return html(
        '<section aria-label="Answer"><div class="thing"><p class="muted">{n}</p>{forms}</div>'
        '<div class="scroll" tabindex="0" role="region" aria-label="Rows"><table><thead><tr>{head}</tr></thead>'
        "<tbody>{rows}</tbody></table></div>{more}</section>\n",
        n=f"{answer.total} row{'' if answer.total == 1 else 's'}",
        forms=forms,
        head=head,
        rows=rows,
        more=html('<p class="muted">{n} more rows: take them as CSV.</p>', n=left) if left > 0 else "",
    )


def _cell(cell: tuple[str | None, str] | None, base: str) -> Html:
    if cell is None:
        return Html("<td></td>")
    iri, text = cell
    if iri is None:
        return html("<td>{t}</td>", t=bdi(text, 400))
    return html("<td>{a}</td>", a=link(iri, text if text != iri else compact(iri, base), base))

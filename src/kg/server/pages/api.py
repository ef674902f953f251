"""The API as a page, written from its OpenAPI description: it needs no script and loads nothing from
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from kg.server.pages.markup import Html, html, join, page

Json = Mapping[str, object]


def api_page(description: Json, problems: Sequence[tuple[str, int | None, str]]) -> str:
    """The page of an OpenAPI 3.1 description; `problems` are (slug, status, title) of the errors."""
    info = _object(description.get("info"))
    operations = join(
        _operation(path, method, _object(operation))
        for path, methods in _object(description.get("paths")).items()
        for method, operation in _object(methods).items()
    )
    errors = join(
        html(
            '<tr id="{slug}"><th>{slug}</th><td>{status}</td><td>{title}</td></tr>\n',
            slug=s,
            status=n,
            title=t,
        )
        for s, n, t in problems
    )
    return page(
        "API",
        html(
            '<h1>API</h1>\n<p>{about}</p>\n<p>The same as <a href="/openapi.json">OpenAPI</a>. HEAD '
            "is possible wherever "
            "GET is; unknown parameters are refused.</p>\n{operations}\n<h2>Errors</h2>\n<p>RFC 9457 "
            "problem documents, "
            "<code>application/problem+json</code>; their type is an anchor here.</p>\n"
            "<table><tr><th>Type<th>Status<th>Title</tr>\n{errors}</table>",
            about=info.get("description"),
            operations=operations,
            errors=errors,
        ),
    )


def example_path(path: str, operation: Json) -> str | None:
    """`path` with the examples of its parameters filled in; None if one has no example, or a token is wanted."""
    if operation.get("security"):
        return None
    words: list[tuple[str, str]] = []
    for entry in _list(operation.get("parameters")):
        parameter = _object(entry)
        example = find_example(parameter)
        name = str(parameter["name"])
        if parameter.get("in") == "path":
            if example is None:
                return None
            path = path.replace("{" + name + "}", quote(example, safe=""))
        elif parameter.get("in") == "query" and example is not None:
            words.append((name, example))
        elif parameter.get("required"):
            return None
    return path + (f"?{urlencode(words)}" if words else "")


def find_example(parameter: Json) -> str | None:
    """The first example of a parameter, or None."""
    schema = _object(parameter.get("schema"))
    for holder in (parameter, schema, *(_object(s) for s in _list(schema.get("anyOf")))):
        found = holder.get("examples")
        if isinstance(found, list) and found:
            return str(found[0])
        if "example" in holder:
            return str(holder["example"])
    return None


def _operation(path: str, method: str, operation: Json) -> Html:
    rows = join(_parameter(_object(p)) for p in _list(operation.get("parameters")))
    example = example_path(path, operation) if method == "get" else None
    return html(
        "<section><h2><span class=method>{method}</span> "
        "<code>{path}</code></h2>\n<p><strong>{summary}.</strong> {text}</p>\n"
        "{parameters}{example}</section>\n",
        method=method.upper(),
        path=path,
        summary=operation.get("summary"),
        text=operation.get("description"),
        parameters=html("<table><tr><th>Parameter<th>In<th>Type<th>Meaning</tr>\n{rows}</table>", rows=rows)
        if rows
        else "",
        example=html('<p>Try <a href="{e}"><code>{e}</code></a></p>', e=example) if example else "",
    )


def _parameter(parameter: Json) -> Html:
    schema = _object(parameter.get("schema"))
    kinds = [schema, *(_object(s) for s in _list(schema.get("anyOf")))]
    names = " or ".join(str(k["type"]) for k in kinds if k.get("type") not in (None, "null"))
    default = schema.get("default")
    notes = [
        "required" if parameter.get("required") else "",
        f"default {default}" if default not in (None, []) else "",
        *(
            f"{word} {k[key]}"
            for k in kinds
            for key, word in (("minimum", "from"), ("maximum", "to"))
            if key in k
        ),
    ]
    return html(
        "<tr><th>{name}</th><td>{place}</td><td>{kind}</td><td>{text} <span "
        "class=muted>{notes}</span></td></tr>\n",
        name=parameter.get("name"),
        place=parameter.get("in"),
        kind=names,
        text=parameter.get("description"),
        notes="; ".join(n for n in notes if n),
    )


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []

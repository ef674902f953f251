"""Everything a user can name is documented, links lead somewhere, and what README shows exists."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
_LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+(?:\([^()\s]*\))?)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def names_in(text: str) -> set[str]:
    """All that stands between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def page_id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))


def anchors(path: Path) -> set[str]:
    """The anchors that headings get where Markdown is rendered."""
    found = set()
    for heading in re.findall(r"^#+\s+(.+)$", _FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
        found.add(plain.strip().replace(" ", "-"))
    return found


def test_every_setting_is_documented_with_its_default() -> None:
    rows = {
        m[1]: m[2]
        for m in re.finditer(r"^\| `(KG_\w+)` \| `?([^`|]+?)`? \|", read("settings.md"), re.MULTILINE)
    }
    assert rows.keys() == {f"KG_{row.name.upper()}" for row in SETTINGS}
    for row in SETTINGS:
        default = str(row.default).lower() if isinstance(row.default, bool) else str(row.default)
        shown = f"{row.default:g}" if isinstance(row.default, float) else default
        assert rows[f"KG_{row.name.upper()}"] == (shown or "empty")
        line = next(x for x in read("settings.md").splitlines() if x.startswith(f"| `{row.variable}` |"))
        assert line.endswith("* |") == row.reload, f"{row.variable}: a star says that SIGHUP reads it anew"


def commands() -> dict[str, set[str]]:
    """Command (`build`, `gazetteer import`) → its long options."""
    import typer.main

    from kg.cli.commands import app

    def walk(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, set[str]]]:
        inner = getattr(command, "commands", None)
        if inner:
            for name, child in inner.items():
                yield from walk(child, (*path, name))
        elif not getattr(command, "hidden", False):
            params = getattr(command, "params", [])
            options = {o for p in params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")}
            yield " ".join(path), options - {"--help"}

    return dict(walk(typer.main.get_command(app), ()))


def test_every_command_and_option_is_documented() -> None:
    text = read("command-line.md")
    sections = dict(re.findall(r"^## `kg ([\w -]+)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    found = commands()
    assert sections.keys() == found.keys()
    everywhere = text[: text.index("\n## `kg")]
    missing = {
        name: sorted(
            o for o in options if f"{o}`" not in sections[name] + everywhere and f"{o} " not in sections[name]
        )
        for name, options in found.items()
    }
    assert {name: options for name, options in missing.items() if options} == {}


def test_every_endpoint_and_parameter_is_documented(seed_store: Path) -> None:
    from kg.server.app import create_app

    text = read("http.md")
    app = create_app(seed_store)
    paths = app.openapi()["paths"]
    assert "`/queries/{name}`" in text  # its operations are in queries.md
    assert [path for path in paths if f"`{path}`" not in text and f" {path}`" not in text] == []
    names = names_in(text)
    missing = [
        (path, parameter["name"])
        for path, operations in paths.items()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and parameter["name"] not in names
    ]
    assert missing == []


def test_every_saved_query_is_documented_with_its_parameters() -> None:
    from kg.catalog import load_catalog

    rows = re.findall(r"^\| `([\w-]+)` \| .* \| (.*) \|$", read("queries.md"), re.MULTILINE)
    documented = {name: names_in(parameters) for name, parameters in rows}
    queries = load_catalog().queries
    assert len(queries) >= 8
    assert documented == {name: {p.name for p in query.parameters} for name, query in queries.items()}


def test_every_class_and_relation_is_documented() -> None:
    import rdflib
    from rdflib.namespace import OWL, RDF

    graph = rdflib.Graph().parse(ROOT / "ontology" / "kg.ttl")
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    terms = {
        str(term).rpartition("#")[2]
        for kind in kinds
        for term in graph.subjects(RDF.type, kind)
        if str(term).startswith("https://kg.example/def#")
    }
    assert len(terms) > 80
    text = read("vocabulary.md")
    words = set(re.findall(r"\w+", " ".join(names_in(text))))
    assert sorted(terms - words) == []


def test_every_package_and_figure_page_is_reachable_from_the_readme() -> None:
    linked = {
        (path.parent / target.partition("#")[0]).resolve()
        for path in PAGES
        for target in _LINK.findall(without_code(path.read_text(encoding="utf-8")))
        if "://" not in target and target.partition("#")[0]
    }
    pages = {path.resolve() for path in DOCS.rglob("*") if path.suffix in (".md", ".svg", ".png")}
    assert sorted(map(page_id, pages - linked)) == []


@pytest.mark.parametrize("path", PAGES, ids=[page_id(path) for path in PAGES])
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for target in _LINK.findall(without_code(path.read_text(encoding="utf-8"))):
        if re.match(r"https?://|mailto:", target):
            continue
        name, _, anchor = target.partition("#")
        page = (path.parent / name).resolve() if name else path
        if not page.exists() or (anchor and page.suffix == ".md" and anchor not in anchors(page)):
            broken.append(target)
    assert broken == []


def shown_lines(path: Path) -> Iterator[str]:
    """Lines of shell that a page shows: fenced as sh, or indented by four spaces."""
    text = path.read_text(encoding="utf-8")
    blocks = [body for language, body in _FENCE.findall(text) if language in ("sh", "bash", "console")]
    blocks += re.findall(r"(?:^|\n\n)((?: {4}\S.*\n)+)", _FENCE.sub("", text))
    for block in blocks:
        joined = block.replace("\\\n", " ")
        yield from (line.strip().removeprefix("$ ") for line in joined.splitlines())


@pytest.mark.parametrize("path", PAGES, ids=[page_id(path) for path in PAGES])
def test_commands_that_a_page_shows_exist(path: Path) -> None:
    known = commands()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in shown_lines(path):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        if not words:
            continue
        if words[0] == "make":
            wanted = {w for w in words[1:] if "=" not in w and not w.startswith("-")}
            assert wanted <= targets, line
        elif words[0].rpartition("/")[2] == "kg" and len(words) > 1 and not words[1].startswith("-"):
            name = words[1] if words[1] in known else " ".join(words[1:3])
            assert name in known, line
            options = {w.partition("=")[0] for w in words if w.startswith("--")}
            assert options <= known[name] | {"--help"}, line


def test_the_readmes_python_runs_up_to_the_line_that_says_it_needs_pandas(
    seed_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kg.errors import MissingExtra

    (tmp_path / "store").symlink_to(seed_store)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pandas", None)  # as after `make up`
    (block,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
    here: dict[str, object] = {}
    with pytest.raises(MissingExtra, match="pandas"):
        exec(compile(block, "README.md", "exec"), here)
    assert {"around", "rdf"} <= here.keys()
    assert "needs pandas" not in block.split("graph.sparql(")[1]
    assert "pip install pandas" in block.split("graph.sparql(")[0]

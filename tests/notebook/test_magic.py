"""What IPython gets: the cell magic, errors in one line, completion."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import polars
import pytest

import kg
from kg.errors import KgError, QueryError
from kg.notebook.client import Graph

HOLDERS = "SELECT ?p ?o { ?p kg:holdsOffice ?o }"


@pytest.fixture(scope="module")
def shell(small_store: Path) -> Iterator[Any]:
    from IPython.core.interactiveshell import InteractiveShell

    made = InteractiveShell()
    made.history_manager.enabled = False
    made.run_line_magic("load_ext", "kg")
    with kg.open(small_store) as graph:
        made.user_ns["graph"] = graph
        yield made
    made.atexit_operations()
    atexit.unregister(made.atexit_operations)


def test_a_cell_of_sparql_is_a_frame(shell: Any) -> None:
    for line in ("graph", ""):
        found = shell.run_cell_magic("sparql", line, HOLDERS)
        assert isinstance(found, pandas.DataFrame)
        assert found["p"][0].label == "Marta Lindqvist"
    assert isinstance(shell.run_cell_magic("sparql", "graph --polars", HOLDERS), polars.DataFrame)


def test_it_binds_and_keeps(shell: Any) -> None:
    line = "graph --to held --bind \"p=graph['Lindqvist']\" --timeout 20"
    assert shell.run_cell_magic("sparql", line, "SELECT ?o { ?p kg:holdsOffice ?o }") is None
    assert shell.user_ns["held"].labelled()["o"].tolist() == ["Minister of Defense, Norland"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nothing", "'nothing' is not a graph"),
        ("graph --bind x", "want VARIABLE=EXPRESSION"),
        ("graph --bind p=nobody", "NameError"),
        ("graph --wrong", "want %%sparql"),
        ("graph 'open", "want %%sparql"),
    ],
)
def test_wrong_lines_say_what_is_wanted(shell: Any, line: str, said: str) -> None:
    with pytest.raises(KgError, match=said):
        shell.run_cell_magic("sparql", line, HOLDERS)


def test_it_wants_a_cell(shell: Any) -> None:
    with pytest.raises(QueryError, match="goes over a cell"):
        shell.run_line_magic("sparql", "graph")


def test_errors_are_shown_in_one_line(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("graph['Lindquist']")
    shown = capsys.readouterr()
    text = shown.out + shown.err
    assert "UnknownEntity: no entity is called 'Lindquist'" in text
    assert "Traceback" not in text
    assert "site-packages" not in text
    shell.run_cell("graph['Brandt']")
    shown = capsys.readouterr()
    lines = [line for line in (shown.out + shown.err).splitlines() if line.strip()]
    assert len(lines) == 3
    assert "Ida Brandt" in "".join(lines)


def test_names_complete(shell: Any) -> None:
    from IPython.core.completer import provisionalcompleter

    graph: Graph = shell.user_ns["graph"]
    assert "Hallen Air Base" in graph._ipython_key_completions_()
    shell.Completer.use_jedi = False

    def complete(text: str) -> list[str]:
        with provisionalcompleter():
            return [found.text for found in shell.Completer.completions(text, len(text))]

    assert any("Hallen Air Base" in one for one in complete("graph['Hallen"))
    assert any("office_holders" in one for one in complete("graph.queries.office_h"))

#!/usr/bin/env python3
"""Write the notebooks with their outputs: ``write_notebook.py [NAME...]``.

The cells are in scripts/cells/NAME.py, in the percent format; a commented magic (``# %load_ext``, ``# %%sparql`` with
its body) is run as such. The outputs are those of a run in notebooks/.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
CELLS = ROOT / "scripts" / "cells"
NOTEBOOKS = ROOT / "notebooks"
_CELL = re.compile(
    r"^# %%(?P<kind> \[markdown\])?$\n(?P<text>.*?)(?=^# %%(?: \[markdown\])?$|\Z)", re.M | re.S
)
#: Not the same each time, or on another machine.
_FOLDER = re.compile(re.escape(tempfile.gettempdir()) + r"/[\w./-]+")


def read_cells(text: str) -> Iterator[NotebookNode]:
    """The cells of a text in the percent format, numbered."""
    for number, found in enumerate(_CELL.finditer(text), 1):
        source = found["text"].strip()
        if found["kind"]:
            lines = (line.removeprefix("#").removeprefix(" ") for line in source.splitlines())
            yield new_markdown_cell("\n".join(lines), id=f"cell-{number}")
            continue
        if re.match(r"# %", source):
            source = re.sub(r"^# ?", "", source, flags=re.M)
        yield new_code_cell(source, id=f"cell-{number}")


def make_notebook(name: str) -> NotebookNode:
    """The notebook without outputs."""
    notebook = new_notebook(cells=list(read_cells((CELLS / f"{name}.py").read_text(encoding="utf-8"))))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def run(notebook: NotebookNode) -> None:
    """Run it in notebooks/, and keep of its outputs what is the same each time."""
    with warnings.catch_warnings():  # what the kernel's machinery deprecates is not ours to mend
        warnings.simplefilter("ignore")
        client = NotebookClient(
            notebook,
            timeout=180,
            kernel_name="python3",
            store_widget_state=False,
            resources={"metadata": {"path": str(NOTEBOOKS)}},
        )
        client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran is no part of it
        if cell.cell_type != "code":
            continue
        outputs = [o for o in cell.outputs if not (o.output_type == "stream" and o.name == "stderr")]
        for output in outputs:
            data = output.get("data", {})
            if data.pop("application/vnd.jupyter.widget-view+json", None) and "it/s" in data["text/plain"]:
                data.clear()  # a bar; other widgets say as text what they are: they have no model without a kernel
            for kind in ("text/plain", "text/html"):
                if kind in data:
                    data[kind] = _FOLDER.sub("…", data[kind])
        cell.outputs = [o for o in outputs if o.output_type == "stream" or o.get("data")]
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}


def main() -> None:
    """Write those that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=sorted(path.stem for path in CELLS.glob("*.py")))
    for name in parser.parse_args().names:
        notebook = make_notebook(name)
        run(notebook)
        nbformat.write(notebook, NOTEBOOKS / f"{name}.ipynb")


if __name__ == "__main__":
    main()

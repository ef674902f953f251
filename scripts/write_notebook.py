#!/usr/bin/env python3
"""Write notebooks/explore.ipynb with its outputs: ``write_notebook.py notebooks/explore.ipynb``.

The cells are below; the outputs are those of a store built of the seeds in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from kg.pipeline import build

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
CELLS = (
    (
        "markdown",
        """# Exploring the graph

Open a store, ask a question as a table, look around a person, and open the sentence behind an edge.
Make the store first: `make up`, or `kg build seeds --store store`.""",
    ),
    (
        "code",
        """import os

import kg

graph = kg.open(os.environ.get("KG_STORE", "../store"))
[document.identifiers[0] for document in graph.documents()]""",
    ),
    (
        "markdown",
        """## A question as a table

SPARQL, in which the prefixes of the project need no declaration. The answer is a pandas DataFrame.
Who is said to hold which office, and in how many documents?""",
    ),
    (
        "code",
        '''graph.sparql("""
SELECT ?person ?office (COUNT(DISTINCT ?document) AS ?documents) {
  ?claim a kg:Asserted ; rdf:predicate kg:holdsOffice ; kg:document ?document ;
         rdf:subject/skos:prefLabel ?person ; rdf:object/skos:prefLabel ?office
} GROUP BY ?person ?office ORDER BY DESC(?documents) ?person ?office
""")''',
    ),
    (
        "markdown",
        """## Around a person

Everything within one hop, as a networkx graph. Edges that are only planned are dashed: a plan is not a
fact.""",
    ),
    (
        "code",
        """import matplotlib.pyplot as plt
import networkx as nx

around = graph.to_networkx("Gen Nakatani", depth=1)
places = nx.spring_layout(around, seed=1)
plans = [(s, t) for s, t, data in around.edges(data=True) if data["modality"] == "Planned"]
others = [(s, t) for s, t, data in around.edges(data=True) if data["modality"] != "Planned"]

plt.figure(figsize=(9, 6))
nx.draw_networkx_nodes(around, places, node_size=60, node_color="#2f6690")
nx.draw_networkx_edges(around, places, edgelist=others, edge_color="#999999", arrowsize=8)
nx.draw_networkx_edges(around, places, edgelist=plans, edge_color="#c1440e", style="--", arrowsize=8)
for node, (x, y) in places.items():
    plt.annotate(around.nodes[node]["label"], (x, y), fontsize=7, ha="center", va="bottom")
plt.axis("off")
plt.show()""",
    ),
    (
        "markdown",
        """## The sentence behind an edge

Every edge is there because a document says so. `why` opens the claims of a statement: each with its sentence,
its position in the stored text (in code points), how it is put, and who is said to have said it.""",
    ),
    ("code", """graph.why("Gen Nakatani", "holdsOffice", "Minister of Defense, Japan")"""),
    (
        "markdown",
        """The position is exact: the stored text at these offsets is the quote.""",
    ),
    (
        "code",
        """claim = graph.why("Gen Nakatani", "holdsOffice", "Minister of Defense, Japan")[0]
passage = claim.passages[0]
text = graph.document(claim.document.iri).value.text
assert text[passage.start : passage.end] == passage.quote
passage.quote""",
    ),
)


def main() -> None:
    """Write the notebook."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path)
    path: Path = parser.parse_args().notebook
    make = {"markdown": new_markdown_cell, "code": new_code_cell}
    cells = [make[kind](text, id=f"cell-{number}") for number, (kind, text) in enumerate(CELLS, start=1)]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["language_info"] = {"name": "python"}
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        build([SEEDS], store)
        os.environ["KG_STORE"] = str(store)
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran is no part of it
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)


if __name__ == "__main__":
    main()

"""The notebook explore.ipynb for marimo: ``marimo edit notebooks/explore_marimo.py``, or run it as a script."""

import marimo

app = marimo.App(width="medium", app_title="Exploring the graph")


@app.cell
def _():
    import marimo as mo

    mo.md(
        """
        # Exploring the graph

        From five documents to a finding: **when did the two defense ministers first meet, who said what about it
        beforehand, and which of the announced dates held?**
        """
    )
    return (mo,)


@app.cell
def _():
    from pathlib import Path

    import kg

    graph = kg.build(Path(__file__).resolve().parent.parent / "seeds")
    graph
    return (graph,)


@app.cell
def _(graph, mo):
    people = graph.entities(type="Person")
    chosen = mo.ui.dropdown({e.label: e.iri for e in people}, value="Gen Nakatani", label="Person")
    chosen
    return (chosen,)


@app.cell
def _(chosen, graph):
    person = graph[chosen.value]
    person
    return (person,)


@app.cell
def _(mo, person):
    around = mo.ui.anywidget(person.widget())
    around
    return (around,)


@app.cell
def _(around, mo):
    mo.md("What was clicked: nothing yet") if around.value["selected"] is None else around.widget.claims
    return


@app.cell
def _(graph):
    graph.sparql(
        """SELECT ?person ?office (COUNT(DISTINCT ?document) AS ?documents) {
          ?claim a kg:Asserted ; rdf:predicate kg:holdsOffice ; rdf:subject ?person ; rdf:object ?office ;
                 kg:document ?document
        } GROUP BY ?person ?office ORDER BY DESC(?documents) ?person"""
    )
    return


@app.cell
def _(person):
    person.plot_timeline()
    return


@app.cell
def _(graph):
    graph.contradictions()
    return


@app.cell
def _(graph, mo):
    meeting = max(
        (
            e
            for e in graph.entities("Meeting", type="Meeting")
            if "Nakatani" in e.label and "03-30" in e.label
        ),
        key=lambda e: e.card.claim_count,
    )
    dates = meeting.evidence("date").to_pandas().sort_values("day")
    finding = dates[["day", "modality", "object", "attribution", "sentence"]]
    mo.vstack([mo.md("## The finding"), finding])
    return (finding,)


@app.cell
def _(finding):
    print(finding.to_string())  # what is left of it when this is run as a script
    return


if __name__ == "__main__":
    app.run()

# %% [markdown]
# # Your own documents
#
# Build a graph of a folder of files, see how good it is, correct who is who, export it. The folder is
# [own/](own) beside this notebook: four short texts that we made up. Put in its place your own: txt, Markdown, HTML,
# PDF, or JSON Lines of `{id, text, date, source}`.

# %%
import kg

FOLDER = "own"
graph = kg.build(FOLDER)
graph.report

# %% [markdown]
# `kg.build(FOLDER, "mine/")` keeps the store; without a folder it is a temporary one. A second build reads only what has
# changed, and a build that is stopped leaves the store as it was. A bar says what it is doing.
#
# ## Was everything read?
# Documents that state no day are listed; a table `file,date` can give it (`dates="dates.csv"`).

# %%
graph.report.undated, graph.documents()

# %%
graph.entities(limit=12)

# %% [markdown]
# ## What it says, and where
# Hover over a name for its IRI. Every claim opens its sentence.

# %%
graph["Sekondi Naval Base"]

# %%
graph["Sekondi Naval Base"].evidence()

# %% [markdown]
# A document with what was found in it underlined:

# %%
graph.document("readout.txt")

# %% [markdown]
# ## How good is it?
# Annotate a document or two by hand ([how](../docs/annotation-guide.md)) and compare. We did so for `readout.txt`.

# %%
report = graph.evaluate("own-gold", FOLDER, errors=3)
print(report.summary)

# %%
print("\n".join(line for line in report.text.splitlines() if "spurious" in line or line.startswith("  [")))

# %% [markdown]
# ## Who is who
# The wire report writes "Kwasi Amoakoh". The graph took him for the minister, Kwesi Amoako, and says why:

# %%
graph.why_same("Kwesi Amoako", "Kwasi Amoakoh")

# %%
graph.offices(body="Ghana")

# %% [markdown]
# Suppose we know better: the report means another man. A table of judgements says so, and every later build follows it.

# %%
import csv
import tempfile
from pathlib import Path

place = Path(tempfile.mkdtemp())
with open(place / "judgements.csv", "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["one", "other", "verdict", "why"])
    rows.writerow(["person:amoako-kwesi", "person:amoakoh-kwasi", "different", "the wire means another man"])

graph = kg.build(FOLDER, place / "mine", judgements=place / "judgements.csv")
graph.why_same("Kwesi Amoako", "Kwasi Amoakoh")

# %%
graph.offices(body="Ghana")

# %% [markdown]
# ## A picture

# %%
graph["Lise Holmgaard"].neighbourhood(depth=2).plot();

# %% [markdown]
# ## Export
# RDF for other stores, a table for a spreadsheet, a network for Gephi.

# %%
import networkx

graph.dump(place / "graph.ttl.gz")
graph.evidence(relation="holdsOffice").to_pandas().labelled().to_csv(place / "offices.csv", index=False)
network = graph.to_networkx()
networkx.write_gexf(networkx.Graph(network), place / "network.gexf")
sorted(path.name for path in place.iterdir() if path.is_file())

# %% [markdown]
# The dump opens like any other graph:

# %%
again = kg.open(place / "graph.ttl.gz")
again["Lise Holmgaard"].holdsOffice

# %%
again.close()
graph.close()

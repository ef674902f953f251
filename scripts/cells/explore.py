# %% [markdown]
# # Exploring the graph
#
# From five documents to a finding: **when did the two defense ministers first meet, who said what about it beforehand,
# and which of the announced dates held?** Every answer below opens the sentence that it rests on.
#
# Two lines, and there is a graph. `kg.build` reads documents; `kg.open("store/")`, `kg.open("dump.ttl.gz")` and
# `kg.connect("http://…")` give the same object for a store, a dump and a server.

# %%
import kg

graph = kg.build("../seeds")
graph

# %%
graph.documents()

# %% [markdown]
# ## An entity
# By name or alias, with Tab to complete it. A name that fits several is an error that shows them, never a guess.

# %%
nakatani = graph["Nakatani"]
nakatani

# %% [markdown]
# What a relation leads to has the relation's name; what leads *to* a thing is `.inverse`.

# %%
office = nakatani.holdsOffice[0]
office.label, [str(holder) for holder in office.inverse.holdsOffice]

# %% [markdown]
# ## Around it
# The graph can be moved about: a click on an edge shows its sentence, a double click on a node brings more, and
# `around.selected` is what was clicked. Where no kernel runs, the picture below it shows the same.

# %%
around = nakatani.widget()
around

# %%
nakatani.neighbourhood().plot();

# %% [markdown]
# ## A question as a table
# `%%sparql` asks the graph that was opened last. Dates are dates, numbers are numbers; a thing is shown by its name,
# with its IRI on hover, and is the IRI in the cell.

# %%
# %load_ext kg

# %%
# %%sparql
# SELECT ?person ?office (COUNT(DISTINCT ?document) AS ?documents) (MIN(?day) AS ?first) (MAX(?day) AS ?last) {
#   ?claim a kg:Asserted ; rdf:predicate kg:holdsOffice ; rdf:subject ?person ; rdf:object ?office ; kg:document ?document .
#   ?document kg:asOf ?day
# } GROUP BY ?person ?office ORDER BY DESC(?documents) ?person

# %% [markdown]
# Saved questions are functions: `graph.queries` lists them, `help(graph.queries.meetings_between)` says what they take.

# %%
graph.queries.meetings_between(one=nakatani, other="Pete Hegseth")

# %% [markdown]
# ## What happened when
# One line for each thing; dashed where it was only planned.

# %%
nakatani.plot_timeline();

# %%
nakatani.timeline()

# %% [markdown]
# ## What was known then
# `as_of` gives the same graph as it stood on a day, with every method: what was published by then.

# %%
february = graph.as_of("2025-02-28")
february, february["Nakatani"].timeline()

# %% [markdown]
# ## Where documents differ

# %%
graph.contradictions()

# %%
graph.diff("2025-02-28").table

# %% [markdown]
# ## The finding
# One document expected the ministers' first meeting in April, a later one in late March; a third reports it for
# 30 March 2025. The sentences, oldest first:

# %%
meeting = max(
    (e for e in graph.entities("Meeting", type="Meeting") if "Nakatani" in e.label and "03-30" in e.label),
    key=lambda e: e.card.claim_count,
)
dates = meeting.evidence("date").to_pandas().sort_values("day")
dates[["day", "modality", "object", "attribution", "sentence"]]

# %% [markdown]
# The positions are exact: the stored text at a claim's offsets is its quote.

# %%
claim = meeting.evidence("date")[0]
passage = claim.passages[0]
text = graph.document(claim.document).text
assert text[passage.start : passage.end] == passage.quote
claim

# %% [markdown]
# ## The whole as a network
# Centrality and communities in one line each; `graph.to_networkx()` and `graph.graph()` (rdflib) for everything else.

# %%
graph.centrality("betweenness", type="Person")

# %%
graph.communities()

# %%
graph.paths("Ishiba", "Pete Hegseth")

# %%
graph.plot_map();

# %% [markdown]
# ## On with it
# A DataFrame for the next tool, a dump for the next program.

# %%
import tempfile

names = graph.entities(type=["Person", "Facility"]).to_pandas().labelled()
names.to_csv(index=False).splitlines()[:4], graph.dump(tempfile.mkdtemp() + "/facts.ttl.gz", "facts").name

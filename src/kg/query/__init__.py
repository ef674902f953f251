"""Questions over a read-only store: SPARQL, names, entity cards, evidence, neighbourhoods, paths, search.

Everything here reads one generation through `kg.graph.store.StoreReader` and changes nothing. One module per
kind of question: `sparql.run_query`, `saved.run_saved`, `names.resolve_entity`, `entities.entity_card`,
`evidence.why`, `neighbourhood.neighbourhood`, `paths.find_path`, `search.search`,
`contradictions.contradictions`, `documents.read_document_page`.
"""

"""Updates to a store that is served: SPARQL 1.1 Update and graph store operations as exact differences.

Nothing here is imported by a server but `kg.updates.requests`: updates run in a process of their own
(`kg.updates.process`), which may be killed at any moment.
"""

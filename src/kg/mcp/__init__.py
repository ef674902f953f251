"""Tools for agents (Model Context Protocol): the answers of the graph with the sentences they rest on."""

"""What people explore a graph with: `kg.open`, `kg.connect` and `kg.build` give a `kg.notebook.client.Graph`."""

"""The client that people explore a store with: `kg.notebook.client.open_store`, also known as ``kg.open``."""

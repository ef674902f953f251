"""From corpora to the model that is shipped: see README.md in this folder."""

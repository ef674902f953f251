"""The HTTP surface: one module per resource, no logic of its own, and never the pipeline.

`kg.server.app.create_app` makes the application, `kg.server.running.serve` runs it.
"""

"""Scores of a dump against documents annotated by hand (docs/annotation-guide.md).

Depends on the vocabulary alone, not on the code that wrote the dump: any RDF in the vocabulary can be scored.
"""

from __future__ import annotations

from kg.evaluation.report import Report
from kg.evaluation.scoring import evaluate

__all__ = ["Report", "evaluate"]

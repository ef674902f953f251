"""Optional extractors beside the rules: a GLiNER model, a language model behind an endpoint.

They propose; `Admission` takes what the text bears out. Nothing heavy is imported before one is opened.
"""

from kg.extractors.admission import Admission, Admitted, count_refusals, mark_proposed
from kg.extractors.opening import KINDS, open_extractors
from kg.extractors.proposal import Proposals, ProposedMention, ProposedStatement, Proposer

__all__ = [
    "KINDS",
    "Admission",
    "Admitted",
    "Proposals",
    "ProposedMention",
    "ProposedStatement",
    "Proposer",
    "count_refusals",
    "mark_proposed",
    "open_extractors",
]

"""Resolution: which mentions speak of one thing, within a document and across documents."""

from kg.resolution.identity import decide_identity
from kg.resolution.judgements import Judgement, parse_judgements
from kg.resolution.within import Resolved, Resolver

__all__ = ["Judgement", "Resolved", "Resolver", "decide_identity", "parse_judgements"]

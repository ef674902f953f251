"""Resolution: which mentions speak of one thing, within a document and across documents."""

from kg.resolution.identity import decide_identity
from kg.resolution.within import Resolved, Resolver

__all__ = ["Resolved", "Resolver", "decide_identity"]

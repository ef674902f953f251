"""Claims: what a reading's sentences say of the mentions in them."""

from kg.claims.reader import ClaimReader, Read

__all__ = ["ClaimReader", "Read"]

"""Mentions: which spans of a reading name or describe something, and what they say of it."""

from kg.mentions.finder import MentionFinder, Found

__all__ = ["Found", "MentionFinder"]

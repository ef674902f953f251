"""Mentions: which spans of a reading name or describe something, and what they say of it."""

from kg.mentions.finder import Found, MentionFinder

__all__ = ["Found", "MentionFinder"]

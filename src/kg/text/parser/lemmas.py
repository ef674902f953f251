"""Lemmas as edits of the word: what is cut from its end and what is put there instead.

An edit is written ``<case><cut>+<ending>``: case ``K`` keeps the word's capitals, ``L`` makes it lower-case; cut is a
number of code points or ``*`` for the whole word: "L3+y" makes "Allies" "ally", "L*+be" makes "was" "be".
"""

from __future__ import annotations

KEEP = "K0+"


def find_edit(word: str, lemma: str) -> str:
    """The edit that makes `lemma` of `word`."""
    if lemma == word:
        return "L0+" if word == word.lower() else KEEP
    pairs = zip(word.lower(), lemma.lower(), strict=False)
    shared = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(word), len(lemma)))
    if not shared:
        return f"L*+{lemma}"
    kept = lemma[:shared] == word[:shared] and lemma[:shared] != lemma[:shared].lower()
    return f"{'K' if kept else 'L'}{len(word) - shared}+{lemma[shared:]}"


def apply_edit(word: str, edit: str) -> str:
    """The lemma that `edit` makes of `word`; `word` itself where the edit cuts all of it or more."""
    head, _, ending = edit.partition("+")
    if head[1:] == "*":
        return ending
    cut = int(head[1:])
    if cut >= len(word) and cut:
        return word
    stem = word[: len(word) - cut]
    return (stem if head[0] == "K" else stem.lower()) + ending

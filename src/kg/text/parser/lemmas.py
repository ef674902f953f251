"""Lemmas: a table of known forms, and for the rest edits of the word that the network chooses.

An edit is what is cut from the word's end and what is put there instead. It is written ``<case><cut>+<ending>``: case
``K`` keeps the word's capitals, ``L`` makes it lower-case; cut is a number of code points or ``*`` for the whole word:
"L3+y" makes "Allies" "ally", "L*+be" makes "was" "be".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

KEEP = "K0+"
#: Tag → ending → what may stand in its place in the base form, likelier first. "=" parts a doubled letter.
_ENDINGS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "VBD": (("ied", ("y", "ie")), ("ed", ("e", "", "="))),
    "VBN": (("ied", ("y", "ie")), ("ed", ("e", "", "="))),
    "VBG": (("ing", ("e", "", "=")),),
    "VBZ": (("ies", ("y", "ie")), ("es", ("e", "")), ("s", ("",))),
    "NNS": (("ies", ("y", "ie")), ("es", ("e", "")), ("s", ("",))),
    "JJR": (("ier", ("y",)), ("er", ("e", "", "="))),
    "RBR": (("ier", ("y",)), ("er", ("e", "", "="))),
    "JJS": (("iest", ("y",)), ("est", ("e", "", "="))),
    "RBS": (("iest", ("y",)), ("est", ("e", "", "="))),
}
#: Tags whose word is never its own base form, but for those that the table lists.
_CHANGED = frozenset({"JJR", "RBR", "JJS", "RBS"})


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


class Lemmatizer:
    """Chooses lemmas: the table's, the edit's if that makes a known word, else a known word that the ending tells."""

    def __init__(self, table: Mapping[str, Mapping[str, str]], is_word: Callable[[str], bool]) -> None:
        """`table` is tag → lower-case form → lemma; `is_word` says whether a lower-case word is known."""
        self._table = table
        self._lemmas = frozenset(lemma for forms in table.values() for lemma in forms.values())
        self._is_word = is_word

    def find(self, word: str, tag: str, edit: str) -> str:
        """The lemma of `word` with the fine `tag`, for which the network chose `edit`."""
        form = word.lower()
        listed = self._table.get(tag, {}).get(form)
        if listed is not None:
            return listed
        lemma = apply_edit(word, edit)
        if tag not in _ENDINGS or not self._table or not lemma.islower():
            return lemma
        likely = list(_find_bases(form, tag))
        if lemma in self._lemmas and not (tag in _CHANGED and lemma == form):
            return lemma
        for known in (self._lemmas.__contains__, self._is_word):
            found = [base for base in likely if known(base)]
            if found:
                return lemma if lemma in found else found[0]
        return lemma


def _find_bases(form: str, tag: str) -> Iterator[str]:
    """What `form` may be an inflected form of, by its ending; a base has a vowel and two letters or more."""
    for ending, instead in _ENDINGS[tag]:
        if not form.endswith(ending):
            continue
        stem = form.removesuffix(ending)
        for end in instead:
            doubled = len(stem) > 2 and stem[-1] == stem[-2]
            base = stem[:-1] if end == "=" else stem + end
            if (end != "=" or doubled) and len(base) > 1 and any(vowel in base for vowel in "aeiouy"):
                yield base
        return

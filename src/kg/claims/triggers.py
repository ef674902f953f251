"""Which words tell of an event of their own, and of which class, as their arguments show.

"Promoted the general" tells of an event, "promoted peace" does not; a ship's "call at Colombo" is a visit, a "call with
the minister" goes by telephone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.catalog import Lexicon
from kg.claims.arguments import Arguments
from kg.claims.merging import Merged
from kg.errors import CatalogError
from kg.model import Mention

#: Stands for the adverbs and particles of a word, beside the functions of its arguments.
_MANNER = "manner"
#: Stands for the verb whose subject a noun is ("work began"), and those that it governs.
_TOLD = "told"
#: Before functions: there must be no such argument.
_ABSENT = "no"
#: Stands for mentions of several at once.
_GROUP = "Group"
_CLAUSES = frozenset({"xcomp", "ccomp"})


@dataclass(frozen=True, slots=True)
class _Need:
    """An argument of one of `functions` that is a mention of one of `kinds`, or one of `words`; or its absence."""

    absent: bool
    functions: frozenset[str]
    kinds: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Row:
    """All of `needs` together; `reading` is the class that the trigger then tells of, None for its own."""

    reading: str | None
    needs: tuple[_Need, ...]


class Triggers:
    """Sorts the triggers of merged, parsed documents, with the word lists of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Raises `CatalogError` for a row that does not say which arguments it wants, or names an unknown list."""
        self._needed = {
            "verb": _read_rows(lexicon, "event_arguments"),
            "noun": _read_rows(lexicon, "event_noun_arguments"),
        }
        self._permitting = frozenset(lexicon.forms("permitting_verbs"))
        self._senses = _read_rows(lexicon, "event_senses", of_class=True)

    def settle(self, merged: Merged, arguments: Arguments) -> Merged:
        """`merged` without the words that tell of no event of their own, the others with the class that they tell of.

        The former are verbs that only lend their arguments to an event that a noun names, and words without the
        arguments that they need.
        """
        mentions = list(merged.mentions)
        for i, mention in enumerate(merged.mentions):
            if mention is not None and mention.kind == "Event":
                mentions[i] = self._read(merged, arguments, i, mention)
        # Marked afterwards: what a word stands for must not hang on which one was read first.
        for i, (before, after) in enumerate(zip(merged.mentions, mentions, strict=True)):
            if after is None and before is not None:
                merged.doc[i].ent_type_, merged.doc[i].ent_id_, merged.doc[i]._.trigger = "", "", ""
            elif after is not None and after is not before:
                merged.doc[i].ent_id_ = after.subkind or ""
        return replace(merged, mentions=tuple(mentions))

    def _read(self, merged: Merged, arguments: Arguments, index: int, event: Mention) -> Mention | None:
        """The event as its arguments have it, or None if it is none."""
        lemma = event.feature("lemma") or ""
        if event.feature("trigger") == "verb" and arguments.supports(index):
            return None
        word = merged.doc[index]
        if word._.trigger == "verb" and word.dep_ == "xcomp" and word.head.lower_ in self._permitting:
            return None  # what someone may do is no event
        for sense in self._senses.get(lemma, ()):
            if all(self._is_met(merged, arguments, index, need) for need in sense.needs):
                return replace(event, subkind=sense.reading)
        rows = self._needed[event.feature("trigger") or "noun"].get(lemma)
        if rows is None:
            return event
        if any(t.dep_ in _CLAUSES for t in merged.doc[index].children):
            return None
        met = any(all(self._is_met(merged, arguments, index, need) for need in row.needs) for row in rows)
        return event if met else None

    def _is_met(self, merged: Merged, arguments: Arguments, index: int, need: _Need) -> bool:
        doc = merged.doc
        for function, token in self._around(merged, arguments, index, need):
            word = doc[token]
            if function in need.functions and (
                word.ent_type_ in need.kinds
                or word.ent_id_ in need.kinds
                or word.lower_ in need.words
                or (word._.form == "group" and _GROUP in need.kinds)
            ):
                return not need.absent
        return need.absent

    @staticmethod
    def _around(merged: Merged, arguments: Arguments, index: int, need: _Need) -> Iterator[tuple[str, int]]:
        yield from arguments.of(index)
        token = merged.doc[index]
        if _TOLD in need.functions and token.dep_ in {"nsubj", "nsubj:pass"}:
            verbs = [token.head, *(c for c in token.head.children if c.dep_ == "xcomp")]
            yield from ((_TOLD, verb.i) for verb in verbs)
        if _MANNER in need.functions:
            # "drilled together", "a joint live-fire drill": what stands right beside it counts wherever it hangs.
            near = {index + 1, *(t.i for t in merged.doc[index].children if t.dep_ in {"advmod", "amod"})}
            yield from ((_MANNER, i) for i in sorted(near) if i < len(merged.doc))


def _read_rows(lexicon: Lexicon, name: str, *, of_class: bool = False) -> Mapping[str, Sequence[_Row]]:
    """What each word of a list wants: ``functions:what``, joined by "&", alternatives by bars; after a class where
    the list gives them one."""
    out: dict[str, list[_Row]] = {}
    for lemma, value in lexicon.entries(name).items():
        for row in (value or "").split("|"):
            reading, rest = [*row.split(None, 1), ""][:2] if of_class else (None, row)
            needs = []
            for part in rest.split("&"):
                functions, colon, what = part.partition(":")
                if not colon or not what.strip():
                    raise CatalogError(f"{name}: {lemma}: {row.strip()!r}: want functions:kinds or lists")
                kinds = {w for w in what.split() if w[:1].isupper()}
                words = {form for w in what.split() if w not in kinds for form in lexicon.forms(w)}
                names = functions.split()
                absent = names[:1] == [_ABSENT]
                needs.append(_Need(absent, frozenset(names[absent:]), frozenset(kinds), frozenset(words)))
            out.setdefault(lemma, []).append(_Row(reading, tuple(needs)))
    return out

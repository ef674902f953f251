"""What patterns ask of single tokens, tested without spaCy's matchers: most patterns cannot match in most sentences."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

#: The keys by which tokens are looked up, the rarest first.
_KEYS = ("ENT_ID", "LOWER", "ENT_TYPE")
_EXTENSIONS = ("form", "trigger", "role")
_AT_LEAST_ONE = re.compile(r"(1|\+|\{[1-9]\d*(,\d*)?\})\Z")

#: A key and a value that a token may have.
Trait = tuple[str, str]


class Tokens:
    """What the tokens of one merged `Doc` are, read once; it must not change afterwards."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.columns: Mapping[str, Sequence[str]] = {
            "LOWER": [t.lower_ for t in doc],
            "ENT_TYPE": [t.ent_type_ for t in doc],
            "ENT_ID": [t.ent_id_ for t in doc],
        }

    def traits(self, index: int) -> list[Trait]:
        """The traits of the token at `index`."""
        return [(key, value) for key in _KEYS if (value := self.columns[key][index])]

    def places(self, start: int, end: int) -> dict[Trait, list[int]]:
        """Where in tokens ``[start, end)`` each trait is, in text order."""
        found: dict[Trait, list[int]] = {}
        for key in _KEYS:
            column = self.columns[key]
            for i in range(start, end):
                if column[i]:
                    found.setdefault((key, column[i]), []).append(i)
        return found


class Condition:
    """Whether one token is as a spec in spaCy's terms asks."""

    def __init__(self, spec: Mapping[str, object], vocab: Vocab) -> None:
        """Specs of kinds, classes, words and marks are tested here, others by a matcher."""
        self.traits = find_traits(spec)
        self._tests: list[tuple[str, frozenset[str], bool]] = []
        self._marks: list[tuple[str, frozenset[str]]] = []
        self._matcher: Matcher | None = None
        if not self._read(spec):
            self._matcher = Matcher(vocab)
            self._matcher.add("condition", [[dict(spec)]])

    def _read(self, spec: Mapping[str, object]) -> bool:
        for key, value in spec.items():
            if key == "_" and isinstance(value, dict) and set(value) <= set(_EXTENSIONS):
                for name, wanted in value.items():
                    values = _values(wanted, "IN")
                    if values is None:
                        return False
                    self._marks.append((name, values))
            elif key in _KEYS and (values := _values(value, "IN")) is not None:
                self._tests.append((key, values, True))
            elif key in _KEYS and (values := _values(value, "NOT_IN")) is not None:
                self._tests.append((key, values, False))
            else:
                return False
        return True

    def fits(self, tokens: Tokens, index: int) -> bool:
        """Whether the token at `index` is so."""
        if self._matcher is not None:
            return bool(self._matcher(tokens.doc[index : index + 1]))
        if any((tokens.columns[key][index] in values) is not wanted for key, values, wanted in self._tests):
            return False
        marks = tokens.doc[index]._ if self._marks else None
        return all(getattr(marks, name) in values for name, values in self._marks)


@dataclass(frozen=True, slots=True)
class Outline:
    """The tokens that a row of specs cannot do without, in order, each as the traits that one of it must have."""

    steps: tuple[frozenset[Trait], ...]

    @property
    def rarest(self) -> frozenset[Trait] | None:
        """The step to look for first, or None if there are no steps."""
        rank = {key: i for i, key in enumerate(_KEYS)}
        return min(self.steps, key=lambda step: (min(rank[key] for key, _ in step), len(step)), default=None)

    def is_in(self, places: Mapping[Trait, Sequence[int]]) -> bool:
        """Whether tokens for all steps follow each other in `places`."""
        at = -1
        for step in self.steps:
            later = [
                row[i]
                for trait in step
                if (row := places.get(trait)) is not None and (i := bisect_right(row, at)) < len(row)
            ]
            if not later:
                return False
            at = min(later)
        return True


def find_outline(specs: Iterable[Mapping[str, object]]) -> Outline:
    """The outline of a pattern over tokens, in spaCy's terms; what may be absent or is anything has no step."""
    steps = []
    for spec in specs:
        if _AT_LEAST_ONE.match(str(spec.get("OP", "1"))):
            traits = find_traits(spec)
            if traits:
                steps.append(traits)
    return Outline(tuple(steps))


def find_traits(spec: Mapping[str, object]) -> frozenset[Trait]:
    """Traits one of which a token of `spec` must have, by its rarest key; none if it may be without."""
    for key in _KEYS:
        values = _values(spec[key], "IN") if key in spec else None
        if values and "" not in values:
            return frozenset((key, value) for value in values)
    return frozenset()


def _values(value: object, predicate: str) -> frozenset[str] | None:
    """The strings of ``{predicate: [...]}``, or of a plain string for "IN"; None if `value` says anything else."""
    if isinstance(value, str):
        return frozenset((value,)) if predicate == "IN" else None
    if isinstance(value, dict) and set(value) == {predicate}:
        listed = value[predicate]
        if isinstance(listed, (list, tuple)) and all(isinstance(v, str) for v in listed):
            return frozenset(listed)
    return None

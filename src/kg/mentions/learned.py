"""What the model's head of our own classes adds: names of kinds that no word beside them tells.

"told Horn Wire", "the minelayer Takahe", "Halvorsen will build": the head has learnt from contexts. It proposes below
the rules' proposals, says which kind of thing a recognised name is, and what kind of organization a body is. Without
the model (`rules`), or with one that lacks the head, there is nothing to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from kg.mentions.candidates import Candidate, is_capitalised
from kg.mentions.shape import POSSESSIVE
from kg.model import Form

#: Where the parser leaves the head's spans, and how sure it is of each (`kg.text.parser.component`).
_SPANS, _SCORES = "kg", "scores"
#: The head's class → class and most specific class of the mention.
_KINDS: Mapping[str, tuple[str, str | None]] = {
    "Facility": ("Facility", None),
    "Agreement": ("Agreement", None),
    "Equipment": ("Equipment", None),
    "Event": ("Event", None),
    "Government": ("Organization", "Government"),
    "Ministry": ("Organization", "Ministry"),
    "Force": ("Organization", None),
    "Company": ("Organization", "Company"),
    "Party": ("Organization", "Party"),
    "Media": ("Organization", "MediaOutlet"),
    "International": ("Organization", "InternationalOrganization"),
}
#: How sure the head has to be to propose a name of its own, by class; chosen on training/texts/dev.txt. A class that is
#: left out only says what kind of thing a recognised name is.
_LEAST_TO_PROPOSE: Mapping[str, float] = {
    "Facility": 0.8,
    "Agreement": 0.8,
    "Equipment": 0.8,
    "Media": 0.8,
    "Company": 0.8,
}
#: How sure it has to be to overrule the parser's guess on what a name is.
_LEAST_TO_REVISE = 0.6
_STRENGTH = 48
#: Proposals of at least this strength know what they are.
_TOLD = 50


@dataclass(frozen=True, slots=True)
class _Learned:
    start: int
    end: int
    name: str
    sure: float


class LearnedFinder:
    """Reads the spans that the model's head of our own classes left in a `Doc`."""

    def revise(self, doc: Doc, candidates: Iterable[Candidate]) -> list[Candidate]:
        """`candidates`, guessed kinds corrected and kinds of organizations told; names of events are left out."""
        spans = {(s.start, s.end): s for s in _read(doc) if s.sure >= _LEAST_TO_REVISE}
        events = [s for s in spans.values() if s.name == "Event"]
        out = []
        for c in candidates:
            span = spans.get((c.start, c.end))
            guessed = c.strength < _TOLD and c.form is Form.NAME and c.value is None
            if guessed and any(s.start <= c.start and c.end <= s.end for s in events):
                continue
            if span is not None and c.form is Form.NAME:
                kind, subkind = _KINDS[span.name]
                if c.kind == kind and c.subkind is None:
                    c = replace(c, subkind=subkind)
                elif guessed and kind != c.kind:
                    c = replace(c, kind=kind, subkind=subkind)
            out.append(c)
        return out

    def propose(self, doc: Doc, headline: Sequence[bool], others: Iterable[Candidate]) -> list[Candidate]:
        """Names that `others` do not touch."""
        taken = {i for c in others for i in range(c.start, c.end)}
        out = []
        for s in _read(doc):
            least = _LEAST_TO_PROPOSE.get(s.name)
            if least is None or s.sure < least or headline[s.start]:
                continue
            if any(i in taken for i in range(s.start, s.end)):
                continue
            kind, subkind = _KINDS[s.name]
            out.append(Candidate(s.start, s.end, kind, subkind, strength=_STRENGTH))
        return out


def _read(doc: Doc) -> Iterator[_Learned]:
    """The spans of classes that we use, without the words before a name."""
    group = doc.spans.get(_SPANS)
    if group is None:
        return
    for span, sure in zip(group, group.attrs[_SCORES], strict=True):
        start, end = span.start, span.end
        while start < end and not (is_capitalised(doc[start].text) or doc[start].text[0].isdigit()):
            start += 1
        while end > start and doc[end - 1].text in POSSESSIVE:
            end -= 1
        if start < end and span.label_ in _KINDS and any(is_capitalised(t.text) for t in doc[start:end]):
            yield _Learned(start, end, span.label_, float(sure))

"""Who "I" and "we" are: the speaker of a quote, of a turn in a transcript, or of the whole text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from spacy.tokens import Doc, Token

from kg.catalog import Lexicon
from kg.claims.attribution import Attribution
from kg.claims.merging import Merged

_PERSONS = frozenset({"i", "we", "us", "me"})
#: How many words a turn's label may have before its colon, and how far into a text its speaker is named.
_LABEL, _OPENING = 10, 60
_BY = frozenset({"by", "of", "from"})


class FirstPerson:
    """Finds the people that pronouns of the first person stand for, in merged documents."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._speeches = frozenset(lexicon.forms("speech_nouns"))

    def find(self, merged: Merged, attributions: Sequence[Attribution]) -> Mapping[int, int]:
        """Token of a pronoun → token of the person who speaks; pronouns of nobody known are left out."""
        doc = merged.doc
        pronouns = [t for t in doc if t.lower_ in _PERSONS and t.tag_ == "PRP"]
        if not pronouns:
            return {}
        turns = list(self._turns(merged))
        owner = None if turns else self._speaker(merged)
        out = {}
        for token in pronouns:
            speaker = _quoted(merged, token, attributions)
            if speaker is None:
                speaker = next((who for start, who in reversed(turns) if start <= token.i), owner)
            if speaker is not None:
                out[token.i] = speaker
        return out

    @staticmethod
    def _turns(merged: Merged) -> Iterator[tuple[int, int | None]]:
        """Where each turn of a transcript begins, and who speaks: "MINISTER LIM: We met"; None for nobody named."""
        doc = merged.doc
        for token in doc:
            if token.text != ":":
                continue
            first = token.i
            while first > 0 and token.i - first <= _LABEL and not _ends_line(doc, first - 1):
                first -= 1
            words = doc[first : token.i]
            if not len(words) or len(words) > _LABEL:
                continue
            people = [t.i for t in words if t.ent_type_ == "Person"]
            if all(t.text[:1].isupper() or t.ent_type_ or not t.is_alpha for t in words) and (
                people or words.text.isupper()
            ):
                yield token.i + 1, (people[-1] if people else None)

    def _speaker(self, merged: Merged) -> int | None:
        """Whose speech the text is, by its heading: "Remarks by Minister Lim at the opening of"."""
        head = merged.doc[:_OPENING]
        for token in head:
            if token.lower_ not in self._speeches:
                continue
            after = merged.doc[token.i + 1 : token.i + 1 + _LABEL]
            if len(after) and after[0].lower_ in _BY:
                return next((t.i for t in after if t.ent_type_ == "Person"), None)
        return None


def _quoted(merged: Merged, token: Token, attributions: Sequence[Attribution]) -> int | None:
    """The person whose words the pronoun stands in."""
    fitting = [a for a in attributions if a.scope_start <= token.i < a.scope_end]
    if not fitting:
        return None
    inner = min(fitting, key=lambda a: (a.scope_end - a.scope_start, a.scope_start))
    words = merged.doc[inner.source_start : inner.source_end]
    return next((t.i for t in words if t.ent_type_ == "Person"), None)


def _ends_line(doc: Doc, i: int) -> bool:
    return doc[i].is_space and "\n" in doc[i].text

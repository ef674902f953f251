"""Offices told by a verb or by "command": "A B commands the 3rd Division", "assumed command of the 3rd Division"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from spacy.tokens import Doc

from kg.catalog import Catalog, WordForm
from kg.mentions.candidates import Candidate, text_of
from kg.mentions.shape import POSSESSIVE
from kg.model import Form

_BEFORE_BODY = frozenset({"the", "a", "its", "their", "his", "her", "our", "new"})
_BETWEEN = frozenset(
    {",", "which", "who", "is", "are", "was", "were", "be", "been", "has", "had", "will", "would"}
    | {"currently", "now", "then", "formerly", "previously", "jointly"}
)
_AFTER_COMMAND = frozenset({"of", "over"})
_FARTHEST = 5  # tokens between a body and the verb that tells who leads it, or between the verb and the body


class LeadershipFinder:
    """Finds verbs whose subject leads a body that was found before."""

    def __init__(self, catalog: Catalog) -> None:
        self._verbs: Mapping[str, WordForm] = catalog.lexicon.forms("office_verbs")
        self._commands = frozenset(catalog.lexicon.entries("command_words"))
        self._taking = frozenset(catalog.lexicon.forms("command_verbs"))

    def find(self, doc: Doc, bodies: Sequence[Candidate]) -> list[Candidate]:
        """Candidates of offices; `bodies` are settled."""
        named = [b for b in bodies if b.form is Form.NAME]
        starts = {b.start: b for b in named}
        ends = {b.end: b for b in named}
        out: list[Candidate] = []
        for token in doc:
            form = self._verbs.get(token.lower_)
            if form is not None and not _is_noun(doc, token.i):
                after = token.i + 1
                if after < len(doc) and doc[after].lower_ == "by":
                    body = (
                        self._body_before(doc, token.i, ends) if form.form in {"past", "participle"} else None
                    )
                else:
                    body = self._body_after(doc, after, starts)
                if body is not None:
                    out += _office(doc, token.i, token.i + 1, form.value or form.lemma, body, "verb")
            if token.lower_ in self._commands and self._is_taken(doc, token.i):
                body = self._of_command(doc, token.i, starts)
                if body is not None:
                    out += _office(doc, token.i, body.end, "commander", body, None)
        return out

    @staticmethod
    def _body_after(doc: Doc, start: int, starts: Mapping[int, Candidate]) -> Candidate | None:
        """The body that a verb before token `start` governs: "heads Poland's National Security Bureau"."""
        for i in range(start, min(start + _FARTHEST, len(doc))):
            if i in starts:
                # "led NATO troops", "leads the navy's band": the body is not all that is led.
                body = starts[i]
                follows = doc[body.end] if body.end < len(doc) else None
                return (
                    body
                    if follows is None or not (_is_content(doc, body.end) or follows.text in POSSESSIVE)
                    else None
                )
            owned = i + 1 < len(doc) and doc[i + 1].text in POSSESSIVE
            if doc[i].is_sent_start or not (
                doc[i].lower_ in _BEFORE_BODY or doc[i].text in POSSESSIVE or owned or doc[i].ent_type_
            ):
                return None
        return None

    @staticmethod
    def _body_before(doc: Doc, end: int, ends: Mapping[int, Candidate]) -> Candidate | None:
        """The body that "commanded by" describes: right before it, or before "which is"."""
        for i in range(end, max(end - _FARTHEST, 0), -1):
            if i in ends:
                return ends[i]
            if doc[i - 1].lower_ not in _BETWEEN:
                return None
        return None

    def _is_taken(self, doc: Doc, at: int) -> bool:
        """Whether "command" is taken, held or given: "assumed command", "is in command", "handed over command"."""
        before = [t.lower_ for t in doc[max(at - 3, doc[at].sent.start) : at]]
        return any(w in self._taking for w in before) or (bool(before) and before[-1] == "in")

    @staticmethod
    def _of_command(doc: Doc, at: int, starts: Mapping[int, Candidate]) -> Candidate | None:
        if at + 2 >= len(doc) or doc[at + 1].lower_ not in _AFTER_COMMAND:
            return None
        after = at + 2 + int(doc[at + 2].lower_ in _BEFORE_BODY)
        return starts.get(after)


def _office(
    doc: Doc, start: int, end: int, title: str, body: Candidate, trigger: str | None
) -> Iterator[Candidate]:
    """The office of who leads `body`; a ministry is led by its minister, if the text says of what and whose."""
    told = {
        "title": title,
        "body": body.value or "",
        "body_text": text_of(doc, body.start, body.end),
        "owner_start": str(body.start),
        "owner_end": str(body.end),
    }
    if title == "head" and body.features.get("head") == "ministry":
        if not body.features.get("portfolio") or not body.features.get("country"):
            return
        told = {
            "title": "minister",
            "portfolio": body.features["portfolio"],
            "country": body.features["country"],
        }
    elif (
        title == "head"
        and body.subkind == "Ministry"
        and body.value is not None
        and "inistry" in told["body_text"]
    ):
        return
    yield Candidate(start, end, "Office", None, Form.DESCRIPTION, strength=71).with_features(
        **{key: value for key, value in told.items() if value}, trigger=trigger
    )
    if body.end <= end:
        yield Candidate(
            body.start,
            body.end,
            body.kind,
            body.subkind,
            body.form,
            body.value,
            body.strength + 1,
            True,
            body.features,
        )


def _is_noun(doc: Doc, i: int) -> bool:
    """Whether the form is a noun here ("the head", "Northern Command"), by parse or by what stands before it."""
    token = doc[i]
    if not token.is_lower:
        return True
    return token.pos_ in {"NOUN", "PROPN", "ADJ"} or (
        i > 0 and doc[i - 1].lower_ in {"the", "a", "of", "its"}
    )


def _is_content(doc: Doc, i: int) -> bool:
    token = doc[i]
    return token.is_alpha and token.pos_ in {"NOUN", "PROPN"}

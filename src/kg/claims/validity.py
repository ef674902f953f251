"""When a state holds: the dates that the words put with it ("minister since October 2024", "from 2014 to 2024")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from spacy.tokens import Doc, Token

from kg.claims.merging import Merged
from kg.days import Days, find_days
from kg.model import Mention, Modality, Statement

#: Relations that hold for a time and then no longer.
STATES = frozenset({"holdsOffice", "memberOf", "headquarteredAt", "operatedBy", "subordinateTo"})
#: Days that a state lasts at least, for its time to be told.
_SHORTEST = 45
_TO_DATE = frozenset({"obl", "nmod", "obl:unmarked", "nmod:unmarked", "advmod", "obl:tmod"})
_TO_OFFICE = frozenset({"obl", "obj", "xcomp", "obl:agent", "nsubj"})


def put_in_time(merged: Merged, statements: Iterable[Statement], today: str | None) -> Iterator[Statement]:
    """`statements`, those of states with the time that a date of their own gives them.

    A date counts that covers more than a moment and that the parse puts with the end of the statement, or with the verb
    that both share. A state whose time was over on `today` (EDTF), or is over by the words where that day is unknown,
    is a former one. Without a parse nothing changes.
    """
    doc = merged.doc
    if not doc.has_annotation("DEP"):
        yield from statements
        return
    dates = [
        (doc[i], m.value)
        for i, m in enumerate(merged.mentions)
        if m is not None
        and m.kind == "Date"
        and m.value is not None
        and (_may_be_a_term(m.value) or _is_wide(doc[i], m.value))
    ]
    for statement in statements:
        found = _find_time(merged, statement, dates) if statement.predicate in STATES else None
        if found is None or statement.valid_time is not None:
            yield statement
            continue
        modality = statement.modality
        if modality is Modality.ASSERTED and _is_over(found, today):
            modality = Modality.FORMER
        yield replace(statement, valid_time=found, modality=modality)


def tells_of_day_to_come(merged: Merged, verb: int, today: Days | None) -> bool:
    """Whether a verb in the present tense has a date after `today`: "takes command on 1 July"."""
    token = merged.doc[verb]
    if today is None or today.last is None or token.tag_ not in {"VBZ", "VBP"}:
        return False
    for child in token.children:
        mention = merged.mentions[child.i]
        if mention is not None and mention.kind == "Date" and mention.value:
            days = find_days(mention.value)
            if days is not None and days.first is not None and days.first > today.last:
                return True
    return False


def _is_wide(date: Token, value: str) -> bool:
    """Whether a decade or year stands with a post in apposition: "A B, defence secretary in the 1990s"."""
    office = date.head
    return (
        office.ent_type_ == "Office" and office.dep_ == "appos" and (value.endswith("X") or len(value) == 4)
    )


def _find_time(merged: Merged, statement: Statement, dates: Iterable[tuple[Token, str]]) -> str | None:
    """The one time that stands with the statement; None if there are several."""
    if not isinstance(statement.object, Mention):
        return None
    at = merged.find_token(statement.object)
    holder = merged.find_token(statement.subject)
    if at is None or holder is None:
        return None
    places = _places(merged.doc, at, holder)
    found = {value for token, value in dates if token.dep_ in _TO_DATE and token.head.i in places}
    return found.pop() if len(found) == 1 else None


def _places(doc: Doc, at: int, holder: int) -> set[int]:
    """The tokens that a date of the statement may hang on: its object, and the verb of both ends."""
    places = {at}
    token = doc[at]
    if token.head.i == holder or doc[holder].head.i == at:
        return places  # "the minister, X, signed it last week": the verb dates what they did
    verb = token.head
    if token.dep_ in _TO_OFFICE and verb.pos_ in {"VERB", "AUX", ""} and verb.i != at:
        own = {child.i for child in verb.children} | {verb.head.i}
        if holder in own or any(doc[holder].head.i == child for child in own):
            places.add(verb.i)
    return places


def _may_be_a_term(time: str) -> bool:
    """Whether a time is one that a state lasts, and no week in which something happened."""
    days = find_days(time) if "/" in time else None
    if days is None:
        return False
    if days.first is None or days.last is None:
        return True
    return (days.last - days.first).days >= _SHORTEST


def _is_over(time: str, today: str | None) -> bool:
    days = find_days(time)
    if days is None or days.last is None:
        return False
    now = find_days(today) if today else None
    return now is None or now.last is None or days.last < now.last

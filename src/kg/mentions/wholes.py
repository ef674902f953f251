"""Names that say what they are part of: "the Special Boat Squadron of the Ghana Navy"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spacy.tokens import Doc

from kg.mentions.candidates import Candidate, is_capitalised
from kg.model import Form

_PARTS = frozenset({"Command", "Unit", "ArmedForce"})
_FACILITIES = frozenset({"MilitaryBase", "Headquarters", "Airfield", "Port"})


def split_wholes(doc: Doc, winners: Sequence[Candidate], proposed: Iterable[Candidate]) -> list[Candidate]:
    """The bodies that end the names among `winners`, and the names without them; all lie inside a winner.

    A name alone has the feature ``beside`` with the tokens of the whole: both are names of one thing.
    """
    bodies: dict[int, list[Candidate]] = {}
    for c in proposed:
        if c.kind == "Organization" and c.form is Form.NAME and not c.features.get("acronym_of"):
            bodies.setdefault(c.end, []).append(c)
    found = []
    for name in winners:
        of = _of(doc, name)
        if of is None:
            continue
        tails = [c for c in bodies.get(name.end, ()) if of < c.start <= of + 2 and c.length > 1]
        if not tails:
            continue
        tail = max(tails, key=lambda c: (c.length, c.strength))
        found.append(
            Candidate(
                tail.start,
                tail.end,
                tail.kind,
                tail.subkind,
                tail.form,
                tail.value,
                tail.strength,
                True,
                tail.features,
            )
        )
        own = {k: v for k, v in name.features.items() if k != "country"}
        own["beside"] = f"{name.start}:{name.end}"
        found.append(
            Candidate(name.start, of, name.kind, name.subkind, Form.NAME, None, name.strength, True, own)
        )
    return found


def _of(doc: Doc, name: Candidate) -> int | None:
    """The first "of" of a body's or base's name that has two capitalised words or more before it; None otherwise."""
    parts = _PARTS if name.kind == "Organization" else _FACILITIES if name.kind == "Facility" else frozenset()
    if name.subkind not in parts or name.form is not Form.NAME or name.value:
        return None
    of = next((i for i in range(name.start, name.end) if doc[i].lower_ == "of"), None)
    if of is None or sum(is_capitalised(doc[i].text) for i in range(name.start, of)) < 2:
        return None
    return of

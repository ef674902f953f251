"""Events that have a name of their own: "Northern Anvil 26 began", "Bright Star, an annual exercise"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Token

from kg.catalog import Lexicon
from kg.mentions.candidates import Candidate, is_capitalised, text_of
from kg.mentions.phrases import PhraseIndex
from kg.mentions.shape import is_name_word, run_left, run_right
from kg.model import Form

_SUBJECTS = frozenset({"nsubj", "nsubj:pass", "nsubjpass"})
_OBJECTS = frozenset({"obj", "dobj"})
_STRENGTH = 70
_PART = frozenset({"part", "participate", "participated", "participates", "participating"})
_SHORT = 3  # code points; shorter words say too little to be an event's name alone
_LONGEST = 5  # tokens of a name


class NamedEventFinder:
    """Finds names of events that the text tells are ones, by the words beside them."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._starting = {
            form: word.value or "" for form, word in lexicon.forms("event_staging_verbs").items()
        }
        self._named = frozenset(lexicon.entries("named_event_classes"))
        self._ordinals = lexicon.entries("event_ordinals")
        self._known = PhraseIndex(lexicon, "exercise_names")
        self._other_senses = frozenset(lexicon.entries("exercise_names_with_other_senses"))
        self._forces = frozenset(w for w in lexicon.forms("force_nouns") if " " not in w)

    def find(
        self, doc: Doc, events: Sequence[Candidate], taken: Sequence[Candidate], headline: Sequence[bool]
    ) -> list[Candidate]:
        """Candidates of event names, given the events told by a noun or verb and the mentions `taken`."""
        if not doc.has_annotation("DEP"):
            return []
        # The number of a name's year ("Flintlock 2025") is no date.
        blocked = {
            i for c in taken for i in range(c.start, c.end) if not (c.kind == "Date" and c.length == 1)
        }
        nouns = {
            i: c
            for c in events
            if c.features.get("trigger") == "noun" and c.subkind
            for i in range(c.start, c.end)
        }
        kinds = {c.subkind.lower() for c in nouns.values() if c.subkind} & self._named
        found = {(c.start, c.end): c for c in self._beside(doc, nouns, blocked)}
        for kind in sorted(kinds):
            found |= {(c.start, c.end): c for c in self._staged(doc, kind, blocked, nouns)}
        found |= {(c.start, c.end): c for c in self._by_name(doc, blocked, nouns)}
        if "exercise" in kinds or any(t.lower_ in self._forces for t in doc):
            found |= {(c.start, c.end): c for c in self._taken_part_in(doc, blocked, nouns)}
        out = [c for c in found.values() if not headline[c.start]]
        named = [c for c in events if c.features.get("name") and not headline[c.start]]
        return [*out, *self._again(doc, [*named, *out], blocked, nouns)]

    def _beside(self, doc: Doc, nouns: dict[int, Candidate], blocked: set[int]) -> Iterator[Candidate]:
        """ "Bright Star, an annual exercise", "the annual exercise, Bright Star"."""
        for i, event in nouns.items():
            token = doc[i]
            if event.length > 3 or (event.subkind or "").lower() not in self._named or not token.is_lower:
                continue
            beside = [c for c in token.children if c.dep_ in {"appos", "flat"}]
            if token.dep_ == "appos":
                beside.append(token.head)
            for other in beside:
                yield from self._name(doc, other, event.subkind or "Event", blocked, nouns)

    def _staged(
        self, doc: Doc, kind: str, blocked: set[int], nouns: dict[int, Candidate]
    ) -> Iterator[Candidate]:
        """ "start Northern Anvil 26", "Northern Anvil took place", in a text that speaks of an exercise."""
        for token in doc:
            role = self._starting.get(token.lower_)
            if role is None or token.pos_ != "VERB":
                continue
            for child in token.children:
                wanted = _SUBJECTS if role == "subject" else _OBJECTS | {"nsubj:pass", "nsubjpass"}
                if child.dep_ in wanted:
                    yield from self._name(doc, child, kind.capitalize(), blocked, nouns)

    def _by_name(self, doc: Doc, blocked: set[int], nouns: dict[int, Candidate]) -> Iterator[Candidate]:
        """Names of recurring exercises, with the number of the year if it follows."""
        forces = any(t.lower_ in self._forces for t in doc)
        for hit in self._known.find(doc):
            start, end = hit.start, hit.end
            if not all(is_capitalised(t.text) or not t.is_alpha or len(t) < 4 for t in doc[start:end]):
                continue
            end = _with_number(doc, end)
            numbered = end > hit.end
            told = start > 0 and doc[start - 1].lower_ in self._named
            # "during Swift Response": both words with capitals, in a text that speaks of forces.
            named = forces and hit.length > 1 and not doc[start].is_sent_start
            if hit.word.lemma in self._other_senses and not (numbered or told or named):
                continue
            if not any(i in blocked or i in nouns for i in range(start, end)):
                yield self._event(doc, start, end, "Exercise")

    def _taken_part_in(self, doc: Doc, blocked: set[int], nouns: dict[int, Candidate]) -> Iterator[Candidate]:
        """ "took part in Sharp Knife", "participates in Desert Anvil 25", in a text that speaks of forces."""
        for token in doc:
            if token.lower_ != "in" or token.i == 0 or token.i + 1 >= len(doc):
                continue
            if doc[token.i - 1].lower_ not in _PART:
                continue
            start = token.i + 1
            if not is_name_word(doc, start):
                continue
            end = run_right(doc, start)
            name_end, end = end, _with_number(doc, end)
            free = not any(i in blocked or i in nouns for i in range(start, end))
            named = name_end - start > 1 or end > name_end
            if (
                free
                and named
                and end - start <= _LONGEST
                and not any(t.ent_type_ for t in doc[start:name_end])
            ):
                yield self._event(doc, start, end, "Exercise")

    def _name(
        self, doc: Doc, token: Token, kind: str, blocked: set[int], nouns: dict[int, Candidate]
    ) -> Iterator[Candidate]:
        if not is_name_word(doc, token.i) or token.ent_type_ == "PERSON":
            return
        start, end = run_left(doc, token.i), run_right(doc, token.i)
        while end < len(doc) and (
            doc[end].text.isdigit() or (doc[end].text == "-" and not doc[end].whitespace_)
        ):
            end += 1
        free = not any(i in blocked or i in nouns for i in range(start, end))
        if (
            free
            and 1 < end - start <= _LONGEST
            and all(is_capitalised(t.text) or not t.is_alpha for t in doc[start:end])
        ):
            yield self._event(doc, start, end, kind)

    def _again(
        self, doc: Doc, found: Sequence[Candidate], blocked: set[int], nouns: dict[int, Candidate]
    ) -> Iterator[Candidate]:
        """The same names elsewhere, the number of the year left out or not."""
        covered = {i for c in found for i in range(c.start, c.end)}
        names: dict[str, Candidate] = {}
        for c in found:
            told = c.features.get("named") is None  # "Exercise Kakadu": its noun says what it is
            words = [t.text for t in doc[c.start : c.end] if t.is_alpha and is_capitalised(t.text)]
            words = [w for w in words if not told or w.lower() in (c.features.get("name") or "").split()]
            if len(words) > 1 or (told and words and len(words[0]) > _SHORT):
                names.setdefault(" ".join(words), c)
        firsts: dict[str, list[int]] = {}
        for i, token in enumerate(doc):
            firsts.setdefault(token.text, []).append(i)
        for name, c in sorted(names.items(), key=lambda row: (-len(row[0]), row[0])):
            words = name.split()
            for i in firsts.get(words[0], ()):
                if [t.text for t in doc[i : i + len(words)]] == words:
                    end = _with_number(doc, i + len(words))
                    if not any(j in covered or j in blocked or j in nouns for j in range(i, end)):
                        covered.update(range(i, end))
                        yield self._event(doc, i, end, c.subkind or "Event")

    def _event(self, doc: Doc, start: int, end: int, kind: str) -> Candidate:
        name = text_of(doc, start, end)
        before = doc[start - 1].lower_ if start else ""
        ordinal = (self._ordinals.get(before) or before) if before in self._ordinals else None
        return Candidate(start, end, "Event", kind, Form.NAME, strength=_STRENGTH).with_features(
            trigger="noun",
            form="base",
            lemma=name.lower(),
            named="yes",
            name=name_words(doc, start, end),
            ordinal=ordinal,
        )


def name_words(doc: Doc, start: int, end: int) -> str | None:
    """The words of an event's name in lower case, of a year two digits: "Bright Star 2026" is "bright star 26"."""
    words = [
        t.text[-2:] if t.text.isdigit() else t.lower_
        for t in doc[start:end]
        if t.text.isdigit() or (t.is_alpha and is_capitalised(t.text))
    ]
    return " ".join(words) if any(not w.isdigit() for w in words) else None


def _with_number(doc: Doc, end: int) -> int:
    """The token after the number or hyphen and number that follow a name: "Bright Star 26", "Zapad-2021"."""
    if end < len(doc) and doc[end].text.isdigit():
        return end + 1
    if end + 1 < len(doc) and doc[end].text in {"-", "'", "’"} and doc[end + 1].text.isdigit():
        return end + 2
    return end

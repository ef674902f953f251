"""Who a text says that something is said by, and how far that reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from spacy.tokens import Doc, Token

from kg.catalog import Lexicon, load_catalog
from kg.claims.speech import SpeechReader

_QUOTES = frozenset({'"', "“", "”", "``", "''"})
_ENDS = frozenset({".", "!", "?", ";"})
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "'s"})
_AUXILIARIES = frozenset(
    {"has", "have", "had", "also", "later", "then", "earlier", "further", "both", "reportedly", "did"}
)
_PRONOUNS = frozenset({"he", "she", "they", "it", "we"})
_RELATIVES = frozenset({"who", "which", "what", "that"})
_DETERMINERS = frozenset({"the", "those", "these", "both"})
_PHRASE_OPENERS = frozenset({"the", "a", "an", "its", "his", "her", "their"})
_ADJUNCT_WORDS = frozenset(
    {"on", "in", "at", "during", "to", "after", "via", "by", "through", "late", "early", "before"}
)
_LONGEST_SOURCE = 14
_LONGEST_ADJUNCT = 14


@dataclass(frozen=True, slots=True)
class Attribution:
    """A source and what is attributed to it.

    The source stands in tokens ``[source_start, source_end)``, what it says in ``[scope_start, scope_end)``;
    `text` is the source as worded. That of "he added" and "the sources said" is the fuller wording before it.
    """

    source_start: int
    source_end: int
    scope_start: int
    scope_end: int
    text: str


class AttributionReader:
    """Reads attributions with the word lists of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._verbs = {
            form: word.form for form, word in lexicon.forms("reporting_verbs").items() if " " not in form
        }
        self._speech = SpeechReader(lexicon)
        self._bare = frozenset(lexicon.forms("bare_clause_verbs"))
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        for phrase in lexicon.entries("attribution_phrases"):
            words = tuple(phrase.split())
            self._phrases.setdefault(words[0], []).append(words)
        self._plain = frozenset(lexicon.entries("plain_verbs"))
        self._links = frozenset(lexicon.entries("source_links"))
        self._openings = frozenset(lexicon.entries("source_openings"))
        self._source_nouns = frozenset(form.split()[-1] for form in lexicon.forms("source_nouns") if form)

    def find(self, doc: Doc) -> list[Attribution]:
        """The attributions of `doc`, in the order of their sources' verbs; sentence bounds must be set."""
        found: list[Attribution] = []
        for sentence in doc.sents:
            start, end = _trim(doc, sentence.start, sentence.end)
            if start >= end:
                continue
            before = len(found)
            parsed = list(self._by_parse(doc, start, end)) if doc.has_annotation("DEP") else []
            for attribution in parsed or self._in_sentence(doc, start, end):
                found.append(self._fuller(doc, attribution, found))
            if len(found) == before and found and self._continues_quote(doc, start, end, found[-1]):
                last = found[-1]
                found.append(Attribution(last.source_start, last.source_end, start, end, last.text))
        return found

    def _by_parse(self, doc: Doc, start: int, end: int) -> Iterator[Attribution]:
        for (first, last), scope in self._speech.read(doc, start, end):
            if self._can_speak(doc, first, last):
                yield _attribution(doc, first, last, *scope)

    def _in_sentence(self, doc: Doc, start: int, end: int) -> Iterator[Attribution]:
        index = start
        while index < end:
            known = self._phrases.get(doc[index].lower_, ())
            phrase = next((p for p in known if self._stands_at(doc, index, end, p)), None)
            attribution = None
            if phrase is not None:
                attribution = self._by_phrase(doc, index, index + len(phrase), start, end)
            elif self._is_saying(doc, index, start):
                attribution = self._by_verb(doc, index, start, end)
            if attribution is not None:
                yield attribution
            index += 1

    @staticmethod
    def _stands_at(doc: Doc, index: int, end: int, phrase: tuple[str, ...]) -> bool:
        return tuple(token.lower_ for token in doc[index : min(index + len(phrase), end)]) == phrase

    # ------------------------------------------------------------------------------- by a phrase or a verb
    def _by_phrase(self, doc: Doc, at: int, after: int, start: int, end: int) -> Attribution | None:
        """ "According to X, ..." and "..., according to X"."""
        source_end = self._source_right(doc, after, end)
        if source_end == after:
            return None
        rest = source_end + 1 if source_end < end and doc[source_end].text == "," else source_end
        if at == start or all(not token.is_alpha for token in doc[start:at]):
            return _attribution(doc, after, source_end, rest, end)
        last = at - 1 if doc[at - 1].text == "," else at
        # In the middle of a sentence the source vouches for both sides.
        middle = source_end < end - 1 and doc[source_end].text == "," and doc[source_end].text not in _ENDS
        return _attribution(doc, after, source_end, start, end if middle else last)

    def _is_saying(self, doc: Doc, index: int, start: int) -> bool:
        token = doc[index]
        form = self._verbs.get(token.lower_)
        if form is None or not token.is_lower or token.ent_type_ not in ("", "Event"):
            return False
        if token.pos_ and token.pos_ != "VERB":
            return False
        if form in ("base", "s") and token.lower_ not in self._bare:
            return False
        before = doc[index - 1].lower_ if index > start else ""
        return before not in _BE and before not in ("the", "a", "an", "to", "of", "'s", "its", "his", "their")

    def _by_verb(self, doc: Doc, verb: int, start: int, end: int) -> Attribution | None:
        if doc[verb].lower_ in ("saying", "adding") or self._verbs[doc[verb].lower_] == "gerund":
            return self._by_participle(doc, verb, start, end)
        source = self._source_left(doc, verb, start)
        opener = self._opener(doc, verb, end)
        if source is None:
            return self._inverted(doc, verb, start, end)
        first, last = source
        final = first > start and (doc[first - 1].text == "," or doc[first - 1].text in _QUOTES)
        quoted = first > start and any(t.text in _QUOTES for t in doc[max(start, first - 2) : first])
        if opener is not None and not (
            final and self._ends_soon(doc, verb, end) and doc[opener].lower_ != "that"
        ):
            begin = opener + 1 if doc[opener].lower_ in ("that", ":") or doc[opener].text == "," else opener
            # A quote may go on after its speaker ("We stay," he said, "and we fight").
            scope = start if quoted and doc[opener].text in _QUOTES else begin
            return _attribution(doc, first, last, scope, end) if begin < end else None
        if final and (quoted or self._ends_soon(doc, verb, end) or self._goes_on(doc, verb, end)):
            stop = first
            while stop > start and (doc[stop - 1].text == "," or doc[stop - 1].text in _QUOTES):
                stop -= 1
            reach = (
                end
                if self._goes_on(doc, verb, end)
                else stop + (1 if quoted and doc[stop].text in _QUOTES else 0)
            )
            return _attribution(doc, first, last, start, max(reach, stop)) if stop > start else None
        if doc[verb].lower_ in self._bare and not final:
            begin = self._skip_adjunct(doc, verb + 1, end)
            if any(self._is_finite(token) for token in doc[begin:end]) and not doc[begin].is_punct:
                return _attribution(doc, first, last, begin, end)
        return None

    def _by_participle(self, doc: Doc, verb: int, start: int, end: int) -> Attribution | None:
        """ "X opened the talks by saying, ..." and "X left, adding that ...": the source is the subject."""
        opener = self._opener(doc, verb, end)
        if opener is None:
            return None
        first_verb = next((i for i in range(start, verb) if self._is_finite(doc[i])), None)
        source = self._source_left(doc, first_verb, start) if first_verb is not None else None
        for index in range(verb - 1, start, -1):
            # "..., Novak said, adding that ...": the nearest speaker is the one.
            if self._is_saying(doc, index, start):
                source = self._source_left(doc, index, start) or source
                break
        begin = opener + 1 if doc[opener].lower_ in ("that", ":", ",") else opener
        return _attribution(doc, *source, begin, end) if source is not None and begin < end else None

    def _inverted(self, doc: Doc, verb: int, start: int, end: int) -> Attribution | None:
        """ "...," said X."""
        if verb == start or not (doc[verb - 1].text == "," or doc[verb - 1].text in _QUOTES):
            return None
        last = self._source_right(doc, verb + 1, end)
        if last == verb + 1:
            return None
        stop = verb
        while stop > start and doc[stop - 1].text == ",":
            stop -= 1
        return _attribution(doc, verb + 1, last, start, stop) if stop > start else None

    # -------------------------------------------------------------------------------------------- sources
    def _source_left(self, doc: Doc, verb: int, start: int) -> tuple[int, int] | None:
        """The noun phrase whose verb `verb` is, or None."""
        last = verb
        while last > start and (
            doc[last - 1].lower_ in _AUXILIARIES
            or doc[last - 1].lower_.endswith("ly")
            or _is_date(doc[last - 1])
        ):
            last -= 1
        if last > start and doc[last - 1].lower_ in ("and", "but"):
            return self._subject(doc, start, last - 1)
        if last > start and doc[last - 1].text == ",":
            # An apposition or a relative clause between the source and its verb.
            comma = next((i for i in range(last - 2, start, -1) if doc[i].text == ","), None)
            if comma is not None and doc[comma - 1].lower_ in ("and", "but"):
                return self._subject(doc, start, comma - 1)
            if comma is None or any(t.text in _QUOTES for t in doc[comma:last]) or last - comma > 25:
                return None
            last = comma
        first = last
        while first > start and last - first < _LONGEST_SOURCE and self._in_source(doc, first - 1):
            first -= 1
        while (
            first < last
            and (doc[first].lower_ in self._openings or _is_date(doc[first]))
            and not self._is_name(doc[first])
        ):
            opening = doc[first].lower_
            first += 1
            if opening in ("on", "in", "at", "during", "after", "before", "since", "following"):
                # "In a statement the ministry said": the source is the last phrase.
                first = max((i for i in range(first, last) if self._opens_phrase(doc, i)), default=last)
        while first < last and doc[first].lower_ in ("and", "or", "of", "to", "by", "for", "with", "from"):
            first += 1
        if first >= last or doc[last - 1].lower_ in _RELATIVES or not self._can_speak(doc, first, last):
            return None
        return first, last

    def _subject(self, doc: Doc, start: int, end: int) -> tuple[int, int] | None:
        """The subject of the first finite verb in ``[start, end)``: whose second verb follows "and"."""
        verb = next((i for i in range(start + 1, end) if self._is_finite(doc[i])), None)
        return self._source_left(doc, verb, start) if verb is not None else None

    def _source_right(self, doc: Doc, first: int, end: int) -> int:
        """Where the noun phrase that begins at `first` ends; `first` itself if there is none."""
        last = first
        while (
            last < end
            and last - first < _LONGEST_SOURCE
            and self._in_source(doc, last)
            and not _is_date(doc[last])
        ):
            if doc[last].lower_ in ("on", "in", "during") and last + 1 < end and _is_date(doc[last + 1]):
                break
            last += 1
        while last > first and doc[last - 1].lower_ in self._links | {"late", "early"}:
            last -= 1
        return last if self._can_speak(doc, first, last) else first

    def _in_source(self, doc: Doc, index: int) -> bool:
        token = doc[index]
        word = token.lower_
        if token.ent_type_ and token.ent_type_ != "Event":
            return True
        if (
            token.is_space
            or word in (",", ";", ":", "(", ")", "-", "–", "—")
            or token.text in _QUOTES
            or word in _ENDS
        ):
            return word == "-" and index > 0 and not doc[index - 1].whitespace_
        if word in _PRONOUNS or word in self._links or word in self._source_nouns or word in self._openings:
            return True
        if word in ("'s", "'"):
            return word == "'s" or (index > 0 and doc[index - 1].text not in (",", ".", "!", "?"))
        return not self._is_finite(token) and word not in (
            "but",
            "while",
            "because",
            "if",
            "when",
            "not",
            "than",
        )

    def _opens_phrase(self, doc: Doc, index: int) -> bool:
        word = doc[index].lower_
        return word in _PHRASE_OPENERS or word in _PRONOUNS or self._is_name(doc[index])

    @staticmethod
    def _is_name(token: Token) -> bool:
        return token.text[:1].isupper() and not token.is_sent_start

    def _can_speak(self, doc: Doc, first: int, last: int) -> bool:
        if first >= last:
            return False
        tokens = doc[first:last]
        if len(tokens) == 1 and (tokens[0].lower_ in _PRONOUNS):
            return True
        if tokens[0].lower_ in self._openings - {"both"} or tokens[0].lower_ in _RELATIVES:
            return False
        named = any(token.ent_type_ and not _is_date(token) for token in tokens)
        spoken = any(token.lower_ in self._source_nouns or token.text[:1].isupper() for token in tokens)
        return (
            named
            or spoken
            or tokens[0].lower_
            in ("the", "a", "an", "its", "his", "her", "their", "one", "two", "some", "many")
        )

    # -------------------------------------------------------------------------------------- what is said
    def _opener(self, doc: Doc, verb: int, end: int) -> int | None:
        """The word or mark after the verb and its adjuncts that opens what is said ("that", a quote)."""
        for index in range(verb + 1, min(verb + 1 + _LONGEST_ADJUNCT, end)):
            token = doc[index]
            if token.lower_ == "that" or token.text == ":":
                return index
            if token.text in _QUOTES:
                return index
            if token.text == "," and index + 1 < end and doc[index + 1].text in _QUOTES:
                return index + 1
            if token.text in _ENDS or token.text == "," or (self._is_finite(token) and not token.ent_type_):
                return None
        return None

    def _skip_adjunct(self, doc: Doc, index: int, end: int) -> int:
        """Past dates and "to reporters", "on Monday", right after a verb of saying."""
        if doc[index - 1].lower_ in ("told", "tell", "tells", "informed") and index < end:
            index += 1
        while index < end:
            if _is_date(doc[index]):
                index += 1
            elif doc[index].lower_ in _ADJUNCT_WORDS and index + 1 < end and _is_date(doc[index + 1]):
                index += 2
            else:
                break
        return min(index, end - 1)

    def _ends_soon(self, doc: Doc, verb: int, end: int) -> bool:
        """Whether nothing but dates and short adjuncts follow the verb of a sentence."""
        index = verb + 1
        if index < end and doc[verb].lower_ in ("told", "informed"):
            index += 1
        elif index < end and doc[index].is_alpha and not _is_date(doc[index]):
            adjunct = doc[index].lower_ in _ADJUNCT_WORDS or doc[index].lower_.endswith("ly")
            if not adjunct:
                # An object follows: "they stressed the need for talks".
                return False
        while index < end and doc[index].text not in _ENDS:
            token = doc[index]
            if (
                token.text == ","
                or self._is_finite(token)
                or token.lower_ == "that"
                or index - verb > _LONGEST_ADJUNCT
            ):
                return False
            if token.text in _QUOTES and index < end - 1:
                return False
            index += 1
        return True

    def _goes_on(self, doc: Doc, verb: int, end: int) -> bool:
        """Whether the speaker goes on in the sentence ("he said, adding that ..."), or in a second quote."""
        for index in range(verb + 1, min(verb + 2 + _LONGEST_ADJUNCT, end)):
            if doc[index].text == "," and index + 1 < end:
                after = doc[index + 1]
                return (
                    after.text in _QUOTES
                    or self._verbs.get(after.lower_) == "gerund"
                    or after.lower_ == "and"
                )
        return False

    def _is_finite(self, token: Token) -> bool:
        word = token.lower_
        if token.ent_type_ not in ("", "Event"):
            return False
        if token.tag_:
            return token.tag_ in ("MD", "VBD", "VBZ", "VBP")
        modal = word in (
            "will",
            "would",
            "may",
            "might",
            "could",
            "should",
            "must",
            "can",
            "shall",
            "has",
            "have",
            "had",
            "did",
            "does",
            "do",
        )
        form = self._verbs.get(word)
        said = form in ("past", "plural", "participle") or (
            form is not None and word in self._bare and form != "gerund"
        )
        return token.is_lower and (
            modal
            or word in _BE - {"'s"}
            or said
            or (word.endswith("ed") and len(word) > 4)
            or word in self._plain
        )

    # ------------------------------------------------------------------------------ sources named before
    def _fuller(self, doc: Doc, attribution: Attribution, earlier: list[Attribution]) -> Attribution:
        """The attribution with the fuller wording of its source, if a sentence before gave one."""
        words = attribution.text.lower().split()
        for known in reversed(earlier):
            before = known.text.lower().split()
            if before[0] in _PRONOUNS:
                continue
            if len(words) == 1 and words[0] in _PRONOUNS:
                same = (
                    words[0] != "they"
                    or " and " in known.text
                    or before[-1].endswith("s")
                    or "sources" in before
                )
                if not same:
                    continue
                return self._with_source(attribution, known)
            definite = len(words) == 2 and words[0] in _DETERMINERS and words[1] in self._source_nouns
            if definite and words[1] in before and len(before) > 2:
                return self._with_source(attribution, known)
        return attribution

    @staticmethod
    def _with_source(attribution: Attribution, known: Attribution) -> Attribution:
        return Attribution(
            known.source_start, known.source_end, attribution.scope_start, attribution.scope_end, known.text
        )

    def _continues_quote(self, doc: Doc, start: int, end: int, last: Attribution) -> bool:
        """Whether the sentence is all in quotes and follows, in its paragraph, one that names its speaker."""
        if doc[start].text not in _QUOTES or not any(
            t.text in _QUOTES for t in doc[max(start + 1, end - 2) : end]
        ):
            return False
        if any(token.is_space and "\n" in token.text for token in doc[last.scope_start : start]):
            return False
        return last.scope_end <= start and start - last.scope_end <= _LONGEST_SOURCE + 10


def _is_date(token: Token) -> bool:
    return token.ent_type_ == "Date" or (not token.ent_type_ and token.text in _WEEKDAYS)


_WEEKDAYS = frozenset({"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"})


def _trim(doc: Doc, start: int, end: int) -> tuple[int, int]:
    while end > start and doc[end - 1].is_space:
        end -= 1
    while start < end and doc[start].is_space:
        start += 1
    return start, end


def _attribution(doc: Doc, first: int, last: int, begin: int, end: int) -> Attribution:
    return Attribution(first, last, begin, end, doc[first:last].text)


@lru_cache(maxsize=1)
def _shared_reader() -> AttributionReader:
    return AttributionReader(load_catalog().lexicon)


def find_attributions(doc: Doc) -> list[Attribution]:
    """The attributions of `doc`, whose sentence bounds must be set, by the built-in lexicon.

    Mentions may be merged into one token each, with their kind as entity type; dates are then known as dates.
    """
    return _shared_reader().find(doc)

"""People's names: after a title, beside an office, by a known given name; then by one of their names alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from spacy.tokens import Doc, Token

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, is_capitalised, text_of
from kg.mentions.phrases import PhraseIndex
from kg.mentions.recognition import Recognized
from kg.mentions.shape import is_name_word
from kg.model import Form
from kg.terms import fold

_WORDS_TO_OFFICE = (
    5  # between a name and its office: "A B was on Monday sworn in as mayor" is the longest kind
)
_SHORT_RANK = 4  # letters: "Gen", "Col", "Adm"; a longer word without a full stop is the rank in full
_TOLD = 50  # strength of proposals that know what they are
_LONGEST_ADDRESS = 4  # tokens: "Mr." may be two
_LONGEST_NAME = 9  # tokens: words, particles, initials and the hyphens of "Al-"


class PersonFinder:
    """Finds people's names in a `Doc`, given the other mentions found so far."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._honorifics = PhraseIndex(lexicon, "honorifics")
        self._retired = frozenset(lexicon.entries("retired_words"))
        self._titles = PhraseIndex(lexicon, "office_titles")
        self._genders = lexicon.entries("honorific_genders")
        self._ranks = PhraseIndex(lexicon, "ranks")
        self._particles = frozenset(lexicon.entries("name_particles"))
        self._suffixes = frozenset(lexicon.entries("name_suffixes"))
        self._counterparts = frozenset(lexicon.entries("counterpart_words"))
        self._office_links = frozenset(lexicon.entries("office_links"))
        self._given = frozenset(lexicon.entries("given_names"))
        self._speech = frozenset(lexicon.forms("reporting_verbs"))
        self._not_names = frozenset(lexicon.entries("months")) | frozenset(lexicon.entries("weekdays"))
        self._things = frozenset(
            w
            for name in ("facility_heads", "place_heads")
            for w, form in lexicon.forms(name).items()
            if form.form == "base" and " " not in w
        )
        self._heads = frozenset(
            word
            for name in (
                "organization_heads",
                "facility_heads",
                "agreement_heads",
                "place_heads",
                "event_nouns",
                "office_titles",
            )
            for word in lexicon.forms(name)
            if " " not in word
        )

    def find(
        self,
        doc: Doc,
        others: Sequence[Candidate],
        headline: list[bool],
        recognized: Sequence[Recognized] = (),
    ) -> list[Candidate]:
        """Candidates of people's names: full ones where they are introduced, single names where one was.

        `recognized` are the names that the parser found, of all kinds.
        """
        blocked = {i for c in others for i in range(c.start, c.end) if c.strength >= 55 or c.kind == "Date"}
        strong = {
            i
            for c in others
            for i in range(c.start, c.end)
            if c.kind in {"Office", "Organization", "Facility", "Agreement"}
        }
        introduced = [*self._after_titles(doc, others, strong, headline, recognized)]
        introduced += self._by_context(doc, others, blocked, headline)
        introduced += self._joined(doc, introduced, others, blocked)
        introduced += self._recognized(doc, recognized, others, strong)
        named = [*introduced, *self._by_one_name(doc, introduced, blocked)]
        return [c.with_features(gender=self._gender(doc, c.start)) for c in named]

    def _gender(self, doc: Doc, start: int) -> str | None:
        """What the address right before token `start` says: "f" of "Ms.", "m" of "Mr."."""
        hit = self._honorifics.ending_at(doc, start, max(start - _LONGEST_ADDRESS, 0))
        return self._genders.get(hit.word.lemma) if hit is not None else None

    # ------------------------------------------------------------------ introductions
    def _after_titles(
        self,
        doc: Doc,
        others: Iterable[Candidate],
        strong: set[int],
        headline: list[bool],
        recognized: Sequence[Recognized] = (),
    ) -> Iterator[Candidate]:
        anchors = {
            c.end: c
            for c in others
            if (c.kind == "Office" and is_capitalised(doc[c.end - 1].text))
            or (c.kind == "Office" and c.features.get("title"))
        }
        for index in (self._honorifics, self._ranks):
            for hit in index.find(doc):
                if is_capitalised(doc[hit.start].text):
                    anchors.setdefault(hit.end, Candidate(hit.start, hit.end, "Title"))
        for token in doc:
            if token.lower_ in self._counterparts and token.i + 1 < len(doc):
                anchors.setdefault(
                    token.i + 1 + int(doc[token.i + 1].text == ","), Candidate(token.i, token.i + 1, "Title")
                )
        for start, anchor in sorted(anchors.items()):
            if start >= len(doc) or doc[start].is_sent_start:
                continue
            if headline[start]:
                # "Vice Adm. Loretta J. Simms, for appointment as ...": an entry of a list; capitals alone say nothing
                seen = next((r for r in recognized if r.start == start and r.kind == "Person"), None)
                if anchor.kind == "Title" and seen is not None and seen.end - start > 1:
                    yield Candidate(start, seen.end, "Person", strength=72)
                continue
            if anchor.kind == "Office" and doc[start].text == "," and start + 1 < len(doc):
                begin = self._name_start(doc, start + 1)
                end = self._name_end(doc, begin, strong)
                # "the mayor, A B, said": two name words, and nothing that a list of offices would go on with.
                if end - begin >= 2 and end < len(doc) and doc[end].lower_ not in {"and", "of"}:
                    yield Candidate(begin, end, "Person", strength=70)
                continue
            rank = self._ranks.starting_at(doc, start)
            begin = self._name_start(doc, start)
            if begin >= len(doc):
                continue
            # "Defence Minister Park Sung-min": before a given name of two syllables, a common noun is a surname.
            surname = begin + 1 < len(doc) and "-" in doc[begin + 1].text[1:-1]
            end = self._name_end(
                doc, begin, strong, addressed=anchor.kind != "Office" or begin > start or surname
            )
            if end > begin:
                yield Candidate(
                    begin, end, "Person", strength=75 if anchor.kind == "Office" else 72
                ).with_features(
                    rank=rank.word.value or rank.word.lemma if rank is not None and begin > start else None
                )

    def _name_start(self, doc: Doc, start: int) -> int:
        """The first token at or after `start` that is no rank or honorific before a name.

        "Gen" without a full stop may be a given name, "Gen." and "General" are ranks.
        """
        begin = start
        while begin + 1 < len(doc):
            hit = self._ranks.starting_at(doc, begin) or self._honorifics.starting_at(doc, begin)
            word = doc[begin].text
            if hit is None:
                break
            after = self._past_retired(doc, hit.end)
            if after >= len(doc) or not is_capitalised(doc[after].text):
                break
            if (
                hit.length == 1
                and len(word) <= _SHORT_RANK
                and not word.endswith(".")
                and self._ranks.starting_at(doc, begin)
            ):
                break
            begin = after
        return begin

    def _past_retired(self, doc: Doc, i: int) -> int:
        """The token after "(ret.)", if that begins at token `i`."""
        if i + 2 < len(doc) and doc[i].text == "(" and doc[i + 1].lower_.strip(".") in self._retired:
            closing = i + 2 + int(doc[i + 2].text == ".")
            if closing < len(doc) and doc[closing].text == ")":
                return closing + 1
        return i

    def _bare_start(self, doc: Doc, start: int, end: int) -> int:
        """The first token after the last rank or honorific in ``[start, end)``: "Raksha Mantri Shri A B"."""
        begin = self._name_start(doc, start)
        title = self._titles.starting_at(doc, begin)
        if title is not None and title.end < end:
            begin = self._name_start(doc, title.end)  # "AMBASSADOR EL-SHERBINI"
        for i in range(begin + 1, end - 1):
            hit = self._honorifics.starting_at(doc, i) or self._ranks.starting_at(doc, i)
            if hit is not None and hit.end < end and (hit.length > 1 or "." in doc[i].text or i > begin + 1):
                begin = hit.end
        return begin

    def _name_end(self, doc: Doc, start: int, strong: set[int], addressed: bool = False) -> int:
        """The token after the name that begins at `start`; `start` if none does.

        In a name that is `addressed` ("Ms. Park"), as in one that the parser sees, a common noun may be a surname.
        """
        end = start
        while end < len(doc) and end - start < _LONGEST_NAME and not (end > start and doc[end].is_sent_start):
            token = doc[end]
            if end in strong or (fold(token.text) in self._not_names and end > start):
                break
            if end > start and token.text.isupper() and token.lower_ in self._suffixes:
                break  # "Helen Karras MP"
            if (
                (
                    is_name_word(doc, end)
                    and (token.lower_ not in self._heads or addressed or _is_person(token))
                )
                or (
                    token.lower_ in self._particles
                    and end + 1 < len(doc)
                    and is_capitalised(doc[end + 1].text)
                    and (end > start or token.is_lower)
                )
                or (
                    token.text == "-"
                    and end > start
                    and end + 1 < len(doc)
                    and is_capitalised(doc[end + 1].text)
                    and not token.whitespace_
                )
                or self._hyphenated_particle(doc, end)
            ):
                end += 1
            elif (
                token.text in {'"', "("}
                and end > start
                and end + 2 < len(doc)
                and doc[end + 2].text in {'"', ")"}
                and end + 3 < len(doc)
                and is_name_word(doc, end + 3)
            ):
                end += 3
            else:
                break
        while end > start and (
            doc[end - 1].lower_ in self._particles or doc[end - 1].text in {"-", '"', "("}
        ):
            end -= 1
        if (
            end + 1 < len(doc)
            and end > start
            and doc[end].text == ","
            and doc[end + 1].lower_ in self._suffixes
        ):
            end += 2
        return end

    def _hyphenated_particle(self, doc: Doc, i: int) -> bool:
        """ "al" of "al-Sharaa"."""
        return (
            i + 2 < len(doc)
            and doc[i].lower_ in self._particles
            and doc[i + 1].text == "-"
            and is_capitalised(doc[i + 2].text)
        )

    def _by_context(
        self, doc: Doc, others: Sequence[Candidate], blocked: set[int], headline: list[bool]
    ) -> Iterator[Candidate]:
        """Two or more name words with a known given name, or set beside an office or a verb of speech."""
        office_starts = {c.start for c in others if c.kind == "Office"} | {
            c.start for c in others if c.kind == "Person" and c.form is Form.DESCRIPTION
        }
        i = 0
        while i < len(doc):
            if i in blocked or headline[i] or not is_name_word(doc, i):
                i += 1
                continue
            title = self._ranks.starting_at(doc, i) or self._honorifics.starting_at(doc, i)
            after = self._past_retired(doc, title.end) if title is not None else len(doc)
            if after < len(doc) and is_name_word(doc, after):
                i = after
                continue
            end = self._name_end(doc, i, blocked)
            words = [t for t in doc[i:end] if t.is_alpha or "." in t.text]
            if end - i >= 2 and len(words) >= 2 and not any(j in blocked for j in range(i, end)):
                given = fold(doc[i].text) in self._given or (
                    fold(doc[end - 1].text) in self._given and len(words) == 2
                )
                if given or self._beside_office(doc, end, office_starts) or self._speaks(doc, end):
                    yield Candidate(i, end, "Person", strength=60 if given else 50)
            i = max(end, i + 1)

    def _joined(
        self, doc: Doc, introduced: Sequence[Candidate], others: Sequence[Candidate], blocked: set[int]
    ) -> Iterator[Candidate]:
        """Full names joined by "and" with a person: "A B and Foreign Minister C D"."""
        offices = {c.start: c for c in others if c.kind == "Office"}
        starts = {c.start for c in introduced}
        ends = {c.end for c in introduced}
        for i, token in enumerate(doc):
            if token.lower_ != "and" or i == 0:
                continue
            after = offices[i + 1].end if i + 1 in offices else i + 1
            if after in starts:
                begin = i
                while (
                    begin > 0
                    and is_name_word(doc, begin - 1)
                    and begin - 1 not in blocked
                    and not doc[begin].is_sent_start
                ):
                    begin -= 1
                begin = self._name_start(doc, begin)
                if i - begin >= 2 and self._name_end(doc, begin, blocked) == i:
                    yield Candidate(begin, i, "Person", strength=52)
            elif i in ends:
                begin = self._name_start(doc, i + 1)
                free = begin < len(doc) and begin not in blocked
                end = self._name_end(doc, begin, blocked) if free else begin
                if end - begin >= 2:
                    yield Candidate(begin, end, "Person", strength=52)

    def _beside_office(self, doc: Doc, end: int, office_starts: set[int]) -> bool:
        """Whether an office follows: in apposition ("A B, the mayor") or after a few words ("A B serves as mayor")."""
        if end + 1 >= len(doc):
            return False
        after = end + int(doc[end].text in {",", "("})
        words = 0
        while (
            after < len(doc)
            and after not in office_starts
            and doc[after].is_lower
            and doc[after].is_alpha
            and words < _WORDS_TO_OFFICE
        ):
            after, words = after + 1, words + 1
        linked = any(doc[i].lower_ in self._office_links for i in range(end, after))
        return after in office_starts and (linked or doc[end].text in {",", "("})

    def _speaks(self, doc: Doc, end: int) -> bool:
        return end < len(doc) and doc[end].lower_ in self._speech and doc[end].is_lower

    def _recognized(
        self, doc: Doc, recognized: Sequence[Recognized], others: Sequence[Candidate], strong: set[int]
    ) -> Iterator[Candidate]:
        """What the parser takes for a person, unless other words of the text say what it is."""
        known = {(c.start, c.end) for c in others if c.strength >= _TOLD}
        for r in recognized:
            if r.kind != "Person" or any(i in strong for i in range(r.start, r.end)):
                continue
            begin, end = self._bare_start(doc, r.start, r.end), r.end
            while begin > 0 and doc[begin].lower_ in self._particles and self._goes_before(doc, begin - 1):
                begin -= 1  # the parser saw "bin Khalid" of "Sultan bin Khalid"
            addressed = begin > 0 and self._honorifics.ending_at(doc, begin) is not None
            noun = doc[end - 1].lower_ in self._heads and end - begin == 1 and not addressed
            if begin >= end or noun or (begin, end) in known or self._names_thing(doc, end):
                continue
            if end < len(doc) and (
                doc[end - 1].lower_ in self._particles or doc[end].lower_ in self._particles
            ):
                end = max(end, self._name_end(doc, begin, strong))
            if end - begin == 1 and (doc[begin].is_upper or doc[begin].lower_.strip(".") in self._retired):
                continue
            # "Maria Hill" is a person before she is a hill.
            yield Candidate(begin, end, "Person", strength=62 if doc[end - 1].lower_ in self._heads else 58)

    def _goes_before(self, doc: Doc, i: int) -> bool:
        """Whether token `i` is a name word and no address or rank."""
        return is_name_word(doc, i) and not (
            self._honorifics.starting_at(doc, i)
            or self._ranks.starting_at(doc, i)
            or self._titles.starting_at(doc, i)
        )

    def _names_thing(self, doc: Doc, end: int) -> bool:
        """Whether a lower-case noun follows that the name is the name of: "David Gareja monastery"."""
        return end < len(doc) and doc[end].is_lower and doc[end].lower_ in self._things

    # ------------------------------------------------------------------ one name of a person introduced
    def _by_one_name(
        self, doc: Doc, introduced: Sequence[Candidate], blocked: set[int]
    ) -> Iterator[Candidate]:
        covered = {i for c in introduced for i in range(c.start, c.end)}
        single: set[str] = set()
        for c in introduced:
            words = [
                w
                for w in text_of(doc, c.start, c.end).split()
                if len(w.strip(".,")) > 1 and is_capitalised(w)
            ]
            single |= {w for w in words if len(words) == 1 or fold(w) not in self._given or w == words[-1]}
        full = {text_of(doc, c.start, c.end) for c in introduced if c.length > 1}
        initials = {name[:1] for name in full}
        i = 0
        while i < len(doc):
            repeated = None
            word = doc[i].text
            if word[:1] in initials and any(name.startswith(word) for name in full):
                ends = range(min(i + _LONGEST_NAME, len(doc)), i + 1, -1)
                repeated = next((e for e in ends if text_of(doc, i, e) in full), None)
            end = repeated or i + 1
            while repeated is None and end + 1 < len(doc) and _hyphenated(doc, end):
                end += 2  # "Kosiniak-Kamysz" is one name of three tokens
            free = not any(j in covered or j in blocked for j in range(i, end))
            beside = i > 0 and is_name_word(doc, i - 1) and i - 1 in covered
            if free and (repeated is not None or (text_of(doc, i, end) in single and not beside)):
                yield Candidate(i, end, "Person", strength=66)
            i = end


def _is_person(token: Token) -> bool:
    """Whether the parser sees the token inside a person's name."""
    return token.ent_type_ == "PERSON" and token.ent_iob_ == "I"


def _hyphenated(doc: Doc, i: int) -> bool:
    """Whether token `i` is a hyphen without space on either side."""
    return doc[i].text == "-" and not doc[i - 1].whitespace_ and not doc[i].whitespace_

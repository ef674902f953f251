"""Offices, composed of title, portfolio, rank, country or body; never listed.

"Japanese Defense Minister", "Minister of Defense of Japan", "the U.S. defense secretary", "Commander, U.S.
Indo-Pacific Command", "NATO Secretary-General": each is one post of one country or body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from spacy.tokens import Doc

from kg.catalog import Catalog
from kg.mentions.candidates import Candidate, is_capitalised, text_of
from kg.mentions.countries import Countries
from kg.mentions.phrases import PhraseHit, PhraseIndex
from kg.mentions.portfolios import Portfolio, Portfolios
from kg.mentions.posts import Post
from kg.mentions.shape import POSSESSIVE, begins_person, is_name_word, run_left
from kg.model import Form
from kg.terms import fold

#: What may have someone at its head.
LED = frozenset({"Organization", "Facility", "Equipment"})
_OF = frozenset({"of", "for", "to", "at"})
_TENSES = frozenset({"former", "acting", "future"})
_PREFIX_TENSE = {"ex": "former", "then": "former", "former": "former"}
_PREFIX_RANK = frozenset({"vice", "deputy"})
_ORDINALS = frozenset({"first", "second"})
_LONGEST_TITLE = 6  # tokens after a title's first word, up to the name
_HOLDING = frozenset({"is", "will", "remain", "remains", "continue", "continues", "to", "stay", "stays"})
_LONGEST_SEAT = 2  # name words right before "Governor"
_OWNED = frozenset({"its", "his", "her"})
_BEFORE_HOLDER = frozenset({",", "is", "was", "remains"})
_FARTHEST_POST = 60  # tokens between a post and "his deputy"


class OfficeFinder:
    """Finds offices in a `Doc`, given the countries and bodies already found."""

    def __init__(self, catalog: Catalog) -> None:
        lexicon = catalog.lexicon
        self._gazetteer = catalog.gazetteer
        self._titles = PhraseIndex(lexicon, "local_titles", "office_titles")
        self._local = lexicon.entries("local_titles")
        self._portfolios = Portfolios(catalog)
        self._qualifiers = PhraseIndex(lexicon, "office_qualifiers")
        self._future_suffixes = frozenset(lexicon.entries("future_suffixes"))
        self._counterparts = frozenset(lexicon.entries("counterpart_words")) - {"predecessor", "successor"}
        self._deputies = lexicon.entries("deputy_words")
        self._portfolio_first = frozenset(lexicon.entries("cabinet_titles"))
        self._aides = frozenset(lexicon.entries("aide_titles"))
        self._particles = frozenset(lexicon.entries("name_particles")) - {"de", "of"}
        self._rank_titles = frozenset(lexicon.entries("ranks"))
        self._addresses = [PhraseIndex(lexicon, "ranks"), PhraseIndex(lexicon, "honorifics")]
        self._given = frozenset(lexicon.entries("given_names"))
        self._body_offices = frozenset(lexicon.forms("body_offices"))
        self._body_titles = {f.value or f.lemma for f in lexicon.forms("body_offices").values()}
        self._body_titles -= self._portfolio_first
        self._hosted = frozenset(lexicon.entries("host_offices"))
        self._telling = frozenset(lexicon.entries("leader_titles")) | {"chair", "speaker", "governor"}
        self._seated = frozenset(lexicon.entries("seat_offices"))

    def find(
        self, doc: Doc, countries: Countries, bodies: Sequence[Candidate], headline: list[bool]
    ) -> list[Candidate]:
        """Candidates of all offices; a bare lower-case title ("the minister") is a description of its holder."""
        ends = {b.end: b for b in bodies}
        starts = {b.start: b for b in bodies}
        out: list[Candidate] = []
        inner: list[Candidate] = []
        for hit in self._titles.find(doc):
            if hit.word.form == "plural":
                continue
            if doc[hit.end - 1].text.endswith(".") and not (
                hit.end < len(doc) and is_name_word(doc, hit.end)
            ):
                continue  # "Rohit Sen."
            hit = self._behind_body(doc, hit, ends)
            post = self._post(doc, hit, countries, ends, starts)
            candidate = self._office(doc, hit, post) if post is not None else None
            if post is None or candidate is None or self._is_rank(doc, candidate, post):
                continue
            if candidate.kind == "Office" and post.tense is None and _has_ended(doc, post.end):
                candidate = candidate.with_features(tense="former")
            out.append(candidate)
            # What an office belongs to stays a mention of its own inside it.
            inner += [replace(c, nested=True, strength=c.strength + 1) for c in post.named]
        return [*out, *inner, *self._of_counterparts(doc, out, countries), *self._of_deputies(doc, out)]

    def _of_counterparts(
        self, doc: Doc, offices: Sequence[Candidate], countries: Countries
    ) -> Iterator[Candidate]:
        """ "his Somali counterpart": the post spoken of last, of the other country."""
        held = sorted((o for o in offices if o.kind == "Office"), key=lambda o: o.end)
        for token in doc:
            country = countries.ending_at(token.i) if token.lower_ in self._counterparts else None
            whose = doc[country.start - 1].lower_ if country is not None and country.start else ""
            if country is None or whose not in {"his", "her", "their", "and"}:
                continue
            before = [o for o in held if o.end <= token.i]
            if not before or before[-1].features.get("body"):
                continue
            told = {k: v for k, v in before[-1].features.items() if k in {"title", "portfolio", "rank"}}
            yield Candidate(country.start, token.i + 1, "Office", None, strength=71).with_features(
                **told,
                country=country.features.get("country"),
                owner_start=str(country.start),
                owner_end=str(country.end),
            )

    def _of_deputies(self, doc: Doc, offices: Sequence[Candidate]) -> Iterator[Candidate]:
        """ "her deputy", "Keita's deputy": the post below the one spoken of last."""
        held = sorted((o for o in offices if o.kind == "Office"), key=lambda o: o.end)
        for token in doc:
            rank = self._deputies.get(token.lower_)
            if rank is None or token.i == 0 or token.is_sent_start:
                continue
            whose = doc[token.i - 1]
            if whose.lower_ not in {"his", "her", "their"} and whose.text not in POSSESSIVE:
                continue
            before = [o for o in held if o.end <= token.i]
            if not before or token.i - before[-1].end > _FARTHEST_POST:
                continue
            told = {k: v for k, v in before[-1].features.items() if k != "tense"}
            if rank not in f"{told.get('rank')} {told.get('title')}":
                told["rank"] = f"{rank} {told['rank']}" if told.get("rank") else rank
                yield Candidate(token.i, token.i + 1, "Office", None, strength=70).with_features(**told)

    # ------------------------------------------------------------------ one office
    def _post(
        self,
        doc: Doc,
        hit: PhraseHit,
        countries: Countries,
        ends: Mapping[int, Candidate],
        starts: Mapping[int, Candidate],
    ) -> Post | None:
        """All that stands around a title and belongs to it, or None if the title is part of a name."""
        if hit.end < len(doc) and doc[hit.end].lower_ in self._particles:
            return None  # "Sultan bin Khalid" is a name
        post = self._titled(hit)
        self._read_left(doc, post, countries, ends)
        if (
            post.end + 1 < len(doc)
            and doc[post.end].text == "-"
            and doc[post.end + 1].lower_ in self._future_suffixes
        ):
            post.tense, post.end = "future", post.end + 2
        if post.end + 1 < len(doc) and doc[post.end].text == "," and self._takes_body(doc, post, starts):
            self._read_body(doc, post, starts)
        elif self._is_joined(doc, post, starts):
            post.body = starts[post.end]
            post.end = post.body.end
        else:
            self._read_field(doc, post)
            self._read_right(doc, post, countries, starts)
        return post

    def _office(self, doc: Doc, hit: PhraseHit, post: Post) -> Candidate | None:
        """The office, or its holder if the words speak of that ("the Japanese minister said")."""
        capital = any(is_capitalised(doc[i].text) for i in range(hit.start, hit.end))
        if not capital and post.is_bare and post.rank is None:
            definite = post.start > 0 and doc[post.start - 1].lower_ in {"the", "his", "her", "their"}
            if self._is_owned_beside_name(doc, post) or (not definite and self._is_taken_up(doc, post)):
                return Candidate(post.name_start, post.end, "Office", None, strength=70).with_features(
                    **post.features(doc)
                )
            if not definite:
                return None
            if self._is_named_after(doc, post):
                return Candidate(post.name_start, post.end, "Office", None, strength=70).with_features(
                    **post.features(doc)
                )
            return Candidate(
                post.start, post.end, "Person", None, Form.DESCRIPTION, strength=40
            ).with_features(title=post.title, tense=post.tense)
        if (
            not capital
            and post.start != hit.start
            and self._describes(doc, post)
            and not self._is_named_far(doc, post)
        ):
            return Candidate(
                post.start, post.end, "Person", None, Form.DESCRIPTION, strength=62
            ).with_features(
                title=post.title,
                portfolio=post.portfolio,
                country=post.code,
                rank=post.rank,
                tense=post.tense,
            )
        if capital and self._speaks_of_holder(doc, post):
            return Candidate(
                post.start, post.end, "Person", None, Form.DESCRIPTION, strength=62
            ).with_features(title=post.title, country=post.code, tense=post.tense)
        return Candidate(post.name_start, post.end, "Office", None, strength=70).with_features(
            **post.features(doc)
        )

    def _speaks_of_holder(self, doc: Doc, post: Post) -> bool:
        """Whether a minister of no stated portfolio is spoken of, in capitals: "The Senegalese Minister will tour"."""
        bare = not (post.portfolio or post.field or post.body or post.seat or post.host or post.rank)
        return bare and post.title == "minister" and post.start > 0 and self._describes(doc, post)

    def _is_owned_beside_name(self, doc: Doc, post: Post) -> bool:
        """Whether a bare title in lower case belongs to something, and its holder is named: "its commandant, A B"."""
        if post.start == 0 or doc[post.start - 1].lower_ not in _OWNED or post.title in self._portfolio_first:
            return False
        if doc[post.start - 1].lower_ == "its" and post.title in self._body_titles:
            return True  # "A B was its first commanding officer"
        after = post.end
        if after < len(doc) and doc[after].lower_ in _BEFORE_HOLDER:
            after += 1
        return after < len(doc) and is_name_word(doc, after) and not doc[after].is_sent_start

    def _behind_body(self, doc: Doc, hit: PhraseHit, ends: Mapping[int, Candidate]) -> PhraseHit:
        """The title without its first words where those end a body's own name: "Haitian National Police | chief"."""
        for cut in range(hit.start + 1, hit.end):
            body = ends.get(cut)
            if body is not None and body.start < hit.start and not body.features.get("state_body"):
                return self._titles.starting_at(doc, cut) or hit
        return hit

    def _is_rank(self, doc: Doc, candidate: Candidate, post: Post) -> bool:
        """Whether a lone "Commander" right before a name is the bearer's rank."""
        lone = post.is_bare and post.rank is None and post.tense is None and post.end - post.start == 1
        if (
            candidate.kind != "Office"
            or not lone
            or post.title not in self._rank_titles
            or post.end >= len(doc)
        ):
            return False
        return is_name_word(doc, post.end) and not any(i.starting_at(doc, post.end) for i in self._addresses)

    def _is_named_far(self, doc: Doc, post: Post) -> bool:
        """Whether the holder is named behind where the post is held, or by what the post is said to be.

        "the Dutch ambassador in Jakarta, A B"; "the new commander of the navy is Admiral A B".
        """
        if post.end + 1 < len(doc) and doc[post.end].lower_ in {"is", "was", "remains"}:
            named = begins_person(doc, post.end + 1)
            return named or any(i.starting_at(doc, post.end + 1) for i in self._addresses)
        if post.end + 2 >= len(doc) or doc[post.end].lower_ not in {"in", "at", "for"}:
            return False
        at = post.end + 1 + int(doc[post.end + 1].lower_ == "the")
        while at < len(doc) and is_name_word(doc, at):
            at += 1
        if at >= len(doc) - 1 or doc[at].text != ",":
            return False
        return begins_person(doc, at + 1) or any(i.starting_at(doc, at + 1) for i in self._addresses)

    def _is_named_after(self, doc: Doc, post: Post) -> bool:
        """Whether the holder is named in apposition: "the new commander, Brigadier A B, said"."""
        after = post.end + 1
        if after >= len(doc) or doc[post.end].text != ",":
            return False
        return begins_person(doc, after) or any(i.starting_at(doc, after) for i in self._addresses)

    def _is_taken_up(self, doc: Doc, post: Post) -> bool:
        """Whether a bare title in lower case is a post that someone is said to have: "elected president"."""
        telling = post.end - post.name_start > 1 or post.title in self._telling
        if not telling or post.start == 0:
            return False
        following = post.end
        if following + 1 < len(doc) and doc[following].text == ",":
            following += 1
        titled = following == post.end or doc[post.start - 1].text in POSSESSIVE
        if (
            titled
            and following < len(doc)
            and is_name_word(doc, following)
            and not doc[following].is_sent_start
        ):
            return True  # "opposition leader A B", "the country's army chief, General A B"
        head = doc[post.name_start : post.end].root
        made = head.dep_ == "xcomp" or (head.dep_ == "appos" and head.head.dep_ in {"xcomp", "obj"})
        return made or doc[post.start - 1].lower_ in {"as", "become", "became", "becomes"}

    def _titled(self, hit: PhraseHit) -> Post:
        """The office of a title; one in a country's own words says its portfolio and country too."""
        post = Post(hit.start, hit.start, hit.end, hit.word.value or hit.word.lemma)
        if hit.word.lemma in self._local:
            title, portfolio, country = post.title.split("/")
            post.title, post.portfolio, post.code = title, portfolio or None, country or None
        return post

    @staticmethod
    def _describes(doc: Doc, post: Post) -> bool:
        """Whether "the Japanese minister" speaks of the holder: no name stands beside it."""
        if post.start == 0 or doc[post.start - 1].lower_ != "the":
            return False
        if post.end < len(doc) and doc[post.end].text == "(":
            return False
        after = post.end + int(post.end + 1 < len(doc) and doc[post.end].text == ",")
        if after < len(doc) and is_name_word(doc, after) and not doc[after].is_sent_start:
            return False
        comma = post.start - 2
        apposed = comma > 0 and doc[comma].text == "," and is_name_word(doc, comma - 1)
        # "A B, the Czech minister of defence, said": in apposition, closed by a comma or the sentence's end.
        return not (apposed and (post.end >= len(doc) or doc[post.end].text in {",", ".", ";", ")"}))

    # ------------------------------------------------------------------ before the title
    def _read_left(self, doc: Doc, post: Post, countries: Countries, ends: Mapping[int, Candidate]) -> None:
        while post.start > 0 and not doc[post.start].is_sent_start:
            start, floor = post.start, doc[post.start - 1].sent.start
            of_name = True
            owned = post.body is not None or post.code is not None or post.seat is not None
            known = ends.get(start) if not owned else None
            portfolio = self._portfolios.find_before(doc, start, floor) if post.portfolio is None else None
            place = countries.ending_at(start) if not owned else None
            if (
                known is not None
                and known.kind in LED
                and not (portfolio is not None and self._is_portfolio(post, portfolio, known))
            ):
                post.body, post.start = known, known.start
            elif portfolio is not None:
                post.portfolio, post.start = portfolio.name, portfolio.start
            elif found := self._qualifiers.ending_at(doc, start, floor):
                value = found.word.value
                if found.word.lemma in _ORDINALS and not _below(post):
                    post.start = found.start  # "its first commandant": no rank
                    continue
                if value in (None, "rank"):  # "First Deputy Foreign Minister"
                    post.rank = f"{found.word.lemma} {post.rank}" if post.rank else found.word.lemma
                post.tense = value if value in _TENSES else post.tense
                post.start = found.start
                of_name = value in (None, "rank")
            elif (
                place is not None
                and place.features.get("country")
                and (place.subkind == "Country" or place.form is Form.ADJECTIVE)
            ):
                self._owned_by(post, place)
            elif (
                not owned
                and doc[start - 1].text in POSSESSIVE
                and (owner := countries.ending_at(start - 1) or ends.get(start - 1)) is not None
            ):
                if owner.kind in LED:
                    post.body, post.start = owner, owner.start
                elif owner.subkind == "Country" or post.title not in self._seated:
                    self._owned_by(post, owner)
                else:
                    post.seat, post.start = owner, owner.start
            elif not owned and post.title in self._seated and (seat := self._seat(doc, start, countries)):
                post.seat, post.start = seat, seat.start
            elif start > 1 and doc[start - 1].text == "-" and self._prefix(doc, post, start - 2):
                post.start = start - 2
                of_name = doc[post.start].lower_ in _PREFIX_RANK
            else:
                break
            if of_name:
                post.name_start = post.start

    def _is_portfolio(self, post: Post, portfolio: Portfolio, known: Candidate) -> bool:
        """Whether the words before a title say what it is in charge of, though a body's name ends with them, too."""
        return portfolio.start <= known.start or post.title in self._portfolio_first

    @staticmethod
    def _owned_by(post: Post, place: Candidate) -> None:
        post.country, post.code, post.start = place, place.features["country"], place.start

    @staticmethod
    def _prefix(doc: Doc, post: Post, at: int) -> bool:
        """ "ex-", "then-", "vice-" at token `at`, taken into the office."""
        word = doc[at].lower_
        if word in _PREFIX_TENSE:
            post.tense = _PREFIX_TENSE[word]
        elif word in _PREFIX_RANK:
            post.rank = word
        return word in _PREFIX_TENSE or word in _PREFIX_RANK

    def _seat(self, doc: Doc, end: int, countries: Countries) -> Candidate | None:
        """The place right before "Governor" or "Mayor": known, or told by its capital letter."""
        if not is_capitalised(doc[end].text):
            return None
        place = countries.ending_at(end)
        if place is not None:
            return place
        start = run_left(doc, end)
        if not 0 < end - start <= _LONGEST_SEAT or any(
            fold(doc[i].text) in self._given for i in range(start, end)
        ):
            return None
        name = text_of(doc, start, end)
        for reading in self._gazetteer.readings(name):
            entry = self._gazetteer.get(reading.key)
            if entry.kind == "Place":
                return Candidate(
                    start, end, "Place", entry.subkind, value=entry.key, strength=80, nested=True
                ).with_features(country=entry.country)
        return Candidate(start, end, "Place", strength=45, nested=True)

    # ------------------------------------------------------------------ after the title
    @staticmethod
    def _past_article(doc: Doc, i: int) -> int:
        return i + int(i + 1 < len(doc) and doc[i].lower_ == "the")

    def _takes_body(self, doc: Doc, post: Post, starts: Mapping[int, Candidate]) -> bool:
        """Whether a body may follow the title after a comma; a minister's only if it is a ministry."""
        known = starts.get(self._past_article(doc, post.end + 1))
        ministry = known is not None and known.subkind == "Ministry" and not post.portfolio
        return post.title in self._body_offices or (ministry and post.title != "minister")

    def _read_body(self, doc: Doc, post: Post, starts: Mapping[int, Candidate]) -> None:
        """ "Commander, U.S. Pacific Fleet": the body after a comma, unless a person's name begins there."""
        after = self._past_article(doc, post.end + 1)
        known = starts.get(after)
        if known is None or known.kind not in LED or post.body is not None:
            return
        one_word = known.end - known.start == 1 and known.end < len(doc)
        if one_word and is_name_word(doc, known.end):
            return
        post.end, post.body = known.end, known

    def _is_joined(self, doc: Doc, post: Post, starts: Mapping[int, Candidate]) -> bool:
        """ "Chairman Joint Chiefs of Staff Committee": the body right after the title, both in capitals."""
        body = starts.get(post.end)
        return (
            body is not None
            and post.body is None
            and body.length > 1
            and post.title in self._body_offices
            and is_capitalised(doc[post.end - 1].text)
            and is_capitalised(doc[post.end].text)
            and not (body.end < len(doc) and is_name_word(doc, body.end))
        )

    def _read_field(self, doc: Doc, post: Post) -> None:
        """ "Director-General Pacific at the Department": what the office deals with, right after its title."""
        if post.portfolio is not None or post.end >= len(doc) or not is_capitalised(doc[post.end].text):
            return
        found = self._portfolios.find_listed(doc, post.end)
        if found is not None and found.end < len(doc) and doc[found.end].lower_ in {"at", ",", "of", "in"}:
            post.portfolio, post.end = found.name, found.end

    def _read_right(
        self, doc: Doc, post: Post, countries: Countries, starts: Mapping[int, Candidate]
    ) -> None:
        """What "of", "for", "to" and "at" add: portfolio, field, body, country, seat, host; one after the other."""
        while post.end + 1 < len(doc) and doc[post.end].lower_ in _OF and not doc[post.end].is_sent_start:
            word, after = doc[post.end].lower_, self._past_article(doc, post.end + 1)
            if after >= len(doc):
                return
            known, place = starts.get(after), countries.starting_at(after)
            if place is not None and place.form is Form.ADJECTIVE:
                place = None  # "head of the Russian delegation"
            if known is not None and (known.kind not in LED or (place is not None and place.end > known.end)):
                known = None
            if not self._take(doc, post, word, after, known, place, countries):
                return

    @staticmethod
    def _is_matter(doc: Doc, post: Post, known: Candidate | None) -> bool:
        """Whether one capital word after "for" is what the office deals with: "Commissioner for Enlargement"."""
        one = known is not None and known.length == 1 and doc[known.start].is_title
        return one and post.title != "spokesperson"

    def _take(
        self,
        doc: Doc,
        post: Post,
        word: str,
        after: int,
        known: Candidate | None,
        place: Candidate | None,
        countries: Countries,
    ) -> bool:
        """Take what begins at token `after` into the office; whether anything was."""
        other = self._titles.starting_at(doc, after)
        if other is not None and doc[after].is_title and _precedes_person(doc, other.end):
            if post.title in self._aides and word != "at" and post.field is None:
                post.field = other.word.value or other.word.lemma
            return False  # "spokeswoman for President A B": whose office that is, not what it is of
        hosted = post.title in self._hosted
        if word == "to" or (word == "for" and hosted and place is not None):
            host = known or place
            if not hosted or host is None or post.host is not None:
                return False
            post.host, post.end = host, host.end
            return True
        found = self._portfolios.find_after(doc, after, countries) if word != "at" else None
        seen = known is not None and known.value is None and "head" not in known.features
        if found is not None and known is not None and not seen and known.end >= found.end:
            found = None if post.title in self._body_titles else found  # "Deputy Head of the Revenue Service"
        if found is not None and (
            (post.title in self._portfolio_first and known is not None and known.subkind == "ArmedForce")
            or known is None
            or known.end < found.end + int(not found.guessed)
            or (seen and not found.guessed)
            or (seen and word == "for" and self._is_matter(doc, post, known))
        ):
            if post.portfolio is None and (place is None or place.end <= found.end) and post.seat is None:
                post.portfolio, post.end = found.name, found.end
                return True
            if word == "for" and post.field is None and post.portfolio is not None:
                post.field, post.end = found.name, found.end
                return True
        if known is not None and post.body is None:
            post.body, post.end = known, known.end
        elif word != "at" and place is not None and place.subkind == "Country" and post.code is None:
            post.country, post.code, post.end = place, place.features["country"], place.end
        elif word != "at" and place is not None and post.seat is None and post.body is None:
            post.seat, post.end = place, place.end
        else:
            return False
        return True


def _below(post: Post) -> bool:
    """Whether the words read so far are those of a post below another: "deputy minister"."""
    words = f"{post.rank or ''} {post.title}".split()
    return bool(words) and words[0] in {"deputy", "vice", "assistant", "secretary", "permanent"}


def _precedes_person(doc: Doc, i: int) -> bool:
    """Whether a person's name begins at token `i`, or after the rest of a title ("Minister | of Defence A B")."""
    for at in range(i, min(i + _LONGEST_TITLE, len(doc))):
        if begins_person(doc, at):
            return True
        if not (is_name_word(doc, at) or doc[at].lower_ in _OF or doc[at].lower_ in {"the", "and"}):
            return False
    return False


def _has_ended(doc: Doc, end: int) -> bool:
    """Whether "until" follows, and nothing before says that the post is held up to a day to come."""
    if end >= len(doc) or doc[end].lower_ != "until":
        return False
    return not any(t.lower_ in _HOLDING for t in doc[doc[end].sent.start : end])

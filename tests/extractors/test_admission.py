from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.catalog import load_catalog
from kg.extractors import (
    Admission,
    Admitted,
    Proposals,
    ProposedMention,
    ProposedStatement,
    count_refusals,
    mark_proposed,
)
from kg.mentions import MentionFinder
from kg.model import Form, Mention, Modality, Rejection, Span, Statement
from kg.text.reading import Reading

Read = Callable[[str], Reading]
_ADMISSION = Admission(load_catalog())
_FINDER = MentionFinder(load_catalog())


def proposed(reading: Reading, text: str, label: str, score: int = 80) -> ProposedMention:
    start = reading.doc.text.index(text)
    return ProposedMention(text, start, start + len(text), label, score)


def admit(reading: Reading, *proposals: Proposals) -> Admitted:
    found = _FINDER.find(reading, None)
    named = [(name, p) for name, p in zip(("gliner", "llm"), proposals, strict=False)]
    return _ADMISSION.admit(reading, named, found.outer, found.nested)


def test_a_name_that_no_rule_reads_becomes_a_mention_at_its_exact_offsets(read: Read) -> None:
    text = "The  “Zarkonia” met in Lisbon."
    reading = read(text)
    admitted = admit(reading, Proposals((proposed(reading, "Zarkonia", "Organization"),)))
    (mention,) = admitted.mentions
    assert text[mention.span.start : mention.span.end] == mention.text == "Zarkonia"
    assert (mention.kind, mention.subkind, mention.feature("proposed_by")) == ("Organization", None, "gliner")
    assert admitted.rejections == ()


def test_a_narrow_class_is_kept_below_its_top_class(read: Read) -> None:
    reading = read("Crews reached Tolvanska on Friday.")
    (mention,) = admit(reading, Proposals((proposed(reading, "Tolvanska", "MilitaryBase"),))).mentions
    assert (mention.kind, mention.subkind) == ("Facility", "MilitaryBase")


def test_an_article_is_no_part_of_a_name(read: Read) -> None:
    reading = read("Crews reached the Tolvanska on Friday.")
    (mention,) = admit(reading, Proposals((proposed(reading, "the Tolvanska", "Platform"),))).mentions
    assert mention.text == "Tolvanska"


@pytest.mark.parametrize(
    ("mention", "reason"),
    [
        (ProposedMention("Tolvanska", 0, 9, "Facility"), "words not in the text at these offsets"),
        (ProposedMention("Tolvanska", 14, 900, "Facility"), "words not in the text at these offsets"),
        (ProposedMention("Tolvanska", -9, -1, "Facility"), "words not in the text at these offsets"),
        (ProposedMention("", 3, 3, "Facility"), "words not in the text at these offsets"),
        (ProposedMention("Tolvan", 14, 20, "Facility"), "not whole words of one sentence"),
        (ProposedMention("Friday. They", 27, 39, "Facility"), "not whole words of one sentence"),
        (ProposedMention("Tolvanska", 14, 23, "Spaceship"), "class not declared"),
        (ProposedMention("They", 35, 39, "Person"), "no name"),
        (ProposedMention("painted", 6, 13, "Person"), "no name"),
        (ProposedMention("Tolvanska", 14, 23, "Date"), "no date that can be read"),
        (ProposedMention("painted", 6, 13, "Event"), "class too wide"),
    ],
)
def test_what_does_not_hold_is_refused_with_its_reason(
    read: Read, mention: ProposedMention, reason: str
) -> None:
    reading = read("Crews painted Tolvanska on Friday. They rested.")
    admitted = admit(reading, Proposals((mention,)))
    assert admitted.mentions == ()
    assert [(r.stage, r.reason.partition(":")[0]) for r in admitted.rejections] == [("gliner", reason)]


@pytest.mark.parametrize("words", ['Tolvanska" base', 'Tolvanska "base', "- Orlik"])
def test_marks_around_a_name_are_no_part_of_it(read: Read, words: str) -> None:
    reading = read('The "Tolvanska" base and the Tolvanska "base" of A - Orlik - were shut.')
    admitted = admit(reading, Proposals((proposed(reading, words, "Facility"),)))
    assert [r.reason.partition(":")[0] for r in admitted.rejections] == ["no name"]


def test_a_common_word_at_the_start_of_a_sentence_is_no_name(read: Read) -> None:
    reading = read("Crews rested. The crews had come far.")
    admitted = admit(reading, Proposals((proposed(reading, "Crews", "Organization"),)))
    assert [r.reason.partition(":")[0] for r in admitted.rejections] == ["no name"]


def test_a_proposal_never_takes_the_place_of_what_the_rules_read(read: Read) -> None:
    reading = read("Japan and the Ministry of Defence of Latvia met in Paris.")
    admitted = admit(
        reading,
        Proposals(
            (proposed(reading, "Japan", "Company"), proposed(reading, "Defence of Latvia met", "Unit"))
        ),
    )
    assert admitted.mentions == ()
    assert [r.reason.partition(":")[0] for r in admitted.rejections] == ["overlaps what is read already"]


def test_of_two_extractors_the_first_wins_and_of_one_the_surer(read: Read) -> None:
    reading = read("Crews reached Tolvanska Brod on Friday.")
    whole, part = proposed(reading, "Tolvanska Brod", "Facility", 60), proposed(reading, "Brod", "Place", 90)
    assert [m.text for m in admit(reading, Proposals((whole, part))).mentions] == ["Brod"]
    both = admit(reading, Proposals((whole,)), Proposals((part,)))
    assert [m.text for m in both.mentions] == ["Tolvanska Brod"]
    assert [r.stage for r in both.rejections] == ["llm"]


def test_a_statement_is_taken_with_its_sentence_as_evidence(read: Read) -> None:
    text = "It rained. Zelm Corps belongs to the Ravnik Accord, they say. It rained."
    reading = read(text)
    admitted = admit(
        reading,
        Proposals(
            (proposed(reading, "Zelm Corps", "Unit"), proposed(reading, "Ravnik Accord", "Accord")),
            (ProposedStatement(0, "memberOf", 1, "belongs to the Ravnik Accord"),),
        ),
    )
    (statement,) = admitted.statements
    evidence = text[statement.evidence.start : statement.evidence.end]
    assert evidence == "Zelm Corps belongs to the Ravnik Accord, they say."
    assert (statement.rule, statement.confidence) == ("gliner/memberOf", 50)
    assert admitted.rejections == ()


def test_an_end_that_overlaps_a_mention_of_its_kind_is_that_mention(read: Read) -> None:
    reading = read("Zelm Corps is part of the Ministry of Defence in Riga.")
    admitted = admit(
        reading,
        Proposals(
            (proposed(reading, "Zelm Corps", "Unit"), proposed(reading, "Defence", "Organization")),
            (ProposedStatement(0, "partOf", 1, "is part of"),),
        ),
    )
    (statement,) = admitted.statements
    assert isinstance(statement.object, Mention)
    assert statement.object.text == "Ministry of Defence"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (ProposedStatement(0, "partOf", 1, "has joined"), "quote not in the sentence"),
        (ProposedStatement(0, "partOf", 1, " "), "quote not in the sentence"),
        (ProposedStatement(0, "marriedTo", 1, "belongs to"), "relation not declared"),
        (ProposedStatement(0, "status", 1, "belongs to"), "relation not declared"),
        (ProposedStatement(0, "holdsOffice", 1, "belongs to"), "does not fit the vocabulary"),
        (ProposedStatement(0, "memberOf", 2, "belongs to"), "ends in different sentences"),
        (ProposedStatement(0, "memberOf", 3, "belongs to"), "end refused"),
        (ProposedStatement(0, "memberOf", 9, "belongs to"), "end not proposed"),
        (ProposedStatement(0, "memberOf", 0, "belongs to"), "does not fit the vocabulary"),
    ],
)
def test_a_statement_that_does_not_hold_is_refused(
    read: Read, statement: ProposedStatement, reason: str
) -> None:
    reading = read("Zelm Corps belongs to the Ravnik Command. The Orlik Union was there.")
    mentions = (
        proposed(reading, "Zelm Corps", "Unit"),
        proposed(reading, "Ravnik Command", "Command"),
        proposed(reading, "Orlik Union", "Organization"),
        ProposedMention("invented", 0, 8, "Organization"),
    )
    admitted = admit(reading, Proposals(mentions, (statement,)))
    assert admitted.statements == ()
    assert admitted.rejections[-1].reason.partition(":")[0] == reason


def test_statements_about_proposed_mentions_are_marked_and_weigh_less() -> None:
    ours = Mention(Span(0, 5), (0, 1), "Japan", "Place", "Country", value="place/jp")
    theirs = Mention(Span(9, 13), (2, 3), "Zelm", "Place", form=Form.NAME, features={"proposed_by": "gliner"})
    told = Statement(theirs, "locatedIn", ours, Modality.ASSERTED, Span(0, 20), 80, rule="locatedIn/in")
    own = Statement(ours, "alliedWith", ours, Modality.ASSERTED, Span(0, 20), 80, rule="alliedWith/with")
    marked = mark_proposed([told, own])
    assert [(s.rule, s.confidence) for s in marked] == [("gliner/locatedIn/in", 50), ("alliedWith/with", 80)]


def test_refusals_are_counted_by_extractor_and_reason() -> None:
    def refusal(stage: str, reason: str) -> Rejection:
        return Rejection(stage, Span(0, 1), "x", reason)

    found = [refusal("llm", "b: 1"), refusal("llm", "a"), refusal("llm", "b: 2"), refusal("claims", "c")]
    counts = count_refusals(found, ["llm", "gliner"])
    assert counts == {"gliner": {}, "llm": {"b": 2, "a": 1}}
    assert list(counts["llm"]) == ["b", "a"]

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.lang.en import English
from spacy.tokens import Doc

from kg.claims.attribution import Attribution, find_attributions
from kg.model import Document
from kg.text.reader import Reader
from kg.text.sentences import mark_sentences
from kg.text.tokenization import make_tokenizer

_NLP = English()
_NLP.tokenizer = make_tokenizer(_NLP.vocab)


def parse(text: str) -> Doc:
    return mark_sentences(_NLP.make_doc(text))


def scope(doc: Doc, attribution: Attribution) -> str:
    return doc[attribution.scope_start : attribution.scope_end].text.strip(' .,"')


# Text, source, and what is attributed to it.
CASES = [
    ("The envoy said that the base will close.", "The envoy", "the base will close"),
    ("The envoy said on Tuesday that the base will close.", "The envoy", "the base will close"),
    ("The envoy said Tuesday the base would close.", "The envoy", "the base would close"),
    ("Petra Novak told reporters that the base will close.", "Petra Novak", "the base will close"),
    ("Petra Novak told reporters the base would close.", "Petra Novak", "the base would close"),
    ("Petra Novak told the king during a dinner in Oslo that he was late.", "Petra Novak", "he was late"),
    ("The base will close, the envoy said.", "the envoy", "The base will close"),
    ("The base will close, the envoy said Tuesday.", "the envoy", "The base will close"),
    (
        "The base will close, sources close to the matter said Tuesday.",
        "sources close to the matter",
        "The base will close",
    ),
    (
        "The base will close, a senior official at the ministry told reporters.",
        "a senior official at the ministry",
        "The base will close",
    ),
    ("The base will close, the envoy has said.", "the envoy", "The base will close"),
    (
        "According to Chilean government sources, the base will close.",
        "Chilean government sources",
        "the base will close",
    ),
    (
        "The base will close, according to two people familiar with the plan.",
        "two people familiar with the plan",
        "The base will close",
    ),
    ('"We will close the base," Novak said.', "Novak", "We will close the base"),
    ('"We will close the base," said Petra Novak.', "Petra Novak", "We will close the base"),
    (
        '"We will close the base," Novak told the king during a dinner in Oslo.',
        "Novak",
        "We will close the base",
    ),
    ('Novak said, "We will close the base."', "Novak", "We will close the base"),
    ('Novak said: "We will close the base."', "Novak", "We will close the base"),
    ('Novak opened the talks by saying, "We will close the base."', "Novak", "We will close the base"),
    (
        "On Monday, the Defense Ministry announced that a base had closed.",
        "the Defense Ministry",
        "a base had closed",
    ),
    ("In a statement, the ministry warned that the base may close.", "the ministry", "the base may close"),
    ("In a statement the ministry warned that the base may close.", "the ministry", "the base may close"),
    ("Novak, a former pilot, said that the base will close.", "Novak", "the base will close"),
    ("Novak, who arrived on Monday, said that the base will close.", "Novak", "the base will close"),
    ("Novak and Diallo confirmed that the move had begun.", "Novak and Diallo", "the move had begun"),
    (
        "However, officials in Quito denied it; analysts say the base will close.",
        "analysts",
        "the base will close",
    ),
    ("Novak later added that the base will close.", "Novak", "the base will close"),
]


@pytest.mark.parametrize(("text", "source", "said"), CASES)
def test_one(text: str, source: str, said: str) -> None:
    doc = parse(text)
    found = find_attributions(doc)
    assert [(a.text, scope(doc, a)) for a in found] == [(source, said)]
    assert doc[found[0].source_start : found[0].source_end].text == source


@pytest.mark.parametrize(("text", "source", "said"), CASES)
def test_one_by_the_parse(parser: Reader, text: str, source: str, said: str) -> None:
    doc = parser.read(Document(("x",), text)).doc
    assert [(a.text, scope(doc, a)) for a in find_attributions(doc)] == [(source, said)]


# Sources within sources: each with what it says.
NESTED = [
    (
        "The newspaper, citing two officials, reported that Iran and Oman had met in Muscat.",
        [
            ("two officials", "Iran and Oman had met in Muscat"),
            ("The newspaper", "Iran and Oman had met in Muscat"),
        ],
    ),
    (
        "The agency quoted General Tariq Aziz as saying that the exercise would begin in October.",
        [("General Tariq Aziz", "the exercise would begin in October")],
    ),
    (
        "Minister Ola Berg said that, according to Nato, the exercise in Narvik had been cancelled.",
        [
            ("Minister Ola Berg", "according to Nato, the exercise in Narvik had been cancelled"),
            ("Nato", "the exercise in Narvik had been cancelled"),
        ],
    ),
    (
        "Officials said the envoy had told them that Kenya would leave.",
        [("Officials", "the envoy had told them that Kenya would leave"), ("the envoy", "Kenya would leave")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), NESTED)
def test_nested(parser: Reader, text: str, expected: list[tuple[str, str]]) -> None:
    doc = parser.read(Document(("x",), text)).doc
    assert [(a.text, scope(doc, a)) for a in find_attributions(doc)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "The ministers met in Oslo.",
        "The envoy announced a visit.",
        "The media reports were false.",
        "It was said that the base will close.",
        "The stated aim is peace.",
        "The ministers discussed what the report said.",
        "They agreed to note the statement.",
        "Statement",
        "",
    ],
)
def test_none(text: str) -> None:
    assert find_attributions(parse(text)) == []


def test_speaker_goes_on_in_the_same_sentence() -> None:
    doc = parse('The base is "vital," Novak said, adding that it will stay open.')
    found = find_attributions(doc)
    assert {a.text for a in found} == {"Novak"}
    covered = {i for a in found for i in range(a.scope_start, a.scope_end)}
    assert {1, 2} <= covered
    assert next(t.i for t in doc if t.text == "stay") in covered


def test_second_quote_of_a_sentence() -> None:
    doc = parse('"We will stay," he said, "and we will build."')
    (found,) = find_attributions(doc)
    assert scope(doc, found).startswith("We will stay")
    assert scope(doc, found).endswith("we will build")


def test_pronoun_stands_for_the_speaker_before() -> None:
    doc = parse('"We stay," Novak told the king. "It is our base," he added.')
    assert [a.text for a in find_attributions(doc)] == ["Novak", "Novak"]


def test_definite_source_stands_for_the_fuller_wording() -> None:
    doc = parse("A base will close, sources close to the matter said. Another will open, the sources said.")
    found = find_attributions(doc)
    assert [a.text for a in found] == ["sources close to the matter"] * 2
    assert found[0].source_start == found[1].source_start


def test_quote_goes_on_in_the_next_sentence() -> None:
    doc = parse('"We stay," Novak said. "It is our base." They left.')
    found = find_attributions(doc)
    assert [(a.text, scope(doc, a)) for a in found] == [("Novak", "We stay"), ("Novak", "It is our base")]


def test_not_across_paragraphs() -> None:
    doc = parse('"We stay," Novak said.\n\n"It is our base."')
    assert len(find_attributions(doc)) == 1


def test_two_sources_in_one_sentence() -> None:
    doc = parse("Novak said that the base will close, but Diallo said that it will stay.")
    assert [a.text for a in find_attributions(doc)] == ["Novak", "Diallo"]


def test_merged_mentions() -> None:
    doc = parse("The base will close, Defense Minister Petra Novak said late on 3 May.")
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[5:7], attrs={"ENT_TYPE": "Office"})
        retokenizer.merge(doc[7:9], attrs={"ENT_TYPE": "Person"})
        retokenizer.merge(doc[12:14], attrs={"ENT_TYPE": "Date"})
    (found,) = find_attributions(doc)
    assert found.text == "Defense Minister Petra Novak"
    assert scope(doc, found) == "The base will close"


WORDS = st.sampled_from(
    [
        "Novak",
        "said",
        "that",
        "the",
        "base",
        ",",
        '"',
        "according",
        "to",
        "sources",
        "adding",
        "told",
        ".",
        "he",
        "\n\n",
        "on",
        "Monday",
        ":",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=24))
def test_any_words(words: list[str]) -> None:
    doc = parse(" ".join(words))
    for found in find_attributions(doc):
        assert 0 <= found.source_start < found.source_end <= len(doc)
        assert 0 <= found.scope_start <= found.scope_end <= len(doc)
        assert found.text == doc[found.source_start : found.source_end].text
    assert find_attributions(doc) == find_attributions(doc)

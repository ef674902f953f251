import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.lang.en import English
from spacy.tokens import Doc

from kg.text.sentences import sentence_starts
from kg.text.tokenization import make_tokenizer

# "|" marks where a sentence begins.
CASES = [
    "The ministers met. |They agreed on little.",
    "Who paid? |Nobody knows. |That is odd!",
    "He flew to the U.S. on Monday.",
    "He flew to the U.S. |He met the president there.",
    "They live in the U.S. |The embassy has no list.",
    "The U.S. Forces Korea moved south.",
    "A U.S. Navy ship left. |It was the U.S. flagship.",
    "The U.K. and the U.S. signed. |Only the U.N. was absent.",
    "It is run by the U.N. |In Geneva, nobody objected.",
    "Gen. Amara Diallo spoke. |Lt. Col. Petra Novak did not.",
    "Maj. Gen. Lars Holm and Brig. Gen. Ana Reyes were there.",
    "Vice Adm. Hiro Tanabe met Mr. Okafor and Mrs. Lind.",
    "Adm. Sato, Capt. Reed and Cmdr. Vale sailed.",
    "Resolution No. 5 was adopted. |Nos. 6 and 7 were not.",
    "Asked whether he would go, he said no. |The talks ended.",
    "He said No. |Then he left.",
    "Under Art. 5, an attack on one is an attack on all.",
    "It begins at 9 a.m. on Friday. |It ends at 5 p.m. |Nobody will stay.",
    "The call came at 4 p.m. Tuesday.",
    "It starts at 10 a.m. JST.",
    "Small arms, e.g. rifles, and large ones, i.e. Howitzers, were sent.",
    "They sent tents, food, etc. |Then they left.",
    "They sent tents, food, etc. to the camp.",
    "J. D. Vance arrived. |John F. Kennedy never did.",
    "Harry S. Truman and George W. Bush are named.",
    "They chose Plan B. |It failed.",
    "Growth was 3.5 percent. |Inflation was 2.1.",
    "The cost is $2.5 billion. |50 ships are planned.",
    "Well... perhaps not. |We waited… |Then it rang.",
    "He paused… and went on.",
    '"We will stay." |The minister then left.',
    '"We will stay," the minister said. |He left.',
    'She called it "a cornerstone." |He did not.',
    'He called it "vital". |She agreed.',
    "'We will stay.' |She left.",
    '"Why now?" Novak asked. |No one answered.',
    '"Never!" he said.',
    '"Are you sure?" |The room fell silent.',
    'He asked: "Who pays?" |Nobody did.',
    '"We share a goal," Sen said. |"It is peace."',
    "The plan (see below) failed. |(It was late.) |Others worked.",
    "It failed (as did the U.S. |He knew).",
    "The force was small (about 300 men). |It grew.",
    "There were three aims: peace, trade and calm.",
    "It rained; nobody came.",
    "The talks\n\n|Officials met in Oslo.",
    "Minister Agrees to Visit Base\n\n|The minister agreed.",
    "the first item\n\n|the second item",
    "It left the U.S.\n\n|Forces were told.",
    "Mr.\n\n|Smith",
    "1. Overview of the talks.",
    "First came ships. |2. Then came planes.",
    "Sony Corp. and Airbus Co. bid. |Acme Inc. did not.",
    "The bid came from Acme Inc. |It was late.",
    "Sammy Davis Jr. sang. |Ken Griffey Sr. did too.",
    "He was born on Jan. 5. |She was born in Feb. |They met in Oct. 1999.",
    "They met Sept. 3 in Rome.",
    "Washington, D.C. is far. |She lives in Washington, D.C. |He does not.",
    "A D.C. judge ruled.",
    "He holds a Ph.D. in law.",
    "St. Petersburg is old. |Mt. Fuji is high. |Ft. Bragg is large.",
    "Japan v. Australia was heard. |It was Smith vs. Jones.",
    "Dr. Weber met Prof. Ito.",
    "The visit is off. |iPhone sales rose.".replace("|", ""),
    "What?! |Nobody believed it.",
    "The talks, held Jan. 3, failed.",
    "The base at Guam was hit. |– Reuters",
    "Trade with the U.S. fell. |Trade with China rose.",
    "U.S. President Ann Lee and E.U. envoys met.",
    'He said the U.S. would stay. |"We are friends."',
    'It ended at noon. |"It is over," he said. |"Go home."',
    "He arrived with Sgt. Bell. |But Gov. Ruiz stayed away.",
    "[Editor's note: this was updated.] |The talks began.",
    "See pp. 3-5. |They matter.",
    "The F-35s flew. |SM-6 missiles were shown.",
]


@pytest.fixture(scope="module")
def nlp() -> English:
    pipeline = English()
    pipeline.tokenizer = make_tokenizer(pipeline.vocab)
    return pipeline


def split(doc: Doc) -> str:
    """The text with a bar before each sentence but the first."""
    starts = sentence_starts(doc)
    assert len(starts) == len(doc)
    return "".join(("|" if starts[i] and i else "") + token.text_with_ws for i, token in enumerate(doc))


@pytest.mark.parametrize("case", CASES)
def test_split(nlp: English, case: str) -> None:
    assert split(nlp(case.replace("|", ""))) == case


def test_component(nlp: English) -> None:
    pipeline = English()
    pipeline.add_pipe("kg_sentences")
    doc = pipeline("The ministers met. They agreed.\n\nA headline\n\nThe U.S. left.")
    assert [sent.text.strip() for sent in doc.sents] == [
        "The ministers met.",
        "They agreed.",
        "A headline",
        "The U.S. left.",
    ]


def test_empty(nlp: English) -> None:
    assert sentence_starts(nlp("")) == []


PLAIN = English()
BITS = st.sampled_from(
    [
        "The",
        "u.s.",
        "U.S.",
        ".",
        '"',
        "'",
        ")",
        "(",
        "\n\n",
        " ",
        "a.m.",
        "No.",
        "5",
        "...",
        "?",
        "he",
        "I",
        "Jan.",
        "–",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(BITS, max_size=30).map("".join))
def test_any_text(text: str) -> None:
    doc = PLAIN.make_doc(text)
    starts = sentence_starts(doc)
    assert len(starts) == len(doc)
    assert starts[:1] == [True] * bool(len(doc))
    for i in range(1, len(doc)):
        if "\n" in doc[i - 1].text and not doc[i].is_space:
            assert starts[i]


def test_long_text_takes_linear_time(nlp: English) -> None:
    doc = nlp("They met. It was late.\n\n" * 4000)
    began = time.process_time()
    pipeline = English()
    pipeline.add_pipe("kg_sentences")
    marked = pipeline(doc)
    assert time.process_time() - began < 5
    assert sum(1 for _ in marked.sents) == 8000


def test_a_stretch_without_stops_is_parted() -> None:
    doc = make_tokenizer(English().vocab)("word " * 2000)
    starts = [i for i, start in enumerate(sentence_starts(doc)) if start]
    assert max(b - a for a, b in zip(starts, [*starts[1:], len(doc)], strict=True)) <= 250

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from kg.text.tokenization import make_tokenizer

NAMES = frozenset({"Japan", "Japanese", "China", "Chile", "Tokyo", "Washington", "Kenya", "Asia"})


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return make_tokenizer(Vocab(), NAMES)


@pytest.mark.parametrize(
    "tokens",
    [
        "Japan - U.S.",
        "U.S. - Japan",
        "Japan - US",
        "US - Japan - ROK",
        "Tokyo - Washington",
        "Chile - Peru",
        "U.S. – Japan",
        "U.S. / Japan",
        "U.S. - led",
        "Japanese - led",
        "NATO - led",
        "Kremlin - backed",
        "Long - range",
        "long - range",
        "face - to - face",
        "non - NATO",
        "mid - March",
        "SM-6",
        "F-35A",
        "Il-76",
        "COVID-19",
        "MK-II",
        "T-AKE",
        "Indo-Pacific",
        "Asia-Pacific",
        "Indo - U.S.",
        "Jean-Claude",
        "Al-Bashir",
        "al-Qaeda",
        "Jong-un",
        "Suk-yeol",
        "Kai-shek",
        "Port-au-Prince",
        "Stratford-upon-Avon",
        "and/or",
        "U.S.",
        "U.S. 's",
        "Kenya 's",
        "( PLA )",
        "Gen.",
        "Lt.",
        "Brig.",
        "J.",
        "Corp.",
    ],
)
def test_tokens(tokenizer: Tokenizer, tokens: str) -> None:
    words = tokens.split()
    # Tokens must be the same inside a sentence and at its end.
    assert [t.text for t in tokenizer("".join(words))] == words
    assert [t.text for t in tokenizer("the " + "".join(words) + " team")][1:-1] == words


def test_abbreviation_before_a_paragraph_break(tokenizer: Tokenizer) -> None:
    assert [t.text for t in tokenizer("the U.S.\n\nHe")] == ["the", "U.S.", "\n\n", "He"]


def test_full_stop_is_split_from_words(tokenizer: Tokenizer) -> None:
    assert [t.text for t in tokenizer("in Chile.")] == ["in", "Chile", "."]
    assert [t.text for t in tokenizer("in the US.")] == ["in", "the", "US", "."]


def test_names_may_be_a_test() -> None:
    knows = make_tokenizer(Vocab(), lambda name: name == "Fiji")
    assert [t.text for t in knows("Fiji-Tonga")] == ["Fiji", "-", "Tonga"]
    assert [t.text for t in make_tokenizer(Vocab())("Fiji-Tonga")] == ["Fiji-Tonga"]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="aAbBU.S-–/' \n13()é", max_size=40))
def test_no_character_is_lost(text: str) -> None:
    assert make_shared()(text).text == text


_SHARED: list[Tokenizer] = []


def make_shared() -> Tokenizer:
    if not _SHARED:
        _SHARED.append(make_tokenizer(Vocab(), NAMES))
    return _SHARED[0]


def test_tokenizer_can_be_written(tokenizer: Tokenizer) -> None:
    assert tokenizer.to_bytes()

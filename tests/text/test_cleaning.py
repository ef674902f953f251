import itertools
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model import Document, Span
from kg.text.cleaning import CleanText, clean


def cleaned(text: str, boilerplate: tuple[Span, ...] = (), media_type: str = "text/plain") -> str:
    result = clean(Document(("t",), text, media_type=media_type, boilerplate=boilerplate))
    check_map(text, result)
    return result.text


def check_map(text: str, result: CleanText) -> None:
    """Offsets fit the text, grow, and each visible code point is the stored one up to normalisation."""
    assert len(result.text) == len(result.offsets)
    for at, (one, two) in enumerate(itertools.pairwise(result.offsets)):
        assert one < two or (result.text[at : at + 2] == "\n\n" and one == two)
    for char, offset in zip(result.text, result.offsets, strict=True):
        assert 0 <= offset < len(text)
        if not char.isspace() and char not in "'\"-":
            assert unicodedata.normalize("NFKC", text[offset]) == unicodedata.normalize("NFKC", char)


WRAPPED = (
    "The two ministers met in the capital on Thursday and agreed to widen\n"
    "cooperation at sea. They will meet again in the autumn, officials of\n"
    "both ministries said. A joint patrol is to begin before the end of the\n"
    "year.\n"
)


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("‘Quiet’ “talks” – he said", "'Quiet' \"talks\" – he said"),
        ("Norway’s 5′ 3″ mast", "Norway's 5' 3\" mast"),
        ("a\u00a0b\u2009c\u3000d\te", "a b c d e"),
        ("  two   spaces  ", "two spaces"),
        ("\ufeffZero\u200bwidth so\u00adft \u200b \u200dx", "Zerowidth soft x"),
        ("Ｍｉｎｉｓｔｒｙ", "Ministry"),
        ("Fuji‐class and non‑aligned", "Fuji-class and non-aligned"),
        ("One.\n\n\n\nTwo.", "One.\n\nTwo."),
        ("One.\r\n\r\nTwo.\r\rThree.", "One.\n\nTwo.\n\nThree."),
        ("One.\n \t \nTwo.", "One.\n\nTwo."),
        ("One.\u2029Two.", "One.\n\nTwo."),
        ("\n\nOne.\n\n", "One."),
        ("", ""),
        (" \n\t\n", ""),
        (
            "A headline without a stop\nThe story begins here.",
            "A headline without a stop\n\nThe story begins here.",
        ),
        ("First paragraph.\nSecond paragraph.", "First paragraph.\n\nSecond paragraph."),
        ("They met in\nsouthern Chad.", "They met in southern Chad."),
        ("aims: peace.\n- (1) To train\n- (2) To build", "aims: peace.\n\nTo train\n\nTo build"),
        ("• one\n• two", "one\n\ntwo"),
        ("1. one\n2) two\n(c) three\niv. four", "one\n\ntwo\n\nthree\n\nfour"),
        ("1 Overview", "1 Overview"),
        ("-\nStory\n-\nOther", "Story\n\nOther"),
        ("-5 degrees", "-5 degrees"),
    ],
)
def test_uniform(stored: str, expected: str) -> None:
    assert cleaned(stored) == expected


def test_wrapped_lines_are_joined() -> None:
    text = cleaned(WRAPPED + "\n" + WRAPPED)
    assert text.count("\n\n") == 1
    assert "widen cooperation at sea. They will" in text
    assert "officials of both" in text


def test_a_short_line_ends_a_paragraph_of_wrapped_text() -> None:
    assert "year.\n\nThe two" in cleaned(WRAPPED + WRAPPED)


def test_dash_at_the_start_of_a_wrapped_line_is_no_list_item() -> None:
    text = (
        "The two ministers met in the capital on Thursday and then travelled\n"
        "– by train, as they had done before – to the naval yard in the north.\n"
    )
    assert "travelled – by train" in cleaned(text)


def test_day_at_the_start_of_a_wrapped_line_is_no_enumerator() -> None:
    text = (
        "The two ministers met in the capital and will meet again on October\n"
        "9. They are then expected to sign the treaty that was negotiated by\n"
        "their deputies over the summer.\n"
    )
    assert "on October 9. They" in cleaned(text)


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("such\n\nas the return", "such as the return"),
        ("the ministers of defence,\n\nwho met", "the ministers of defence, who met"),
        (
            "The plan covers ports and five airfields in\n\nthe north.",
            "The plan covers ports and five airfields in the north.",
        ),
        ("It ended.\n\nlower case follows.", "It ended.\n\nlower case follows."),
        ("Key points\n\nthe first", "Key points\n\nthe first"),
        ("such\n\nThe next", "such\n\nThe next"),
        ("including,\n\n- the first", "including,\n\nthe first"),
    ],
)
def test_paragraph_broken_in_mid_sentence(stored: str, expected: str) -> None:
    assert cleaned(stored) == expected


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("closer coop-\neration at sea", "closer cooperation at sea"),
        ("closer coop\u00ad\neration at sea", "closer cooperation at sea"),
        ("command-\nand-control centre", "command-and-control centre"),
        ("a U.S.-\nled force", "a U.S.-led force"),
        ("an SM-\n6 missile", "an SM-\n\n6 missile"),
        ("a long-term plan, a long-\nterm aim", "a long-term plan, a long-term aim"),
        ("an e-\nmail", "an e-mail"),
        ("it was open -\nor not", "it was open - or not"),
    ],
)
def test_word_broken_at_line_end(stored: str, expected: str) -> None:
    assert cleaned(stored) == expected


def test_boilerplate_leaves_a_paragraph_break() -> None:
    text = "Before. SHARE THIS after it."
    at = text.index("SHARE")
    assert cleaned(text, (Span(at, at + 10),)) == "Before.\n\nafter it."


def test_boilerplate_at_both_ends() -> None:
    text = "Menu\nThe talks ended.\nFooter"
    spans = (Span(0, 4), Span(len(text) - 6, len(text)))
    assert cleaned(text, spans) == "The talks ended."
    assert cleaned(text, (Span(0, len(text)),)) == ""


MARKDOWN = """---
title: draft
---
# The *Second* Round ##

The **minister** met [Ann Lee](https://x.example/z_(a)) at
the `base`, see <https://a.example>. ![map](m.png)

> quoted line
> goes on

* item one
* item _two_

| Name | Post |
|------|------|
| A B  | Envoy |

Outcome
=======
a snake_case_word \\* x <br/>
<!-- hidden
comment -->
[ref]: https://b.example
"""


def test_markdown() -> None:
    assert cleaned(MARKDOWN, media_type="text/markdown").split("\n\n") == [
        "The Second Round",
        "The minister met Ann Lee at the base, see https://a.example.",
        "quoted line goes on",
        "item one",
        "item two",
        "Name Post",
        "A B Envoy",
        "Outcome",
        "a snake_case_word * x",
    ]


def test_markdown_is_only_read_in_markdown() -> None:
    assert cleaned("# not **bold**") == "# not **bold**"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=120), st.sampled_from(["text/plain", "text/markdown"]))
def test_any_text(text: str, media_type: str) -> None:
    result = clean(Document(("t",), text, media_type=media_type))
    check_map(text, result)
    assert result.text == result.text.strip()
    assert "  " not in result.text
    assert "\n" not in result.text.replace("\n\n", "")


BITS = st.sampled_from(
    [
        "The",
        "ship",
        "-",
        "\n",
        "\n\n",
        " ",
        "1.",
        "(2) ",
        "• ",
        "…",
        ".",
        "“",
        "\xad",
        "é",
        "*",
        "#",
        "\r",
        "|",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(BITS, max_size=40).map("".join), st.data())
def test_any_boilerplate(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = tuple(Span(a, b) for a, b in itertools.pairwise(cuts))[::2]
    media_type = data.draw(st.sampled_from(["text/plain", "text/markdown"]))
    result = clean(Document(("t",), text, media_type=media_type, boilerplate=spans))
    check_map(text, result)
    inside = {at for span in spans for at in range(span.start, span.end)}
    assert not any(
        offset in inside and not char.isspace()
        for char, offset in zip(result.text, result.offsets, strict=True)
    )


WORD = st.sampled_from(
    ["ships", "sailed", "Oslo", "U.S.", "3.5", "talks,", "'Quad'", "Indo-Pacific", "(PLA)"]
)
SENTENCE = st.lists(WORD, min_size=1, max_size=30).map(lambda words: "The " + " ".join(words) + " ended.")
CLEAN = st.lists(SENTENCE, min_size=1, max_size=5).map("\n\n".join)


@settings(max_examples=200, deadline=None)
@given(CLEAN)
def test_clean_text_stays_as_it_is(text: str) -> None:
    result = clean(Document(("t",), text))
    assert result.text == text
    assert list(result.offsets) == list(range(len(text)))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["Ships sailed on.", "ships", "in the", "bay", "\n", "\r\n", "\n\n", " "]),
        max_size=30,
    ).map("".join)
)
def test_idempotent(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once


def test_same_input_same_output() -> None:
    document = Document(("t",), WRAPPED + MARKDOWN)
    assert clean(document) == clean(document)

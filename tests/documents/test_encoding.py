from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.documents.encoding import check_text, decode_text
from kg.errors import DocumentError

TEXT = "Defence Minister José Múgica said “we agree”.\r\nThe café talks were in São Paulo."
LONG = TEXT + " The ministers met again in the evening." * 20


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (b"", "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (b"", "cp1252"),
    ],
)
def test_encodings(mark: bytes, encoding: str) -> None:
    assert decode_text(mark + LONG.encode(encoding), "a.txt") == LONG


def test_declared_encoding_counts_only_where_the_bytes_are_not_utf_8() -> None:
    russian = "Министр обороны встретился с коллегой в Москве."
    assert decode_text(russian.encode("koi8-r"), "a.txt", "koi8-r") == russian
    assert decode_text(russian.encode(), "a.txt", "koi8-r") == russian


def test_unknown_declared_encoding_is_passed_over() -> None:
    assert decode_text(LONG.encode("cp1252"), "a.txt", "x-unknown") == LONG


def test_dense_text_is_guessed() -> None:
    japanese = "防衛大臣は東京で会談を行い、日米同盟の抑止力を強化することで一致した。" * 5
    assert decode_text(japanese.encode("shift_jis"), "a.txt") == japanese


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"abc\0def", "a.txt: binary data"),
        (bytes(range(1, 256)) * 4, "a.txt: binary data"),
        (TEXT.encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a", "a.txt: marked as UTF-16-LE, but at byte 0"),
        (codecs.BOM_UTF8 + b"abc\xff", "a.txt: marked as UTF-8, but at byte 3"),
    ],
)
def test_what_is_no_text(data: bytes, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        decode_text(data, "a.txt")
    assert message in str(caught.value)


def test_lone_surrogate() -> None:
    with pytest.raises(DocumentError, match=r"a\.txt: lone surrogate U\+D800 at offset 2"):
        check_text("ab\ud800", "a.txt")


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200))
def test_utf_8_is_read_as_it_is(text: str) -> None:
    assert decode_text(codecs.BOM_UTF8 + text.encode(), "a.txt") == text


@given(st.binary(max_size=300))
def test_any_bytes_are_storable_text_or_an_error(data: bytes) -> None:
    try:
        text = decode_text(data, "a.txt")
    except DocumentError:
        return
    assert text.encode("utf-8").decode("utf-8") == text

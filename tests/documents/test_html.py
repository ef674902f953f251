from __future__ import annotations

import json
import time

import pytest

from kg.documents.html import _has_sentence, read_page
from kg.errors import DocumentError

STORY = (
    "<p>Defence Minister Anna Roe met her colleague Ali Khan in <a href='/c'>Köln</a> on Sunday, officials "
    "said.</p>"
    "<h2>Agenda</h2><ul><li>Coastal radar data</li><li>A joint exercise in June</li></ul>"
    "<p>They signed a memorandum of understanding on air defence.</p>"
)
MENU = "<nav><ul>" + "".join(f"<li><a href='/{i}'>Section {i}</a></li>" for i in range(30)) + "</ul></nav>"


def page(head: str = "", body: str = f"<article>{STORY}</article>") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{MENU}{body}</body></html>".encode()


def test_main_text_in_lines() -> None:
    aside = "<aside><h3>Most read</h3><ul><li><a href='/9'>Cats win prize in Paris</a></li></ul></aside>"
    found = read_page(
        page(body=f"<article><h1>Ministers meet</h1>{STORY}</article>{aside}<footer>© 2025</footer>"), "a"
    )
    assert found.text.splitlines() == [
        "Ministers meet",
        "Defence Minister Anna Roe met her colleague Ali Khan in Köln on Sunday, officials said.",
        "Agenda",
        "- Coastal radar data",
        "- A joint exercise in June",
        "They signed a memorandum of understanding on air defence.",
    ]
    assert found.title == "Ministers meet"


def linked(**fields: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(fields)}</script>"


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("", None),
        ("<meta property='article:published_time' content='2025-03-02T23:10:00-05:00'>", "2025-03-02"),
        ("<meta name='DC.date.issued' content='2025-03'>", "2025-03"),
        ("<meta name='pubdate' content='March 2, 2025'>", "2025-03-02"),
        ("<meta property='article:modified_time' content='2025-03-09'>", None),
        ("<meta name='date' content='02/03/2025'>", None),
        (linked(**{"@type": "NewsArticle", "datePublished": "2025-03-02T08:00:00Z"}), "2025-03-02"),
        (
            linked(**{"@graph": [{"@type": "Person"}, {"@type": ["Report"], "datePublished": "2025-03-02"}]}),
            "2025-03-02",
        ),
        (linked(**{"@type": "Organization", "datePublished": "2025-03-02"}), None),
        ("<script type='application/ld+json'>{not json</script>", None),
        ("<script type='application/ld+json'>" + "[" * 100_000 + "</script>", None),
        ("<link rel='canonical' href='https://news.example/2025/03/02/ministers-meet'>", "2025-03-02"),
        ("<link rel='canonical' href='https://news.example/2025/ministers-meet'>", None),
        ("<meta name='date' content='1970-01-01'>", None),
    ],
)
def test_date_of_metadata(head: str, day: str | None) -> None:
    assert read_page(page(head), "a").issued == day


@pytest.mark.parametrize(
    ("body", "day"),
    [
        (f"<article><time datetime='2025-03-02T10:00'>Sunday</time>{STORY}</article>", "2025-03-02"),
        (
            f"<article><time datetime='2025-03-02'/>{STORY}<time datetime='2025-03-05'/></article>",
            None,
        ),
        (f"<article>{STORY}</article><div><time datetime='2025-03-05'>comment</time></div>", None),
        (f"<span itemprop='datePublished'>2 March 2025</span><article>{STORY}</article>", "2025-03-02"),
    ],
)
def test_date_of_time_elements(body: str, day: str | None) -> None:
    assert read_page(page(body=body), "a").issued == day


def test_title_and_address() -> None:
    head = (
        "<title>Ministers meet | The Gazette</title><meta property='og:title' content='Ministers  meet'>"
        "<link rel='canonical' href='https://news.example/a'>"
    )
    found = read_page(page(head), "a")
    assert (found.title, found.source) == ("Ministers meet", "https://news.example/a")
    assert (
        read_page(page("<title>Ministers meet</title><link rel='canonical' href='/a'>"), "a").source is None
    )


@pytest.mark.parametrize("label", ["iso-8859-1", "utf-8", "koi8-r", "none"])
def test_wrong_label_of_utf_8(label: str) -> None:
    assert "Köln" in read_page(page(f"<meta charset='{label}'>"), "a").text


def test_right_label() -> None:
    data = page("<meta http-equiv='Content-Type' content='text/html; charset=iso-8859-2'>")
    assert "Łódź" in read_page(data.decode().replace("Köln", "Łódź").encode("iso-8859-2"), "a").text


def test_xml_declaration() -> None:
    data = b"<?xml version='1.0' encoding='utf-8'?>" + page()
    assert read_page(data, "a").text.startswith("Defence Minister")


def test_short_page() -> None:
    data = b"<html><body><p>Minister Anna Roe met Bob Poe in Oslo.</p></body></html>"
    assert read_page(data, "a").text == "Minister Anna Roe met Bob Poe in Oslo."


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body></body></html>",
        b"<html><head><script>render()</script></head><body><div id='app'></div></body></html>",
        page(body=""),
        page(body="<footer><a href='/about'>About us</a> <a href='/terms'>Terms</a></footer>"),
        b"<html><body><div>"
        + b"".join(b"<a href='/%d'>Part %d of the site</a> " % (i, i) for i in range(40))
        + b"</div>",
        b"<!-- -->",
    ],
)
def test_pages_without_a_text(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"^menu\.html: "):
        read_page(data, "menu.html")


def test_same_bytes_same_page() -> None:
    assert read_page(page(), "a") == read_page(page(), "a")


def test_long_lines_and_long_lists_take_time_in_proportion() -> None:
    started = time.process_time()
    # letters and no full stop: the place where a search for the end of a sentence must not start at each letter
    assert _has_sentence("aé " * 400_000) is False
    assert _has_sentence("word " * 400_000 + "." + '"' * 400_000) is True
    assert _has_sentence("." * 400_000 + "x") is False
    days = [{"@type": "Thing"}] * 200_000 + [{"@type": "NewsArticle", "datePublished": "2025-03-02"}]
    head = f"<script type='application/ld+json'>{json.dumps(days)}</script>"
    assert read_page(page(head), "a").issued == "2025-03-02"
    assert time.process_time() - started < 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ministers met here.", True),
        ("Menu\nThe ministers met in Suva!”) \nMore", True),
        ("Chapter two, p. 2.", False),
        ("The ministers met in Suva", False),
        ("………………………………………………………………………………", False),
        ("", False),
    ],
)
def test_a_sentence_is_a_line_that_ends_like_one(text: str, expected: bool) -> None:
    assert _has_sentence(text) is expected

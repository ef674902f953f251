from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.documents import find_boilerplate

PAGES = sorted((Path(__file__).parent / "pages").glob("*.txt"))
SEEDS = Path(__file__).parents[2] / "seeds"


def read_page(path: Path) -> tuple[str, list[tuple[str, bool]]]:
    """The page's text, and (line, whether it is boilerplate) for each: they begin with A| or B|."""
    rows = [line.split("|", 1) for line in path.read_text(encoding="utf-8").splitlines()]
    return "".join(f"{body}\n" for _, body in rows), [(body, kind == "B") for kind, body in rows]


def test_there_are_enough_pages() -> None:
    assert len(PAGES) >= 20


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page(path: Path) -> None:
    text, rows = read_page(path)
    inside = [False] * len(text)
    for span in find_boilerplate(text):
        inside[span.start : span.end] = [True] * (span.end - span.start)
    position = 0
    wrong = []
    for line, is_boilerplate in rows:
        marks = {mark for mark, char in zip(inside[position:], line, strict=False) if not char.isspace()}
        if marks - {is_boilerplate}:
            wrong.append(f"{'missed' if is_boilerplate else 'marked'}: {line}")
        position += len(line) + 1
    assert not wrong


def seed(start: str) -> str:
    return next(SEEDS.glob(f"{start}_*.txt")).read_bytes().decode("utf-8")


def test_links_below_an_article_are_marked_to_the_end() -> None:
    text = seed("002")
    start = text.index('"Politics" POPULAR ARTICLE')
    assert find_boilerplate(text) == ((start, len(text)),)


def test_marker_before_an_article() -> None:
    text = seed("000")
    assert [text[span.start : span.end] for span in find_boilerplate(text)] == ["date 2025-02-11"]


@pytest.mark.parametrize("start", ["001", "003", "004"])
def test_articles_without_boilerplate(start: str) -> None:
    assert find_boilerplate(seed(start)) == ()


def test_windows_line_ends() -> None:
    text = "The ministers met in Oslo on Monday.\r\nMost read\r\nFerry sails again\r\nKrone slides\r\n"
    assert find_boilerplate(text) == ((text.index("Most"), len(text)),)


@given(st.text(alphabet="AZaz .:|-•\n\r\t“1©", max_size=200))
def test_spans_are_sorted_disjoint_and_inside(text: str) -> None:
    position = 0
    for span in find_boilerplate(text):
        assert position <= span.start < span.end <= len(text)
        position = span.end


LINES = st.sampled_from(
    ["Most read", "Home", "World", "Contact us", "-", "Ferry sails again", "Krone slides", "4 hours ago",
     "The ministers met in Oslo.", "Share this", "", "© 2024 Gazette", "By Ann Lee", "[Home](/)"]
)  # fmt: skip


@given(st.lists(LINES, max_size=25))
def test_sentences_stay(lines: list[str]) -> None:
    text = "\n".join(lines)
    for span in find_boilerplate(text):
        assert "met in Oslo." not in text[span.start : span.end]

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.documents import find_boilerplate, find_dateline, find_title
from kg.model import Span

SEEDS = Path(__file__).parents[2] / "seeds"
BODY = "The ministers met for an hour, the ministry said. They will meet again."


def second_line(line: str) -> str | None:
    found = find_dateline(f"Ministers meet in the capital\n{line}\n{BODY}\n")
    return found.issued if found else None


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("17:24 JST, March 30, 2025", "2025-03-30"),
        ("Published: 3 June 2024", "2024-06-03"),
        ("Published on Monday, 3 June 2024 at 10:15 BST", "2024-06-03"),
        ("First published 2024-06-03", "2024-06-03"),
        ("Release date: 03.06.2024", "2024-06-03"),
        ("3 June 2024", "2024-06-03"),
        ("Monday, June 3rd, 2024", "2024-06-03"),
        ("2024/06/03", "2024-06-03"),
        ("1724 GMT, 3 March 2025", "2025-03-03"),
        ("Mar 3, 2025 5:24 PM EST", "2025-03-03"),
        ("By Jane Roe | March 3, 2025", "2025-03-03"),
        ("By Jane Roe and Ali Khan, Mar. 3, 2025, 5:24 p.m. ET", "2025-03-03"),
        ("NEWS | March 3, 2025", "2025-03-03"),
        ("Press Release No. 12/2025 | 3 March 2025", "2025-03-03"),
        ("Lima, 3 March 2025", "2025-03-03"),
        ("Updated 4 June 2024 at 10:00", "2024-06-04"),
        (f"WASHINGTON, Feb. 7, 2025 — {BODY}", "2025-02-07"),
        (f"BRUSSELS, 3 March 2025 (Agency) - {BODY}", "2025-03-03"),
        (f"(Canberra, ACT – March 3, 2025) – {BODY}", "2025-03-03"),
        (f"NEW DELHI — March 3, 2025 — {BODY}", "2025-03-03"),
        (f"SEOUL, Jan. 5, 2024 /Newswire/ -- {BODY}", "2024-01-05"),
        # No year, no day.
        (f"TOKYO, March 3 (Agency) -- {BODY}", None),
        # 3 April or 4 March.
        ("Published: 03/04/2025", None),
        # Days of events.
        ("Two countries sign accord on March 3, 2025", None),
        ("The Treaty of March 3, 1978", None),
        ("On March 3, 2025 — a Monday — the minister met her colleague", None),
        ("Oslo published on 3 June 2024 a list of its ships.", None),
        ("The joint exercise began on 3 June 2024.", None),
        ("March 3, 2025: the fleet sails for Darwin", None),
        ("31 June 2024", None),
    ],
)
def test_second_line(line: str, day: str | None) -> None:
    assert second_line(line) == day


# The first line of a text: it may be a headline, so that more has to speak for a dateline.
FIRST = [
    ("Lublin, 23 June 2025. Check against delivery.", "2025-06-23"),
    ("Weekly press briefing, Tuesday, 9 December 2025", "2025-12-09"),
    ("Daily briefing (3 March 2025)", "2025-03-03"),
    ("Press release, 3 March 2025", "2025-03-03"),
    ("PRESS RELEASE – 3 March 2025", "2025-03-03"),
    ("FOR IMMEDIATE RELEASE | March 3, 2025", "2025-03-03"),
    ("Remarks to the press, Nairobi, 3 March 2025", "2025-03-03"),
    ("Transcript of the press conference, Monday 3 March 2025", "2025-03-03"),
    ("Speech by the Minister of Defence at the Staff College, Dhaka, 5 March 2026", "2026-03-05"),
    (f"Riyadh, 06 Sha'ban 1447 H, January 25, 2026, GulfDesk -- {BODY}", "2026-01-25"),
    (f"TEHRAN, 13 Esfand 1403 (3 March 2025) - {BODY}", "2025-03-03"),
    ("Bogota, August 7 2022.", "2022-08-07"),
    ("NEW YORK, Sept. 22, 1993.", "1993-09-22"),
    (f"Bogota, August 7 2022. {BODY}", "2022-08-07"),
    (f"KYIV. Dec 3, 2024. WIRE. {BODY}", "2024-12-03"),
    (f"ISLAMABAD, March 3, 2025: {BODY}", "2025-03-03"),
    (f"March 3, 2025 - Ottawa, Ontario - National Defence / {BODY}", "2025-03-03"),
    ("Monday 3 March 2025, Accra", "2025-03-03"),
    # A weekday decides between two days.
    ("Thursday, 05/12/2024", "2024-12-05"),
    ("Sunday, 05/12/2024", "2024-05-12"),
    ("Monday, 05/12/2024", None),
    ("Treaty of Friendship, Lima, 3 March 1978.", None),
    ("Briefing papers for the summit of 3 March 1978", None),
    ("Peace at last – March 3, 1978", None),
    ("In Lima, 3 March 1978. It rained.", None),
]


@pytest.mark.parametrize(("line", "day"), FIRST)
def test_first_line(line: str, day: str | None) -> None:
    found = find_dateline(f"{line}\nThe minister spoke at length about the fleet.\n{BODY}\n")
    assert (found.issued if found else None) == day


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Panama City, 5 March 2026", "2026-03-05"),
        ("Panama City (Panama), 5 March 2026", "2026-03-05"),
        ("Ministry of Public Security, Panama City, 5 March 2026", "2026-03-05"),
        ("Ulaanbaatar, Mongolia, 5 March 2026", "2026-03-05"),
        ("Given at Port Louis, 5 March 2026", "2026-03-05"),
        ("Embargoed until delivery, 3 March 2025", "2025-03-03"),
        ("Issued: 05 Mar 2026 | Ref: 12/26", "2026-03-05"),
    ],
)
def test_line_after_a_body(line: str, day: str) -> None:
    found = find_dateline(f"MINISTRY OF PUBLIC SECURITY\n\n{line}\n\n{BODY}\n")
    assert found is not None
    assert found.issued == day


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Published 22 November 2023.", "2023-11-22"),
        (f"{BODY} Published 22 November 2023.", "2023-11-22"),
        (f"{BODY} {BODY} {BODY} {BODY} Published 22 November 2023.", "2023-11-22"),
        ("(Published on 22 November 2023)", "2023-11-22"),
        ("Posted by the press office on 22 November 2023", "2023-11-22"),
        ("Suva, 22 November 2023", "2023-11-22"),
        ("Done at Suva on 22 November 2023", None),
        ("The list was published 22 November 2023.", None),
        ("22 November 2023", None),
    ],
)
def test_last_line(line: str, day: str | None) -> None:
    body = f"{BODY}\n" * 20
    found = find_dateline(f"The fleet sails\n{body}{line}")
    assert (found.issued if found else None) == day
    if found:
        assert f"The fleet sails\n{body}{line}"[found.span.start : found.span.end] == "22 November 2023"


def test_other_numeric_dates_of_a_text_tell_the_order() -> None:
    assert second_line("Published: 03/04/2025\nThe ship sailed on 23/03/2025.") == "2025-04-03"
    assert second_line("Published: 03/04/2025\nThe ship sailed on 3/23/2025.") == "2025-03-04"
    assert second_line("Published: 03/04/2025\nIt sailed on 3/23/2025 or 23/03/2025.") is None


def test_span_is_that_of_the_date() -> None:
    text = f"\r\n  Posted on March 3, 2025 by the press office\r\n{BODY}"
    found = find_dateline(text)
    assert found is not None
    assert text[found.span.start : found.span.end] == "March 3, 2025"


def test_published_goes_before_updated() -> None:
    assert second_line("Updated: 5 June 2024\nPublished: 3 June 2024") == "2024-06-03"


def test_a_first_line_that_ends_with_a_day_is_a_headline() -> None:
    assert find_dateline(f"The end of the war – September 2, 1945\n{BODY}") is None
    assert find_dateline(f"Joint Statement, Tokyo, March 3, 1978\n{BODY}") is None


def test_days_of_a_chronicle_are_not_that_of_the_text() -> None:
    assert (
        second_line("3 March 1951\nFirst treaty\n4 May 1960\nSecond treaty\n5 June 1972\nThird treaty")
        is None
    )


def test_last_lines_count_if_labelled() -> None:
    body = f"{BODY}\n" * 30
    assert find_dateline(f"{body}Published: 3 June 2024") is not None
    assert find_dateline(f"{body}3 June 2024") is None


def test_lines_of_boilerplate_are_passed_over() -> None:
    text = f"3 June 2024\n{BODY}"
    assert find_dateline(text) is not None
    assert find_dateline(text, [Span(0, 11)]) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (" date 2025-02-11 Ministers met.", "2025-02-11"),
        ("Date: 2025-02-11\nMinisters met.", "2025-02-11"),
        ("date 2025-02-31 Ministers met.", None),
        ("date 2025-02-111 Ministers met.", None),
        ("The date 2025-02-11 was agreed.", None),
    ],
)
def test_marker(text: str, day: str | None) -> None:
    found = find_dateline(text)
    assert (found.issued if found else None) == day
    assert bool(find_boilerplate(text)) == (day is not None)


@pytest.mark.parametrize(
    ("start", "day", "title"),
    [
        ("000", "2025-02-11", None),
        ("001", None, None),
        ("002", "2025-03-30", "Nakatani, Hegseth Agree to Strengthen Deterrence, Response; Confirm U.S. "
         "Forces Japan Starting Transition to Joint HQ"),
        ("003", None, "Japan-U.S. Defense Ministerial Meeting (Summary)"),
        ("004", None, None),
    ],
)  # fmt: skip
def test_seeds(start: str, day: str | None, title: str | None) -> None:
    text = next(SEEDS.glob(f"{start}_*.txt")).read_bytes().decode("utf-8")
    found = find_dateline(text, find_boilerplate(text))
    assert (found.issued if found else None) == day
    assert find_title(text, find_boilerplate(text)) == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"# Berlin sends frigate\n\n{BODY}", "Berlin sends frigate"),
        (f"\n  Berlin sends\tfrigate \r\n{BODY}", "Berlin sends frigate"),
        (f"3 June 2024\n{BODY}", None),
        (f"By Jane Roe\n{BODY}", None),
        ("Only one line", None),
        ("", None),
    ],
)
def test_title(text: str, title: str | None) -> None:
    assert find_title(text) == title


@given(st.text(alphabet="ABab .,|–—:/()\n", max_size=80), st.text(alphabet="ABab .,|–—:/()\n", max_size=80))
def test_span_holds_the_day(before: str, after: str) -> None:
    text = f"{before}3 June 2024{after}"
    found = find_dateline(text)
    assert found is None or (found.issued, text[found.span.start : found.span.end]) == (
        "2024-06-03",
        "3 June 2024",
    )

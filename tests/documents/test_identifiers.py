from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.documents import Origin, assign_identifiers, merge_documents
from kg.documents.identifiers import join_spans
from kg.errors import IdentifierClash
from kg.model import Document, Span


def origin(path: str, where: str | None = None) -> Origin:
    *folder, name = path.split("/")
    return Origin(("", *folder), name, where or path)


def test_base_name_is_enough_where_it_is_unique() -> None:
    read = [(origin("docs/x.txt"), "aa"), (origin("docs/y.txt"), "bb")]
    assert assign_identifiers(read) == {"aa": ("x.txt",), "bb": ("y.txt",)}


def test_folders_are_added_as_far_as_needed() -> None:
    read = [
        (origin("p/a/x.txt"), "aa"),
        (origin("p/b/x.txt"), "bb"),
        (origin("q/b/x.txt"), "cc"),
        (origin("q/y"), "dd"),
    ]
    assert assign_identifiers(read) == {
        "aa": ("a/x.txt",),
        "bb": ("p/b/x.txt",),
        "cc": ("q/b/x.txt",),
        "dd": ("y",),
    }


def test_one_text_with_two_names_has_two_identifiers() -> None:
    assert assign_identifiers([(origin("d/x.txt"), "aa"), (origin("d/a.txt"), "aa")]) == {
        "aa": ("a.txt", "x.txt")
    }


def test_a_name_that_is_the_end_of_another() -> None:
    assert assign_identifiers([(origin("x.txt"), "aa"), (origin("a/x.txt"), "bb")]) == {
        "aa": ("/x.txt",),
        "bb": ("a/x.txt",),
    }


def test_an_id_with_slashes_is_told_from_a_folder() -> None:
    record = Origin(("", "d"), "a/x.txt", "d/n.jsonl, line 1")
    files = [(origin("e/a/x.txt"), "bb"), (origin("e/b/x.txt"), "cc")]
    assert assign_identifiers([(record, "aa"), *files]) == {
        "aa": ("d/a/x.txt",),
        "bb": ("e/a/x.txt",),
        "cc": ("b/x.txt",),
    }
    assert assign_identifiers([(record, "aa")]) == {"aa": ("a/x.txt",)}
    with pytest.raises(IdentifierClash, match=r"d/n\.jsonl, line 1 and d/a/x\.txt"):
        assign_identifiers([(record, "aa"), (origin("d/a/x.txt"), "bb")])


def test_two_texts_of_one_place_clash() -> None:
    read = [(origin("d/1", "n.jsonl, line 4"), "aa"), (origin("d/1", "n.jsonl, line 9"), "bb")]
    for rows in (read, read[::-1]):
        with pytest.raises(
            IdentifierClash, match=r"identifier '1' .*: n\.jsonl, line 4 and n\.jsonl, line 9"
        ):
            assign_identifiers(rows)


def test_one_text_twice_in_one_place_is_no_clash() -> None:
    read = [(origin("d/1", "n.jsonl, line 4"), "aa"), (origin("d/1", "n.jsonl, line 9"), "aa")]
    assert assign_identifiers(read) == {"aa": ("1",)}


PLACES = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


@given(st.dictionaries(PLACES, st.sampled_from(["h1", "h2", "h3"]), max_size=12), st.randoms())
def test_identifiers_are_unique_and_do_not_depend_on_order(places: dict[str, str], random: object) -> None:
    read = [(origin(path), sha256) for path, sha256 in places.items()]
    assigned = assign_identifiers(read)
    assert assign_identifiers(reversed(read)) == assigned
    flat = [identifier for identifiers in assigned.values() for identifier in identifiers]
    assert len(flat) == len(set(flat)) == len(places)
    assert list(assigned) == sorted(set(places.values()))


DOCUMENTS = st.builds(
    Document,
    identifiers=st.sampled_from([("a",), ("b",), ("c",)]),
    text=st.just("The ministers met."),
    issued=st.sampled_from([None, "2024", "2025-03"]),
    title=st.sampled_from([None, "A", "B"]),
    source=st.sampled_from([None, "x", "y"]),
    media_type=st.sampled_from(["text/html", "text/plain"]),
    boilerplate=st.sampled_from([(), (Span(0, 3),), (Span(2, 5),), (Span(9, 11),)]),
)


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_merging_has_no_order(one: Document, two: Document, three: Document) -> None:
    assert merge_documents(one, two) == merge_documents(two, one)
    assert merge_documents(merge_documents(one, two), three) == merge_documents(
        one, merge_documents(two, three)
    )
    assert merge_documents(one, one) == one


def test_the_earlier_date_is_that_of_publication() -> None:
    one = Document(("a",), "x", issued="2025-03-30", title="T")
    two = Document(("b",), "x", issued="2025-03-29", source="s")
    assert merge_documents(one, two) == Document(("a", "b"), "x", issued="2025-03-29", title="T", source="s")


def test_spans_are_joined() -> None:
    assert join_spans([Span(5, 9), Span(0, 2), Span(2, 3), Span(8, 10), Span(4, 4)]) == (
        Span(0, 3),
        Span(5, 10),
    )

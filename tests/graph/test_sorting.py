from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kg.graph.sorting import LineSorter, merge_lines

LINES = st.lists(st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"") + b"\n"), max_size=60)


@given(LINES, st.integers(1, 4000))
def test_lines_come_sorted_and_once_however_often_they_spill(lines: list[bytes], run_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sorter = LineSorter(Path(folder), "x", run_bytes)
        for line in lines:
            sorter.add(line)
        assert list(sorter.lines()) == sorted(set(lines))
        assert not list(Path(folder).iterdir())


@given(LINES, LINES)
def test_merging_is_union(one: list[bytes], other: list[bytes]) -> None:
    assert list(merge_lines([sorted(one), sorted(other)])) == sorted({*one, *other})

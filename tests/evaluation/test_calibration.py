from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.evaluation.calibration import calibrate


def test_what_is_right_as_often_as_claimed_has_no_error() -> None:
    table = calibrate([(0.8, True)] * 8 + [(0.8, False)] * 2 + [(0.5, True), (0.5, False)])
    assert [(row.low, row.claims, row.right) for row in table.bins] == [(0.5, 2, 1), (0.8, 10, 8)]
    assert table.error == pytest.approx(0.0)


def test_error_is_weighted_by_claims() -> None:
    table = calibrate([(0.9, False)] * 3 + [(0.6, True)])
    assert table.error == pytest.approx((3 * 0.9 + 0.4) / 4)


def test_nothing_judged() -> None:
    table = calibrate([])
    assert table.error is None
    assert table.to_json() == {"claims": 0, "expected_calibration_error": None, "bins": []}


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=40))
def test_every_claim_is_in_the_bin_that_its_confidence_names(judged: list[tuple[int, bool]]) -> None:
    table = calibrate((hundredths / 100, right) for hundredths, right in judged)
    assert table.claims == len(judged)
    assert sum(row.right for row in table.bins) == sum(right for _, right in judged)
    for row in table.bins:
        assert row.low <= row.claimed + 1e-9
        assert row.claimed <= row.high
    assert table.error is None or 0 <= table.error <= 1

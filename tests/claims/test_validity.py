"""When a state holds, by the words."""

from __future__ import annotations

import pytest

from kg.model import Document
from kg.pipeline import Extractor


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Retno Marsudi served as Indonesia's foreign minister from 2014 to 2024.",
            ("Former", "2014/2024", False),
        ),
        (
            "Boris Pistorius, German defence minister since January 2023, met Andrius Kubilius in Brussels.",
            ("Asserted", "2023-01/..", False),
        ),
        (
            "Bill Blair, Canada's defence minister, has pressed for the deal since 2023.",
            ("Asserted", None, False),
        ),
        (
            "Chilean Foreign Minister Alberto van Klaveren said the talks had gone on since October 2024.",
            ("Asserted", None, False),
        ),
        ("Acting Norwegian Defence Minister Ola Berg spoke in Oslo.", ("Asserted", None, True)),
        ("Norwegian Defence Minister Ola Berg spoke in Oslo.", ("Asserted", None, False)),
    ],
)
def test_a_post_has_the_time_that_stands_with_it(
    extractor: Extractor, text: str, wanted: tuple[str, str | None, bool]
) -> None:
    claims = extractor.extract(Document(("x",), text, "2025-06-01")).claims
    found = {(c.modality.value, c.valid_time, c.acting) for c in claims if c.predicate == "holdsOffice"}
    assert found == {wanted}

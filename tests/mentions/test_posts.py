"""Posts that no words of their own name: shared titles, deputies, and the country that a text speaks from."""

from __future__ import annotations

import pytest

from kg.model import Document
from kg.pattern_checks import claims_in_words
from kg.pipeline import Extractor


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor()


def _held(extractor: Extractor, text: str) -> set[str]:
    said = claims_in_words(extractor.extract(Document(("posts",), text, "2025-06-11")))
    return {f"{s} | {o} | {m}" for s, p, o, m in said if p == "holdsOffice"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "The two Foreign Ministers, Rashid Odeh of Jordan and Carla Mendes of Cape Verde, opened it.",
            "Carla Mendes | Minister of Foreign Affairs, Cape Verde | Asserted",
        ),
        (
            "Defence Ministers Pekka Lahti and Jonas Berg of Finland and Sweden, respectively, toured it.",
            "Jonas Berg | Minister of Defense, Sweden | Asserted",
        ),
        (
            "The prime ministers of Fiji and Samoa, Jone Tikoca and Sina Leavasa, signed it.",
            "Sina Leavasa | Prime Minister, Samoa | Asserted",
        ),
        (
            "General Ana Duarte, chief of the Uruguayan Navy, came with her deputy, Rear Admiral Pablo Sosa.",
            "Pablo Sosa | Deputy Chief, Uruguayan Navy | Asserted",
        ),
        (
            "Ministry of Defence\n\nRepublic of Ghana\n\nThe Minister for Defence, Yaw Mensah, met the envoy.",
            "Yaw Mensah | Minister of Defense, Ghana | Asserted",
        ),
        (
            "Air Marshal Peter Okello steps down as Uganda's air force chief on 31 July.",
            "Peter Okello | Air Force Chief, Uganda | Asserted",
        ),
    ],
)
def test_posts_are_read(extractor: Extractor, text: str, wanted: str) -> None:
    assert wanted in _held(extractor, text)


def test_a_post_right_before_a_name_is_not_that_of_the_name_before_it(extractor: Extractor) -> None:
    text = "Prime Minister Rose Dorval, Haitian National Police chief Jean Caron and others came."
    assert not {x for x in _held(extractor, text) if x.startswith("Rose Dorval") and "Police" in x}


def test_a_title_without_names_gives_nobody_a_post(extractor: Extractor) -> None:
    assert not _held(extractor, "The foreign ministers of Jordan and Cape Verde opened the session.")

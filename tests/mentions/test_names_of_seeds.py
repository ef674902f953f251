"""Every person, place and organization that the seeds' annotation asks for is found where it is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.catalog import load_catalog
from kg.mentions import MentionFinder
from kg.model import Document
from kg.text.parser.component import model_folder
from kg.text.reader import OWN, RULES, Reader

KINDS = ("Person", "Place", "Organization")
SEEDS = sorted((Path(__file__).resolve().parents[1] / "gold" / "seeds").glob("[0-9]*.json"))
MODELS = [RULES, *([OWN] if (model_folder() / "model.onnx").is_file() else [])]


def fold(name: str) -> str:
    plain = " ".join(name.replace("’", "'").split()).removesuffix("'s")
    return plain[4:] if plain.lower().startswith("the ") else plain


@pytest.fixture(scope="module")
def finder() -> MentionFinder:
    return MentionFinder(load_catalog())


@pytest.fixture(scope="module", params=MODELS)
def reader(request: pytest.FixtureRequest) -> Reader:
    return Reader(load_catalog(), request.param)


def test_all_seeds_are_here() -> None:
    assert len(SEEDS) == 5


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_required_names_are_found_with_their_class(
    path: Path, seeds: Path, finder: MentionFinder, reader: Reader
) -> None:
    gold = json.loads(path.read_text(encoding="utf-8"))
    text = (seeds / gold["doc"]).read_text(encoding="utf-8")
    found = finder.find(reader.read(Document((gold["doc"],), text)))
    said = {(m.kind, fold(m.text)) for m in (*found.outer, *found.nested)}
    wanted, missed = 0, []
    for entity in gold["entities"]:
        if entity["class"] not in KINDS or not entity["required"] or not entity["named"]:
            continue
        told = {
            *entity.get("descriptions", ()),
            *entity.get("group_mentions", ()),
            *entity.get("adjectival", ()),
        }
        names = {fold(m) for m in entity["mentions"] if m not in told and any(c.isupper() for c in m)}
        wanted += bool(names)
        if names and not any((entity["class"], name) in said for name in names):
            missed.append(f"{entity['class']} {entity['label']}: {sorted(names)}")
    assert wanted > 5
    assert missed == []

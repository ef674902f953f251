import shutil
from pathlib import Path

import pytest

from kg.catalog import find_root, load_catalog
from kg.errors import CatalogError

CATALOG = load_catalog()


def copy(tmp_path: Path) -> Path:
    for folder in ("ontology", "queries"):
        shutil.copytree(CATALOG.root / folder, tmp_path / folder)
    return tmp_path


def test_the_default_catalog_is_loaded_once() -> None:
    assert load_catalog() is CATALOG
    assert find_root() == CATALOG.root


def test_the_digest_is_of_what_extraction_depends_on(tmp_path: Path) -> None:
    root = copy(tmp_path)
    assert load_catalog(root).digest == CATALOG.digest
    (root / "queries" / "new-one.rq").write_text("#+ summary: s\n#+ returns: r\nASK {}\n", encoding="utf-8")
    changed = load_catalog(root)
    assert "new-one" in changed.queries
    assert changed.digest == CATALOG.digest
    table = root / "ontology" / "gazetteer" / "islands.csv"
    table.write_text(table.read_text(encoding="utf-8") + "Utopia,Island,,,,\n", encoding="utf-8")
    assert load_catalog(root).digest != CATALOG.digest


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("ontology/kg.ttl", "nonsense"),
        ("ontology/lexicon/zz.yaml", "list: 3"),
        ("ontology/patterns/zz.yaml", "relation: zz"),
        ("ontology/gazetteer/zz.csv", "colour\nred\n"),
        ("queries/zz.rq", "SELECT * {}"),
    ],
)
def test_anything_wrong_names_its_file(tmp_path: Path, file: str, text: str) -> None:
    root = copy(tmp_path)
    (root / file).write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=f"^{file}: "):
        load_catalog(root)


def test_a_folder_without_declarations_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"ontology/kg\.ttl"):
        load_catalog(tmp_path)


def test_every_class_and_relation_is_in_the_vocabulary_page() -> None:
    page = (CATALOG.root / "docs" / "vocabulary.md").read_text(encoding="utf-8")
    terms = {*CATALOG.ontology.classes, *CATALOG.ontology.relations, *CATALOG.ontology.statuses}
    assert sorted(term for term in terms if f"`{term}`" not in page) == []


def test_every_pattern_key_is_in_the_patterns_page() -> None:
    from kg.catalog.patterns import OPTIONS, SLOTS

    page = (CATALOG.root / "docs" / "patterns.md").read_text(encoding="utf-8")
    keys = {"KIND", "SUBKIND", "LEXICON", "FORM", "TRIGGER", "ROLE", *OPTIONS, *SLOTS}
    assert sorted(key for key in keys if f"`{key}`" not in page) == []

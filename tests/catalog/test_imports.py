"""Names from GeoNames and Wikidata extracts become tables that the gazetteer reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.catalog import load_catalog
from kg.catalog.catalog import _load, find_root
from kg.catalog.imports import import_names
from kg.errors import CatalogError

CATALOG = load_catalog()


def geonames(
    identifier: int, name: str, others: str, where: tuple[str, str], code: str, country: str, people: int = 0
) -> str:
    feature, _, rest = code.partition(".")
    cells = [
        str(identifier),
        name,
        name,
        others,
        *where,
        feature,
        rest,
        country,
        "",
        "",
        "",
        "",
        "",
        str(people),
        "",
        "",
        "",
        "",
    ]
    return "\t".join(cells)


ROWS = [
    geonames(9000001, "Vuna Point", "Vuna,VUN,Вуна", ("-16.98", "179.87"), "P.PPL", "FJ", 900),
    geonames(9000002, "Camp Velden", "", ("52.1", "5.2"), "L.MILB", "NL"),
    geonames(1850147, "Tokyo", "Tokio,TYO", ("35.6895", "139.69171"), "P.PPLC", "JP", 8336599),
    geonames(9000010, "Okinawa", "Okinawa-ken,Loochoo", ("26.53", "127.97"), "A.ADM1", "JP", 1468526),
    geonames(9000003, "Old Well", "", ("1", "2"), "S.WLL", "FJ"),
    geonames(9000004, "Hamlet", "", ("1", "2"), "P.PPL", "FJ", 12),
]


def test_geonames_rows_become_entries_or_add_to_those_there_are(tmp_path: Path) -> None:
    source = tmp_path / "FJ.txt"
    source.write_text("\n".join(ROWS) + "\n", "utf-8")
    report = import_names(source, tmp_path / "own", CATALOG, min_population=500)
    assert (report.rows, report.known) == (4, 2)
    assert dict(report.left_out) == {"feature S.WLL": 1, "fewer than 500 people": 1}
    gazetteer = _load(find_root(), tmp_path / "own").gazetteer
    (reading,) = gazetteer.readings("Camp Velden")
    base = gazetteer.get(reading.key)
    assert (base.kind, base.subkind, base.country, base.point) == (
        "Facility",
        "MilitaryBase",
        "nl",
        "POINT(5.2 52.1)",
    )
    assert base.exact_matches == ("https://sws.geonames.org/9000002/",)
    assert gazetteer.get("place/vuna-point-fj").aliases == ("Vuna",)
    assert gazetteer.get("place/vuna-point-fj").ambiguous
    tokyo = gazetteer.get("place/tokyo-jp")
    assert "Tokio" in tokyo.aliases
    assert tokyo.capital
    okinawa = gazetteer.get("place/jp-47")
    assert okinawa.exact_matches == ("https://sws.geonames.org/9000010/",)
    assert okinawa.point == "POINT(127.97 26.53)"
    assert "Loochoo" in okinawa.aliases


def test_names_of_ones_own_are_part_of_what_extraction_depends_on(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("name,kind\nCamp Velden,MilitaryBase\n", "utf-8")
    assert _load(find_root(), tmp_path).digest != CATALOG.digest


def test_a_query_result_of_wikidata(tmp_path: Path) -> None:
    source = tmp_path / "bases.csv"
    source.write_text(
        "item,itemLabel,itemAltLabel,country,coord,geonames,kind\n"
        'http://www.wikidata.org/entity/Q999999991,Fort Veld,"Veld Barracks, Camp V",NL,Point(5.1 52.2),,\n'
        "Q999999992,Port Veld,,NL,,9000009,Q44782\n"
        "Q999999993,Something,,,,,Q1\n",
        "utf-8",
    )
    report = import_names(source, tmp_path / "own", CATALOG, kind="MilitaryBase")
    assert dict(report.by_class) == {"MilitaryBase": 1, "Port": 1}
    assert dict(report.left_out) == {"kind Q1": 1}
    gazetteer = _load(find_root(), tmp_path / "own").gazetteer
    assert gazetteer.get("facility/fort-veld").aliases == ("Veld Barracks", "Camp V")
    assert gazetteer.get("facility/port-veld").exact_matches == (
        "https://sws.geonames.org/9000009/",
        "http://www.wikidata.org/entity/Q999999992",
    )


def test_entities_of_wikidata(tmp_path: Path) -> None:
    def value(kind: object) -> dict[str, object]:
        return {"mainsnak": {"datavalue": {"value": kind}}}

    entity = {
        "id": "Q999999994",
        "labels": {"en": {"value": "Veldish Navy"}},
        "aliases": {"en": [{"value": "Royal Veldish Navy"}]},
        "claims": {"P31": [value({"id": "Q4508"})], "P625": [value({"longitude": 5, "latitude": 52.25})]},
    }
    source = tmp_path / "navies.json"
    source.write_text(
        f"[\n{json.dumps(entity)},\n{json.dumps({'id': 'Q999999995', 'labels': {}})}\n]\n", "utf-8"
    )
    report = import_names(source, tmp_path / "own", CATALOG)
    assert dict(report.by_class) == {"ArmedForce": 1}
    assert dict(report.left_out) == {"no English label": 1}
    navy = _load(find_root(), tmp_path / "own").gazetteer.get("org/veldish-navy")
    assert (navy.aliases, navy.point) == (("Royal Veldish Navy",), "POINT(5 52.25)")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("a.txt", "1\tName\n", "a.txt: line 1: 2 cells; GeoNames has 19"),
        (
            "a.txt",
            ROWS[0].replace("-16.98", "south") + "\n",
            "line 1: coordinates 'south', '179.87': want degrees",
        ),
        ("a.txt", ROWS[0].replace("-16.98", "-96.98") + "\n", "latitude is -90 to 90"),
        ("a.txt", ROWS[0] + "\n" + ROWS[0].replace("\tFJ", "\tQX"), "line 2: country 'qx' is not an ISO"),
        ("a.csv", "item,name\n", "unknown ['name'], missing ['itemLabel']"),
        ("a.csv", "item,itemLabel\nQ1\n", "line 2: 1 cells"),
        ("a.csv", "item,itemLabel,kind\nhere,Camp,City\n", "item 'here': want an identifier"),
        ("a.csv", "item,itemLabel,kind\nQ5,Q5,City\n", "item Q5 has no English label"),
        (
            "a.csv",
            "item,itemLabel,kind,coord\nQ5,Camp,City,1 2\n",
            "coord '1 2': want Point(longitude latitude)",
        ),
        ("a.json", "{\n", "line 1: not JSON"),
        ("a.json", "[1]\n", "want a Wikidata entity"),
        ("a.xml", "", "unknown ending '.xml'"),
    ],
)
def test_refuses_with_file_and_line(tmp_path: Path, file: str, text: str, message: str) -> None:
    (tmp_path / file).write_text(text, "utf-8")
    with pytest.raises(CatalogError) as refused:
        import_names(tmp_path / file, tmp_path / "own", CATALOG)
    assert message in str(refused.value)
    assert not (tmp_path / "own").exists()


def test_refuses_an_unknown_class_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="kind 'Base' is not a declared class"):
        import_names(tmp_path / "a.txt", tmp_path, CATALOG, kind="Base")
    with pytest.raises(CatalogError, match="cannot be read"):
        import_names(tmp_path / "a.txt", tmp_path, CATALOG)


def test_countries_have_a_point_and_a_link() -> None:
    japan = CATALOG.gazetteer.get("place/jp")
    assert japan.point == "POINT(138 36)"
    assert japan.exact_matches == ("https://sws.geonames.org/1861060/",)
    countries = [e for e in CATALOG.gazetteer.entries.values() if e.subkind == "Country"]
    assert sum(e.point is not None for e in countries) > 190
    assert [e.key for e in countries if not e.exact_matches] == ["place/soviet-union", "place/yugoslavia"]

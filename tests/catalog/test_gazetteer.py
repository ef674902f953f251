import re
from pathlib import Path

import pytest

from kg.catalog import GazetteerEntry, Surface, load_catalog
from kg.catalog.gazetteer import load_gazetteer, normalise, spellings
from kg.catalog.named import COLUMNS, load_named
from kg.catalog.places import load_cities, load_countries, load_subdivisions
from kg.errors import CatalogError
from kg.terms import KIND_SEGMENTS

GAZETTEER = load_catalog().gazetteer
ONTOLOGY = load_catalog().ontology


def first(surface: str) -> tuple[str, str]:
    reading = GAZETTEER.readings(surface)[0]
    return reading.key, reading.form


@pytest.mark.parametrize(
    ("surface", "key", "form"),
    [
        ("Japan", "place/jp", "name"),
        ("Japanese", "place/jp", "adjective"),
        ("America", "place/us", "name"),
        ("American", "place/us", "adjective"),
        ("Americans", "place/us", "demonym"),
        ("U.K.", "place/gb", "adjective"),
        ("Britain", "place/gb", "name"),
        ("Danes", "place/dk", "demonym"),
        ("Filipino", "place/ph", "adjective"),
        ("Filipinos", "place/ph", "demonym"),
        ("Philippine", "place/ph", "adjective"),
        ("Dutch", "place/nl", "adjective"),
        ("UAE", "place/ae", "adjective"),
        ("DPRK", "place/kp", "adjective"),
        ("Turkey", "place/tr", "name"),
        ("Turkiye", "place/tr", "name"),
        ("Cote d'Ivoire", "place/ci", "name"),
        ("Côte d’Ivoire", "place/ci", "name"),
        ("Georgia", "place/ge", "name"),
        ("Taiwan", "place/tw", "adjective"),
        ("Washington", "place/washington-us", "name"),
        ("Paris", "place/paris-fr", "name"),
        ("Kiev", "place/kyiv-ua", "name"),
        ("Bogota", "place/bogota-co", "name"),
        ("Okinawa", "place/jp-47", "name"),
        ("Texas", "place/us-tx", "name"),
        ("Xinjiang", "place/cn-xj", "name"),
        ("Ioto", "place/iwo-jima", "name"),
        ("Taiwan Strait", "place/taiwan-strait", "name"),
        ("MCAS Futenma", "facility/mcas-futenma", "name"),
        ("US Marine Corps", "org/us-marine-corps", "name"),
        ("United States Navy", "org/us-navy", "name"),
        ("NATO", "org/nato", "name"),
        ("Australian Defense Force", "org/australian-defence-force", "name"),
        ("People's Liberation Army", "org/pla", "name"),
        ("Reuters", "org/reuters", "name"),
        ("New START", "agreement/new-start", "name"),
        ("AMRAAM", "equipment/amraam", "name"),
    ],
)
def test_surfaces_lead_to_what_they_name(surface: str, key: str, form: str) -> None:
    assert (key, form) in {(r.key, r.form) for r in GAZETTEER.readings(surface)}
    assert first(surface)[0] == key


def test_surfaces_are_case_sensitive() -> None:
    assert first("US")[0] == "place/us"
    for word in ("us", "who", "turkey", "japan", "it"):
        assert GAZETTEER.readings(word) == ()


def test_a_name_of_several_things_has_them_all_likeliest_first() -> None:
    keys = [reading.key for reading in GAZETTEER.readings("Georgia")]
    assert keys[0] == "place/ge"
    assert "place/us-ga" in keys
    weights = [reading.weight for reading in GAZETTEER.readings("Washington")]
    assert weights == sorted(weights, reverse=True)
    assert {r.key for r in GAZETTEER.readings("Congolese")} == {"place/cd", "place/cg"}


def test_an_entry_knows_where_it_is() -> None:
    tokyo = GAZETTEER.get("place/tokyo-jp")
    assert (tokyo.kind, tokyo.subkind, tokyo.country, tokyo.capital) == ("Place", "City", "jp", True)
    assert tokyo.part_of == "place/jp"
    assert tokyo.exact_matches == ("https://sws.geonames.org/1850147/",)
    assert tokyo.point is not None
    found = re.fullmatch(r"POINT\((-?\d+\.\d+) (-?\d+\.\d+)\)", tokyo.point)
    assert found is not None
    assert 139 < float(found[1]) < 140
    assert 35 < float(found[2]) < 36
    assert GAZETTEER.get("place/jp").exact_matches == ("https://sws.geonames.org/1861060/",)


def test_every_state_has_a_name_an_adjective_and_a_capital() -> None:
    states = [e for e in GAZETTEER.entries.values() if e.subkind == "Country" and e.weight == 100]
    assert len(states) >= 195
    assert [e.name for e in states if not e.adjectives] == []
    assert [e.name for e in states if not e.exact_matches] == []
    capitals = {e.country for e in GAZETTEER.entries.values() if e.capital}
    assert sorted(e.name for e in states if e.country not in capitals) == []


def test_a_territory_does_not_take_its_states_adjective() -> None:
    assert {r.key for r in GAZETTEER.readings("French")} == {"place/fr"}
    assert {r.key for r in GAZETTEER.readings("Chinese")} == {"place/cn"}
    assert GAZETTEER.get("place/hk").subkind == "Region"
    assert GAZETTEER.get("place/tw").subkind == "Island"


@pytest.mark.parametrize("name", ["Georgia", "Jordan", "Chad", "Reading", "Austin", "Quad"])
def test_names_that_are_other_words_are_marked(name: str) -> None:
    keys = [r.key for r in GAZETTEER.readings(name)]
    assert any(GAZETTEER.get(key).ambiguous for key in keys)
    assert not GAZETTEER.get("place/jp").ambiguous


def test_every_entry_is_consistent() -> None:
    for key, entry in GAZETTEER.entries.items():
        assert key == entry.key
        assert key.startswith(KIND_SEGMENTS[entry.kind] + "/")
        assert entry.subkind is None or ONTOLOGY.top(entry.subkind) == entry.kind
        assert entry.country is None or f"place/{entry.country}" in GAZETTEER.entries
        assert entry.part_of is None or entry.part_of in GAZETTEER.entries
    assert all(s == normalise(s) for s in GAZETTEER.surfaces)


@pytest.mark.parametrize(
    ("subkinds", "entries", "countries"),
    [
        ({"WaterBody", "Region"}, 280, 20),
        ({"Island"}, 150, 30),
        ({"MilitaryBase"}, 350, 80),
        ({"ArmedForce", "Command", "Unit"}, 380, 110),
        ({"Ministry", "Government"}, 150, 35),
        ({"InternationalOrganization"}, 130, 0),
        ({"MediaOutlet"}, 120, 25),
        ({"Company"}, 130, 20),
        ({"Treaty", "Accord", "Framework", "Plan", "JointStatement", "Memorandum"}, 100, 0),
        ({"Weapon", "Platform", "Programme"}, 250, 15),
    ],
)
def test_declared_names_are_worldwide(subkinds: set[str], entries: int, countries: int) -> None:
    found = [e for e in GAZETTEER.entries.values() if e.subkind in subkinds]
    assert len(found) >= entries
    assert len({e.country for e in found if e.country}) >= countries


def test_disputed_islands_belong_to_nobody() -> None:
    for surface in (
        "Senkaku Islands",
        "Dokdo",
        "Spratly Islands",
        "Scarborough Shoal",
        "Northern Territories",
    ):
        assert GAZETTEER.get(first(surface)[0]).country is None


def test_spellings_are_few_and_without_repeats() -> None:
    assert spellings("St. Center & Co") == tuple(dict.fromkeys(spellings("St. Center & Co")))
    assert "Saint Centre and Co" in spellings("St. Center & Co")
    assert spellings("Aden") == ("Aden",)


def test_a_miss_is_none_or_an_error() -> None:
    assert GAZETTEER.find("place/nowhere") is None
    with pytest.raises(CatalogError, match="no gazetteer entry 'place/nowhere'"):
        GAZETTEER.get("place/nowhere")


KNOWN = {"place/jp": GazetteerEntry("place/jp", "Place", "Country", "Japan", country="jp")}


def named(tmp_path: Path, text: str) -> dict[str, GazetteerEntry]:
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    return load_named(tmp_path, tmp_path, ONTOLOGY, KNOWN, frozenset())


def test_a_row_becomes_an_entry(tmp_path: Path) -> None:
    header = ",".join(COLUMNS)
    found = named(tmp_path, f"{header}\nCamp Zama,MilitaryBase,jp,Zama|Zama base,place/jp,,,yes,,,\n")
    entry = found["facility/camp-zama"]
    assert (entry.kind, entry.subkind, entry.country) == ("Facility", "MilitaryBase", "jp")
    assert (entry.aliases, entry.part_of, entry.ambiguous) == (("Zama", "Zama base"), "place/jp", True)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("A,Hat,,,,", "line 2: kind 'Hat' is not a declared class"),
        ("A,Claim,,,,", "no class of things 'Claim'"),
        ("A,Island,zz,,,", "line 2: country 'zz'"),
        ("A,Island,,,place/atlantis,", "line 2: part_of 'place/atlantis'"),
        ("A,Island,,,,A B", "line 2: key 'A B'"),
        (",Island,,,,", "line 2: name is empty"),
        ("A,Island,,,,\nB,City,,,,a", r"line 3: key 'place/a' is already given in x\.csv: line 2"),
        ("Nippon,Country,,,,jp", "line 2: key 'place/jp' is already given in the data packages"),
        ("A,Island,,Same,,\nB,City,,Same,,", r"line 3: name 'Same' is also in line 2 of x\.csv"),
    ],
)
def test_a_wrong_row_names_file_and_line(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        named(tmp_path, f"name,kind,country,aliases,part_of,key\n{rows}\n")


@pytest.mark.parametrize("rows", ["ZZ,,,,,", "JP,,Planet,,,", "JP,,,,,\nJP,,,,,"])
def test_a_wrong_country_row_is_an_error(tmp_path: Path, rows: str) -> None:
    path = tmp_path / "c.csv"
    path.write_text(f"code,name,kind,aliases,adjectives,demonyms\n{rows}\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"^c\.csv: line [23]: "):
        load_countries(path, tmp_path)


def test_a_wrong_division_row_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("code,name,kind,aliases\nJP-99,X,,\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"^s\.csv: line 2: code 'JP-99'"):
        load_subdivisions(path, tmp_path, KNOWN)


@pytest.mark.parametrize(
    ("rows", "message"), [("jp,Tokyo,,,\njp,Tokyo,,,", "twice"), ("jp,Atlantis,,,", "Atlantis")]
)
def test_a_wrong_city_row_is_an_error(tmp_path: Path, rows: str, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"country,city,name,aliases,capital\n{rows}\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=rf"^t\.csv: .*{message}"):
        load_cities(path, tmp_path)


def test_two_loads_are_alike() -> None:
    root = load_catalog().root
    again = load_gazetteer(root / "ontology" / "gazetteer", root, ONTOLOGY)
    assert list(again.entries) == list(GAZETTEER.entries)
    assert list(again.surfaces.items()) == list(GAZETTEER.surfaces.items())
    assert all(isinstance(r, Surface) for r in again.surfaces["Tokyo"])

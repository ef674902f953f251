from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.errors import QueryError
from kg.graph import open_reader
from kg.query.places import atlas, read_point, to_csv, to_geojson


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("POINT(139.69171 35.6895)", (139.69171, 35.6895)),
        ("point ( -97 38 )", (-97.0, 38.0)),
        ("POINT(181 0)", None),
        ("POINT(0 -91)", None),
        ("POINT(1,2)", None),
        ("LINESTRING(0 0, 1 1)", None),
        ("", None),
    ],
)
def test_points_are_read(text: str, point: tuple[float, float] | None) -> None:
    assert read_point(text) == point


def test_places_with_a_point_and_what_is_there(seed_store: Path) -> None:
    reader = open_reader(seed_store)
    try:
        found = atlas(reader)
        labels = [s.place.label for s in found.items]
        assert labels[0] == "Japan"
        assert found.total == len(labels) == len(set(labels))
        tokyo = next(s for s in found.items if s.place.label == "Tokyo")
        assert (round(tokyo.longitude), round(tokyo.latitude)) == (140, 36)
        assert "Ministry of Defense, Japan" in {n.label for n in tokyo.here}
        assert tokyo.count >= len(tokyo.here)
        assert [s.place.label for s in atlas(reader, limit=2).items] == labels[:2]
        with pytest.raises(QueryError, match="limit=0"):
            atlas(reader, limit=0)
        features = json.loads(json.dumps(to_geojson(found)))["features"]
        assert features[0]["geometry"]["coordinates"] == [found.items[0].longitude, found.items[0].latitude]
        assert to_csv(found).count(b"\r\n") == found.total + 1
    finally:
        reader.close()

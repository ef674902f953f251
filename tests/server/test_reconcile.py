"""The Reconciliation Service API 0.2; the schemas are ours, written after the specification."""

from __future__ import annotations

import json
from types import ModuleType

import httpx
import jsonschema
import pytest

MARTA = "https://kg.example/id/person/lindqvist-marta"
DEF = "https://kg.example/def#"

TEXT = {"type": "string", "minLength": 1}
REFERENCE = {"type": "object", "required": ["id", "name"], "properties": {"id": TEXT, "name": TEXT}}
SERVICE = {
    "type": "object",
    "required": ["service_url", "service_path"],
    "properties": {
        "service_url": {"type": "string", "pattern": "^https?://"},
        "service_path": {"type": "string", "pattern": "^/"},
        "flyout_service_url": {"type": "string", "pattern": "^https?://"},
        "flyout_service_path": {"type": "string", "pattern": r"\$\{id\}"},
    },
}
WITH_ID = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}"}
MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace", "view"],
    "properties": {
        "versions": {"type": "array", "contains": {"const": "0.2"}},
        "name": TEXT,
        "identifierSpace": TEXT,
        "schemaSpace": TEXT,
        "documentation": TEXT,
        "serviceVersion": TEXT,
        "view": {"type": "object", "required": ["url"], "properties": {"url": WITH_ID}},
        "defaultTypes": {"type": "array", "items": REFERENCE, "uniqueItems": True, "minItems": 1},
        "suggest": {"type": "object", "additionalProperties": SERVICE, "minProperties": 3},
        "preview": {
            "type": "object",
            "required": ["url", "width", "height"],
            "properties": {"url": WITH_ID, "width": {"type": "integer"}, "height": {"type": "integer"}},
        },
        "extend": {
            "type": "object",
            "properties": {"propose_properties": SERVICE, "property_settings": {"type": "array"}},
        },
    },
    "additionalProperties": False,
}
CANDIDATE = {
    "type": "object",
    "required": ["id", "name", "score", "match", "type"],
    "properties": {
        "id": TEXT,
        "name": TEXT,
        "description": TEXT,
        "score": {"type": "number", "minimum": 0, "maximum": 100},
        "match": {"type": "boolean"},
        "type": {"type": "array", "items": REFERENCE},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "value"],
                "properties": {"id": TEXT, "value": {"type": ["number", "boolean"]}},
            },
        },
    },
    "additionalProperties": False,
}
RESULTS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["result"],
        "properties": {"result": {"type": "array", "items": CANDIDATE}},
        "additionalProperties": False,
    },
}
SUGGESTIONS = {
    "type": "object",
    "required": ["result"],
    "properties": {
        "result": {
            "type": "array",
            "items": {
                **REFERENCE,
                "properties": {
                    "id": TEXT,
                    "name": TEXT,
                    "description": {"type": "string"},
                    "notable": {"type": "array", "items": REFERENCE},
                },
                "additionalProperties": False,
            },
        }
    },
}


def one_of(name: str, kind: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "required": [name], "properties": {name: kind}, "additionalProperties": False}


EXTENSION = {
    "type": "object",
    "required": ["meta", "rows"],
    "properties": {
        "meta": {"type": "array", "items": REFERENCE},
        "rows": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": {
                    "type": "array",
                    "items": {
                        "oneOf": [
                            {**REFERENCE, "additionalProperties": False},
                            one_of("str", {"type": "string"}),
                            one_of("float", {"type": "number"}),
                            one_of("int", {"type": "integer"}),
                            one_of(
                                "date", {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
                            ),
                        ]
                    },
                },
            },
        },
    },
    "additionalProperties": False,
}


def ask(client: httpx.Client, **queries: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    """The candidates of each query, asked by GET and by POST alike."""
    batch = json.dumps(queries)
    posted = client.post("/reconcile", data={"queries": batch})
    assert posted.status_code == 200, posted.text
    assert posted.json() == client.get("/reconcile", params={"queries": batch}).json()
    jsonschema.validate(posted.json(), RESULTS)
    return {key: found["result"] for key, found in posted.json().items()}


def test_the_manifest_leads_to_services_that_answer(client: httpx.Client) -> None:
    response = client.get("/reconcile", headers={"Origin": "http://127.0.0.1:3333"})
    assert response.headers["access-control-allow-origin"] == "*"
    manifest = response.json()
    jsonschema.validate(manifest, MANIFEST)
    for sort, service in manifest["suggest"].items():
        found = client.get(service["service_url"] + service["service_path"], params={"prefix": ""}).json()
        jsonschema.validate(found, SUGGESTIONS)
        assert found["result"], sort
        path = service["flyout_service_path"].replace(
            "${id}", httpx.QueryParams({"a": found["result"][0]["id"]})["a"]
        )
        url = service["flyout_service_url"] + path.replace("#", "%23")
        flyout = client.get(url).json()
        assert flyout["id"] == found["result"][0]["id"]
        assert "<p>" in flyout["html"]
    assert client.get(manifest["view"]["url"].replace("{{id}}", MARTA.replace("/", "%2F"))).status_code == 200
    proposed = manifest["extend"]["propose_properties"]
    found = client.get(
        proposed["service_url"] + proposed["service_path"], params={"type": DEF + "Person", "limit": 3}
    )
    assert len(found.json()["properties"]) == found.json()["limit"] == 3


def test_a_name_that_one_entity_bears_is_a_match(client: httpx.Client) -> None:
    found = ask(client, q0={"query": "Lindqvist, Marta"}, q1={"query": "brandt"}, q2={"query": MARTA})
    assert (found["q0"][0]["id"], found["q0"][0]["score"], found["q0"][0]["match"]) == (MARTA, 100, True)
    assert [c["match"] for c in found["q1"][:2]] == [False, False]  # two are called so
    assert {c["score"] for c in found["q1"][:2]} == {100}
    assert (found["q2"][0]["id"], found["q2"][0]["match"]) == (MARTA, True)


def test_misspelt_and_longer_names_find_candidates(client: httpx.Client) -> None:
    found = ask(
        client, q0={"query": "Marta Lindqvits"}, q1={"query": "Minister Lindqvist"}, q2={"query": "Qqqq"}
    )
    for key in ("q0", "q1"):
        assert MARTA in [c["id"] for c in found[key]]
        assert not any(c["match"] for c in found[key] if c["score"] < 95)
    assert found["q2"] == []


def test_types_filter_or_weigh(client: httpx.Client, asked_world: ModuleType) -> None:
    query = {"query": "Norland", "type": "Person"}
    strict = ask(
        client,
        should=query,
        any={**query, "type_strict": "any"},
        all={"query": "Norland", "type": [DEF + "Place", "kg:Country"], "type_strict": "all"},
    )
    assert strict["any"] == []
    best = strict["should"][0]
    assert best["id"] == asked_world.w.NORLAND
    assert best["score"] == 70
    assert {"id": "type_match", "value": False} in best["features"]
    assert strict["all"][0]["match"] is True


def test_properties_tell_namesakes_apart(client: httpx.Client, asked_world: ModuleType) -> None:
    office = {"pid": "memberOf", "v": "Wide Union"}
    found = ask(
        client,
        q={"query": "Brandt", "properties": [office]},
        r={"properties": [{"pid": "memberOf", "v": [{"id": asked_world.UNION.iri}]}], "limit": 3},
    )
    assert found["q"][0]["id"] == asked_world.IDA.iri
    assert found["q"][0]["score"] > found["q"][1]["score"]
    assert found["q"][0]["match"]
    assert {"id": DEF + "memberOf_score", "value": 100} in found["q"][0]["features"]
    assert len(found["r"]) == 3


def test_values_of_properties_come_back_typed(client: httpx.Client, asked_world: ModuleType) -> None:
    asked = {
        "ids": [MARTA, "https://elsewhere.example/x"],
        "properties": [{"id": "holdsOffice"}, {"id": DEF + "date"}],
    }
    found = client.post("/reconcile", data={"extend": json.dumps(asked)}).json()
    jsonschema.validate(found, EXTENSION)
    assert [m["id"] for m in found["meta"]] == ["holdsOffice", DEF + "date"]
    assert [v["name"] for v in found["rows"][MARTA]["holdsOffice"]] == ["Minister of Defense, Norland"]
    assert found["rows"]["https://elsewhere.example/x"] == {"holdsOffice": [], DEF + "date": []}
    event = "https://kg.example/id/event/meeting.c.1"
    asked = {
        "ids": [event],
        "properties": [{"id": p} for p in ("participant", "date", "start", DEF + "status")],
    }
    found = client.get("/reconcile", params={"extend": json.dumps(asked)}).json()
    jsonschema.validate(found, EXTENSION)
    assert found["rows"][event]["date"] == [{"str": "2024-03-28"}]
    assert found["rows"][event]["start"] == [{"date": "2024-03-28T00:00:00Z"}]
    assert len(found["rows"][event]["participant"]) == 2


def test_suggestions_by_what_was_typed(client: httpx.Client) -> None:
    def suggest(sort: str, **asked: object) -> list[str]:
        found = client.get(f"/reconcile/suggest/{sort}", params=asked).json()
        jsonschema.validate(found, SUGGESTIONS)
        return [one["id"] for one in found["result"]]

    assert suggest("entity", prefix="Marta Li")[0] == MARTA
    assert suggest("entity", prefix=MARTA)[0] == MARTA
    assert suggest("property", prefix="hold") == [DEF + "holdsOffice"]
    assert DEF + "MilitaryBase" in suggest("type", prefix="military b")
    first, second = (suggest("entity", prefix="land", cursor=n) for n in (0, 20))
    assert len(first) == 20
    assert not set(first) & set(second)


def test_a_preview_may_be_framed_and_holds_no_script(client: httpx.Client, asked_world: ModuleType) -> None:
    response = client.get("/reconcile/preview", params={"id": asked_world.EVIL.iri})
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors *"
    assert "x-frame-options" not in response.headers
    assert "<b>Evil" not in response.text
    assert "&lt;b&gt;Evil" in response.text
    assert client.get("/").headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "form",
    [
        {"queries": "{"},
        {"queries": "[]"},
        {"queries": '{"q": {}}'},
        {"queries": '{"q": {"query": "x", "type": "Planet"}}'},
        {"queries": '{"q": {"query": "x", "type_strict": "never"}}'},
        {"queries": '{"q": {"query": "x", "limit": 0}}'},
        {"queries": '{"q": {"query": "x", "properties": [{"v": 1}]}}'},
        {"extend": '{"ids": "x"}'},
        {"extend": '{"ids": [], "properties": [{"id": "noSuchThing"}]}'},
    ],
)
def test_what_is_not_understood_is_said(client: httpx.Client, form: dict[str, str]) -> None:
    response = client.post("/reconcile", data=form)
    assert response.status_code == 400
    assert "want" in response.json()["detail"] or "JSON" in response.json()["detail"]


def test_a_body_that_is_no_form_is_refused(client: httpx.Client) -> None:
    assert client.post("/reconcile", json={"queries": {}}).status_code == 415

"""Whose an office is, where its words name that only in short: "the brigade's commander"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kg.model import Form, Mention
from kg.resolution.clusters import Cluster, ordered

Place = tuple[int, int, str]


def name_owners(mentions: Sequence[Mention], things: Mapping[Place, Cluster]) -> list[Mention]:
    """`mentions`, offices with the full name of the body that their words stand for.

    `things` gives the cluster of each mention of a thing. A common noun that stands for nothing named owns no office.
    """
    out = []
    for m in mentions:
        if m.kind == "Office" and m.feature("body_text") and m.feature("owner_start"):
            start, end = int(m.features["owner_start"]), int(m.features["owner_end"])
            home = things.get((start, end, "Organization"))
            if home is None and m.features["body_text"].islower():
                m = replace(
                    m, features={k: v for k, v in m.features.items() if k not in {"body", "body_text"}}
                )
            elif home is not None:
                name, value = _name(home)
                if name.startswith(f"{m.features['body_text']} of "):
                    name = m.features["body_text"]
                m = replace(
                    m, features={**m.features, "body_text": name, **({"body": value} if value else {})}
                )
        out.append(m)
    return out


def _name(home: Cluster) -> tuple[str, str | None]:
    """The fullest name of a body, and its gazetteer key if it has one."""
    value = next((m.value for m in home.mentions if m.value), None)
    named = [m.text for m in home.mentions if m.form is Form.NAME]
    return ordered(named or [m.text for m in home.mentions])[0], value

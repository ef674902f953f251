"""The tools, asked by the protocol's own client over stdin and stdout, as agents do."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType

import anyio
import pytest

pytest.importorskip("mcp")
from mcp import Client, StdioServerParameters

Ask = Callable[..., Awaitable[dict[str, object]]]
TOOLS = {
    "search",
    "entity",
    "neighbourhood",
    "paths",
    "evidence",
    "contradictions",
    "offices",
    "documents",
    "sparql",
}


def talk(store: Path, conversation: Callable[[Client, Ask], Awaitable[None]]) -> None:
    """Hold a conversation with a server of its own."""
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "kg", "mcp", "--store", str(store)],
        env={**os.environ, "KG_PUBLIC_URL": "https://graph.example"},
    )

    async def main() -> None:
        async with Client(parameters, read_timeout_seconds=60) as client:

            async def ask(tool: str, **arguments: object) -> dict[str, object]:
                result = await client.call_tool(tool, arguments)
                assert not result.is_error, result.content
                (text,) = result.content
                found = json.loads(text.text)
                assert isinstance(found, dict)
                return found

            await conversation(client, ask)

    anyio.run(main)


def check_sources(found: object) -> int:
    """Everything that is said has its sentence and the address of its document; how much is said."""
    if isinstance(found, list):
        return sum(map(check_sources, found))
    if not isinstance(found, dict):
        return 0
    said = 0
    if "says" in found:
        assert found["sentence"]
        assert str(found["address"]).startswith("https://graph.example/doc/")
        assert "#char=" in str(found["address"])
        said = 1
    return said + sum(map(check_sources, found.values()))


def test_agents_get_answers_with_sentences_and_addresses(small_store: Path, asked_world: ModuleType) -> None:
    async def conversation(client: Client, ask: Ask) -> None:
        listed = await client.list_tools()
        assert {tool.name for tool in listed.tools} == TOOLS
        assert all("as_of" in tool.input_schema["properties"] and tool.description for tool in listed.tools)
        assert "quote them" in (client.instructions or "")

        found = await ask("search", words="hallen denied")
        assert [s["sentence"] for s in found["sentences"]] == ["It denied that Norland runs Hallen Air Base."]
        assert found["sentences"][0]["address"].startswith("https://graph.example/doc/")
        assert (await ask("search", words="Marta Lindqvits"))["did_you_mean"] == "marta lindqvist"

        card = await ask("entity", name="Marta Lindqvist")
        assert card["id"] == "person:lindqvist-marta"
        assert check_sources(card) == card["claims_in_all"] == 4

        around = await ask("neighbourhood", name="Norland", depth=2, limit=5)
        assert around["left_out"]
        assert check_sources(around) == len(around["edges"]) > 0

        paths = await ask("paths", source="Marta Lindqvist", target="Hallen Air Base", k=2)
        assert paths["paths"][0]["chain"][0] == "Marta Lindqvist"
        assert check_sources(paths) > 1

        assert check_sources(await ask("evidence", subject="Marta Lindqvist", relation="holdsOffice")) == 1
        quarrels = await ask("contradictions")
        assert check_sources(quarrels) >= 2 * quarrels["contradictions_in_all"] > 0
        assert check_sources(await ask("offices", person="Marta Lindqvist")) > 0

        documents = await ask("documents")
        name = documents["documents"][0]["document"]
        text = await ask("documents", document=name, start=3)
        assert text["start"] == 3
        whole = (
            await client.read_resource(f"kg://document/{name.rpartition('/')[2]}")
            if "/" not in name
            else None
        )
        if whole is not None:
            assert whole.contents[0].text[3:].startswith(str(text["text"])[:50])

        rows = await ask("sparql", query="SELECT ?p { ?p kg:holdsOffice ?o }")
        assert {"p": asked_world.w.MARTA} in rows["rows"]
        assert (await ask("sparql", query="ASK { ?p kg:holdsOffice ?o }"))["answer"] is True

    talk(small_store, conversation)


def test_days_mistakes_and_limits(small_store: Path) -> None:
    async def conversation(client: Client, ask: Ask) -> None:
        async def refused(tool: str, **arguments: object) -> str:
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            return str(result.content[0].text)

        early = await ask("documents", as_of="2024-03-01")
        late = await ask("documents")
        assert early["as_of"] == "2024-03-01"
        assert 0 < early["documents_in_all"] < late["documents_in_all"]
        assert "Ida Brandt" in await refused("entity", name="Brandt")
        assert "Marta Lindqvist" in await refused("entity", name="Marta Lindkvist")
        assert "want a day" in await refused("search", words="x", as_of="yesterday")
        assert "want either" in await refused("evidence")
        assert "SERVICE" in await refused(
            "sparql", query="SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }"
        )
        assert await refused("sparql", query="SELECT * { ?s ?p ?o . ?a ?b ?c }")
        assert await refused("sparql", query="DELETE WHERE { ?s ?p ?o }")
        by_day = await ask("sparql", query="SELECT ?d { ?d a kg:Document }", as_of="2024-03-01")
        assert len(by_day["rows"]) == early["documents_in_all"]

    talk(small_store, conversation)

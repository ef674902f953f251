"""The twenty questions of docs/questions.md, asked of the seeds and held against the annotated answers."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kg.cli import main
from kg.terms import fold

ROOT = Path(__file__).resolve().parent.parent
COMMAND = re.compile(r"^## (Q\d+)\n\*\*(.+?)\*\*\n\n    kg (.+)$", re.MULTILINE)
PAGE = (ROOT / "docs" / "questions.md").read_text("utf-8")
COMMANDS = {number: (asked, command) for number, asked, command in COMMAND.findall(PAGE)}
GOLD = json.loads((ROOT / "tests/gold/seeds/corpus.json").read_text("utf-8"))
ENTITIES = {e["id"]: e for e in GOLD["entities"]}
EVENTS = {e["id"]: e for e in GOLD["events"]}
#: Names of things that the texts describe and do not name.
SHORTER = {"csg": ("aircraft carrier strike group",)}
#: What the answers lack, by docs/questions.md; an answer that has it after all is welcome.
LACKS: Mapping[str, set[str]] = {
    "Q7": {"joc"},
    "Q11": {"coproduction"},
    "Q12": {"usfj_team"},
    "Q19": {"sel_1999"},
}


def names(identifier: str) -> set[str]:
    """What shows that an answer has the annotated thing: a name, or an IRI of an event of its class."""
    if identifier in EVENTS:
        kind = EVENTS[identifier]["class"].lower()
        return {"/id/event/" if kind == "other" else f"/id/event/{kind}."}
    entity = ENTITIES[identifier]
    said = {entity["label"], *entity["names"], *entity["aliases"], *SHORTER.get(identifier, ())}
    return {fold(re.sub(r"^(the|a|an) ", "", name)) for name in said}


def cells(text: str) -> Iterator[str]:
    """All values of an answer in CSV or JSON."""

    def walk(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (found for key, one in value.items() if key != "query" for found in walk(one))
        elif isinstance(value, list):
            yield from (found for one in value for found in walk(one))
        else:
            yield str(value)

    if text.startswith("{"):
        yield from walk(json.loads(text))
    else:
        yield from (cell for row in csv.reader(io.StringIO(text)) for cell in row)


def test_every_question_has_its_command() -> None:
    assert {number: asked for number, (asked, _) in COMMANDS.items()} == {
        q["id"]: q["question"] for q in GOLD["questions"]
    }


@pytest.mark.parametrize("question", GOLD["questions"], ids=[q["id"] for q in GOLD["questions"]])
def test_a_question_is_answered(
    question: Mapping[str, object], seed_store: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    number = str(question["id"])
    answer = question["answer"]
    assert isinstance(answer, dict)
    words = [str(seed_store) if word == "store" else word for word in shlex.split(COMMANDS[number][1])]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert not ended.value.code
    sys.stdout.flush()
    found = list(cells(capfdbinary.readouterr().out.decode()))
    text = fold("\n".join(found))
    lacking = LACKS.get(number, set())
    missing = [i for i in answer["ids"] if i not in lacking and not any(name in text for name in names(i))]
    assert missing == []
    assert [day for day in answer.get("dates", ()) if day not in text] == []
    wrong = [i for i in answer.get("wrong_ids", ()) if names(i) & {fold(cell) for cell in found}]
    assert wrong == []
    for forbidden in question.get("forbidden_strings", ()):  # type: ignore[attr-defined]
        assert fold(forbidden) not in text

"""How answers are shown: tables on a terminal, JSON in a pipe or with ``--json``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass

# C0 and C1 control characters: a text must not be able to steer the terminal.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def for_machines(asked: bool) -> bool:
    """Whether to write for machines: asked for, or standard output is not a terminal."""
    return asked or not sys.stdout.isatty()


def write_json(value: object) -> None:
    """Write `value` (a dataclass, a mapping, a list) as one indented JSON document."""
    print(json.dumps(_plain(value), ensure_ascii=False, indent=1))


def write_json_lines(values: Iterable[object]) -> None:
    """Write each of `values` as one line of JSON."""
    for value in values:
        print(json.dumps(_plain(value), ensure_ascii=False))


def write_bytes(data: bytes) -> None:
    """Write `data` to standard output as it is, with a line end behind it if it has none."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    if data and not data.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """Write a table to the terminal; control characters of its cells become spaces."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, title=title, title_justify="left", pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
    Console().print(table)


def write_line(text: str) -> None:
    """Write one line of text to the terminal, without control characters."""
    print(clean(text))


def note(text: str) -> None:
    """Write one line to standard error."""
    print(clean(text), file=sys.stderr)


def counted(number: int, one: str, many: str | None = None) -> str:
    """`number` with the noun that goes with it.

    >>> counted(1, "page"), counted(2, "page"), counted(0, "entity", "entities")
    ('1 page', '2 pages', '0 entities')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def clean(value: object) -> str:
    """`value` as text in one line; None is empty."""
    return "" if value is None else _CONTROL.sub(" ", str(value))


def _plain(value: object) -> object:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value

"""Declared files, read strictly: YAML without duplicate keys, tables with known columns, good errors."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kg.errors import CatalogError

Model = TypeVar("Model", bound=BaseModel)

_DATED = re.compile("tag:yaml.org,2002:(bool|timestamp)")


class _Loader(yaml.CSafeLoader):
    """Safe YAML in which a key given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise CatalogError(f"line {key_node.start_mark.line + 1}: key {key!r} is given twice")
            seen.add(key)
        return dict(super().construct_mapping(node, deep=deep))


# A word list holds "no", "on" and "yes", an example begins with a date: all of them are text here.
_Loader.yaml_implicit_resolvers = {
    first: [row for row in rows if not _DATED.fullmatch(row[0])]
    for first, rows in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), list("tf"))


def parse_yaml(text: str, file: str) -> object:
    """The content of a YAML document: mappings, lists, strings, numbers, ``true``, ``false``, None.

    `file` names the source in errors. Raises `CatalogError` for bad YAML and for a key given twice.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except CatalogError as error:
        raise CatalogError(f"{file}: {error}") from None
    except yaml.YAMLError as error:
        raise CatalogError(f"{file}: not YAML: {' '.join(str(error).split())}") from None


def read_text(path: Path, root: Path) -> str:
    """The UTF-8 text of a declared file. Raises `CatalogError` naming it relative to `root`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{name_of(path, root)}: cannot be read as UTF-8 text: {error}") from None


def name_of(path: Path, root: Path) -> str:
    """How errors name a declared file: its path below `root`, with forward slashes."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def parse_model(model: type[Model], data: object, where: str) -> Model:
    """`data` as `model`.

    Raises `CatalogError` with `where` (file and key), the keys at fault, what was found and what is allowed.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = []
        for fault in error.errors(include_url=False):
            key = ".".join(str(step) for step in fault["loc"]) or "(whole)"
            found = fault["input"]
            allowed = ""
            if fault["type"] == "extra_forbidden":
                allowed = f"; allowed here: {', '.join(sorted(_keys(model)))}"
            faults.append(f"{key}: {fault['msg']} (found {str(found)[:80]!r}{allowed})")
        raise CatalogError(f"{where}: {'; '.join(faults)}") from None


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def as_mapping(data: object, where: str) -> Mapping[str, object]:
    """`data` if it is a mapping with text keys. Raises `CatalogError` naming `where`."""
    if not isinstance(data, dict):
        raise CatalogError(f"{where}: want a mapping, found {type(data).__name__}")
    for key in data:
        if not isinstance(key, str):
            raise CatalogError(f"{where}: key {key!r} is not text; quote it")
    return data


def read_table(
    path: Path, root: Path, columns: Sequence[str], required: Sequence[str] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """(where, row) of a CSV file with a header, in order; `where` is file and line. Values are stripped.

    The header must hold the `required` columns (the first of `columns` if none are named) and no others than
    `columns`; missing ones read as empty. Raises `CatalogError`.
    """
    file = name_of(path, root)
    reader = csv.reader(read_text(path, root).splitlines(), strict=True)
    try:
        header = next(reader, [])
        unknown = [name for name in header if name not in columns]
        missing = [name for name in (required or columns[:1]) if name not in header]
        if unknown or missing or len(set(header)) != len(header):
            raise CatalogError(
                f"{file}: line 1: header {','.join(header)!r}: unknown {unknown}, missing {missing}; "
                f"allowed: {','.join(columns)}, each once"
            )
        for cells in reader:
            if not cells or cells[0].startswith("#"):
                continue
            where = f"{file}: line {reader.line_num}"
            if len(cells) != len(header):
                raise CatalogError(f"{where}: {len(cells)} cells, header has {len(header)}: {cells}")
            row = dict.fromkeys(columns, "")
            row.update(zip(header, (cell.strip() for cell in cells), strict=True))
            yield where, row
    except csv.Error as error:
        raise CatalogError(f"{file}: line {reader.line_num}: not CSV: {error}") from None

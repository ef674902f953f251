"""Bodies of requests: read up to a limit, and taken apart where they are forms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import parse_qsl, unquote

from fastapi import Request

from kg.errors import QueryError
from kg.server.problems import Refused

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_MOST_FIELDS = 1000
#: A parameter of a header: a token, or a quoted string with escapes (RFC 9110, section 5.6.6).
_PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body; `name` is the field's, `file` the name of the file that was chosen."""

    name: str
    file: str | None
    media_type: str
    data: bytes

    @property
    def text(self) -> str:
        """The value of a field. Raises `QueryError` if it is not UTF-8."""
        return decode(self.data, "utf-8", f"field {self.name!r}")


def read_media_type(header: str | None) -> tuple[str, Mapping[str, str]]:
    """(media type in lower case, its parameters by their names in lower case) of a Content-Type header."""
    kind, _, _ = (header or "").partition(";")
    found = {
        m[1].lower(): re.sub(r"\\(.)", r"\1", m[2]) if m[2] is not None else m[3]
        for m in _PARAMETER.finditer(header or "")
    }
    return kind.strip().lower(), found


async def read_body(request: Request, most: int) -> bytes:
    """The body of `request`. Raises a 413 if it is longer than `most` bytes."""
    _check_length(request, most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


async def save_body(request: Request, most: int, out: IO[bytes]) -> int:
    """Write the body of `request` to `out`; its length in bytes. Raises a 413 if that is more than `most`."""
    _check_length(request, most)
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > most:
            raise _too_large(most)
        out.write(chunk)
    return length


def _check_length(request: Request, most: int) -> None:
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > most:
        raise _too_large(most)


def _too_large(most: int) -> Refused:
    return Refused(413, "too-large", f"the body is longer than {most} bytes", {"Connection": "close"})


def decode(data: bytes, charset: str, what: str) -> str:
    """`data` as text. Raises `QueryError` if it is not in that encoding."""
    try:
        return data.decode(charset)
    except UnicodeDecodeError as error:
        raise QueryError(f"{what} is not {charset.upper()} (byte {error.start})") from None
    except LookupError:
        raise QueryError(f"{what}: unknown charset {charset!r}; want UTF-8") from None


def read_form(text: str) -> list[tuple[str, str]]:
    """The fields of a form. Raises `QueryError`."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError as error:
        raise QueryError(f"the form is not UTF-8 (byte {error.start} of a field)") from None
    except ValueError as error:
        raise QueryError(f"the form cannot be read: {error}") from None


def read_parts(data: bytes, boundary: str | None) -> Sequence[Part]:
    """The parts of a multipart/form-data body (RFC 7578). Raises `QueryError` if it is none."""
    if not boundary or len(boundary) > 70:
        raise QueryError("multipart/form-data: want a boundary of at most 70 characters")
    mark = b"--" + boundary.encode("latin-1", "replace")
    pieces = (b"\r\n" + data).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise QueryError("multipart/form-data: the last boundary is missing")
    if len(pieces) > _MOST_FIELDS:
        raise QueryError(f"multipart/form-data: more than {_MOST_FIELDS} parts")
    return [_read_part(piece.lstrip(b" \t")) for piece in pieces[1:-1]]


def _read_part(piece: bytes) -> Part:
    head, found, data = piece.partition(b"\r\n\r\n")
    if not found or not head.startswith(b"\r\n"):
        raise QueryError("multipart/form-data: want headers, an empty line and a body in each part")
    headers: dict[str, str] = {}
    for line in head[2:].split(b"\r\n"):
        name, _, value = line.decode("utf-8", "replace").partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition, fields = read_media_type(headers.get("content-disposition"))
    if disposition != "form-data" or "name" not in fields:
        raise QueryError("multipart/form-data: want Content-Disposition: form-data with a name in each part")
    file = fields.get("filename")
    encoded = fields.get("filename*")
    if encoded is not None:
        file = unquote(encoded.rpartition("'")[2])
    media_type, _ = read_media_type(headers.get("content-type"))
    return Part(fields["name"], Path(file).name if file else None, media_type, data)

"""Who may write: tokens with scopes, from the environment and from a file.

The file is TOML, one table for each token, under its name::

    [nightly]
    sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    scopes = ["documents"]

    [editor]
    token = "…"                # as it is: then nobody else may read the file
    scopes = ["update", "graph-store"]

``KG_TOKEN`` is a token with every scope. A token is sent as ``Authorization: Bearer TOKEN`` (RFC 6750), or as the
password of any user (RFC 7617).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from kg.errors import SettingsError
from kg.server.problems import Refused

#: A shorter one can be guessed.
_SHORTEST = 12
_SHA256 = re.compile(r"[0-9a-fA-F]{64}\Z")
_REALM = 'realm="kg", charset="UTF-8"'


class Scope(StrEnum):
    """What a token allows."""

    UPDATE = "update"
    GRAPH_STORE = "graph-store"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class Token:
    """A token by its name; of itself only the SHA-256 is kept."""

    name: str
    digest: bytes = field(repr=False)
    scopes: frozenset[Scope]


def read_tokens(environment: Mapping[str, str], file: str) -> tuple[Token, ...]:
    """The tokens of ``KG_TOKEN`` and of a file, if one is named.

    Raises `SettingsError` for one that is too short, unknown keys or scopes, and a file that others may read though it
    holds tokens as they are.
    """
    found: list[Token] = []
    given = environment.get("KG_TOKEN", "")
    if given:
        found.append(Token("KG_TOKEN", _digest(given, "KG_TOKEN"), frozenset(Scope)))
    if file:
        found += _read_file(Path(file))
    return tuple(found)


def _read_file(path: Path) -> list[Token]:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
        mode = path.stat().st_mode
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None
    found: list[Token] = []
    for name, table in tables.items():
        where = f"{path}: [{name}]"
        if not isinstance(table, dict) or not table.keys() <= {"token", "sha256", "scopes"}:
            raise SettingsError(f"{where}: want a table with scopes, and token or sha256")
        if ("token" in table) == ("sha256" in table):
            raise SettingsError(f"{where}: want either token or sha256")
        if "token" in table:
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise SettingsError(
                    f"{where}: a token as it is, in a file that others may read (mode {mode & 0o777:03o}); "
                    "want mode 600, or sha256 in its place"
                )
            digest = _digest(table["token"], where)
        elif isinstance(table["sha256"], str) and _SHA256.match(table["sha256"]):
            digest = bytes.fromhex(table["sha256"])
        else:
            raise SettingsError(f"{where}: sha256: want 64 hexadecimal digits")
        scopes = table.get("scopes")
        if not isinstance(scopes, list) or not scopes or not set(scopes) <= set(Scope):
            raise SettingsError(f"{where}: scopes: want a list of {', '.join(Scope)}, found {scopes!r}")
        found.append(Token(str(name), digest, frozenset(map(Scope, scopes))))
    return found


def _digest(token: object, where: str) -> bytes:
    if not isinstance(token, str) or len(token) < _SHORTEST or not token.isprintable() or " " in token:
        raise SettingsError(f"{where}: want a token of {_SHORTEST} or more characters, without spaces")
    return hashlib.sha256(token.encode()).digest()


def authorize(header: str | None, tokens: Sequence[Token], scope: Scope) -> Token:
    """The token that an Authorization header holds.

    Raises a 401 if it is none of `tokens`, a 403 if it lacks `scope`.
    """
    sent = _read_header(header)
    digest = hashlib.sha256(sent.encode("utf-8", "surrogatepass")).digest() if sent is not None else b""
    matching: Token | None = None
    for token in tokens:  # all of them, so that the time says nothing
        if hmac.compare_digest(token.digest, digest):
            matching = token
    if sent is None or matching is None:
        error = ', error="invalid_token"' if sent is not None else ""
        what = "the token is not one of those known here" if sent is not None else "want a token"
        challenge = f'Bearer {_REALM}, scope="{scope}"{error}'
        raise Refused(
            401,
            "token",
            f"{what}: Authorization: Bearer TOKEN, with the scope {scope}",
            {"WWW-Authenticate": f"{challenge}, Basic {_REALM}"},
        )
    if scope not in matching.scopes:
        raise Refused(
            403,
            "scope",
            f"the token {matching.name!r} lacks the scope {scope}",
            {"WWW-Authenticate": f'Bearer {_REALM}, error="insufficient_scope", scope="{scope}"'},
        )
    return matching


def _read_header(header: str | None) -> str | None:
    """The token of a Bearer header, or the password of a Basic one; None of any other."""
    scheme, _, rest = (header or "").strip().partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer" and rest:
        return rest
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[2] or None
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None

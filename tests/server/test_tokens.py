from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from kg.errors import SettingsError
from kg.server.problems import Refused
from kg.server.tokens import Scope, Token, authorize, read_tokens

SECRET = "correct-horse-battery"


def write(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return str(path)


def refusal(header: str | None, tokens: tuple[Token, ...], scope: Scope = Scope.UPDATE) -> Refused:
    with pytest.raises(Refused) as caught:
        authorize(header, tokens, scope)
    return caught.value


def test_the_token_of_the_environment_may_do_everything() -> None:
    tokens = read_tokens({"KG_TOKEN": SECRET}, "")
    for scope in Scope:
        assert authorize(f"Bearer {SECRET}", tokens, scope).name == "KG_TOKEN"
    basic = base64.b64encode(f"anyone:{SECRET}".encode()).decode()
    assert authorize(f"basic {basic}", tokens, Scope.UPDATE).name == "KG_TOKEN"
    assert SECRET not in repr(tokens)


def test_tokens_of_a_file_have_names_and_scopes(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"another-secret-word").hexdigest()
    file = write(
        tmp_path / "tokens.toml",
        f'[nightly]\nsha256 = "{digest}"\nscopes = ["documents"]\n'
        f'["the editor"]\ntoken = "{SECRET}"\nscopes = ["update", "graph-store"]\n',
    )
    tokens = read_tokens({}, file)
    assert authorize("Bearer another-secret-word", tokens, Scope.DOCUMENTS).name == "nightly"
    assert authorize(f"Bearer {SECRET}", tokens, Scope.GRAPH_STORE).name == "the editor"
    lacking = refusal(f"Bearer {SECRET}", tokens, Scope.DOCUMENTS)
    assert lacking.status == 403
    assert "the editor" in str(lacking)
    assert 'error="insufficient_scope"' in lacking.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer wrong-horse-battery",
        f"Token {SECRET}",
        "Basic !!",
        f"Bearer {SECRET}x",
        "Basic Og==",
    ],
)
def test_without_a_known_token_it_is_401(header: str | None) -> None:
    refused = refusal(header, read_tokens({"KG_TOKEN": SECRET}, ""))
    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"].startswith('Bearer realm="kg"')
    assert "Basic" in refused.headers["WWW-Authenticate"]
    assert SECRET not in str(refused)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[a]\nscopes = ['update']", "either token or sha256"),
        (f"[a]\ntoken = '{SECRET}'\nsha256 = '{'0' * 64}'\nscopes = ['update']", "either token or sha256"),
        (f"[a]\ntoken = '{SECRET}'", "scopes"),
        (f"[a]\ntoken = '{SECRET}'\nscopes = []", "scopes"),
        (f"[a]\ntoken = '{SECRET}'\nscopes = ['admin']", "update, graph-store, documents"),
        (f"[a]\ntoken = '{SECRET}'\nscopes = ['update']\nscope = 1", "want a table"),
        ("[a]\ntoken = 'short'\nscopes = ['update']", "12 or more"),
        ("[a]\nsha256 = 'abc'\nscopes = ['update']", "64 hexadecimal"),
        ("a = 1", "want a table"),
        ("[a", "not TOML"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path: Path, text: str, told: str) -> None:
    file = write(tmp_path / "tokens.toml", text)
    with pytest.raises(SettingsError, match=told) as caught:
        read_tokens({}, file)
    assert "tokens.toml" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_token_as_it_is_must_not_be_readable_by_others(tmp_path: Path) -> None:
    file = write(tmp_path / "tokens.toml", f"[a]\ntoken = '{SECRET}'\nscopes = ['update']", 0o644)
    with pytest.raises(SettingsError, match="mode 644"):
        read_tokens({}, file)
    hashed = f"[a]\nsha256 = '{hashlib.sha256(SECRET.encode()).hexdigest()}'\nscopes = ['update']"
    assert len(read_tokens({}, write(tmp_path / "hashed.toml", hashed, 0o644))) == 1
    with pytest.raises(SettingsError, match="cannot be read"):
        read_tokens({}, str(tmp_path / "none.toml"))
    with pytest.raises(SettingsError, match="KG_TOKEN"):
        read_tokens({"KG_TOKEN": "short"}, "")

"""What can be set, as one table of rows: name, default, unit, help.

A setting has the value of its row's default, unless a settings file (TOML), the environment (``KG_<NAME>`` in upper
case) or a flag says otherwise; each of these goes before those named earlier. The file is the one that ``--config`` or
``KG_CONFIG`` names, else the first of `FILES` that exists. A key that is unknown or a value that does not fit is an
error that names where it stands and what is wanted.
"""

from __future__ import annotations

import difflib
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.errors import SettingsError

#: What reads documents unless a call says otherwise: "rules", "kg" (the model that comes with the package), or the
#: name or path of a spaCy pipeline.
DEFAULT_MODEL = "kg"

#: Where a settings file is looked for if none is named; never in the working folder, which may be somebody else's.
FILES = (
    "$XDG_CONFIG_HOME/statecraft-kg/kg.toml",
    "~/.config/statecraft-kg/kg.toml",
    "/etc/statecraft-kg/kg.toml",
)

#: Variables that begin like settings and are none.
OTHER_VARIABLES = frozenset({"KG_CONFIG", "KG_STORE", "KG_TOKEN"})

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table of settings.

    `choices` are all values it may have, if there are few; `least` is the smallest. A `secret` is never shown. What is
    `reload` follows the file while the server runs (SIGHUP), anything else from the next start.
    """

    name: str
    default: Value
    unit: str
    help: str
    secret: bool = False
    reload: bool = False
    choices: tuple[str, ...] = ()
    least: float | None = None

    @property
    def variable(self) -> str:
        """The variable of the environment that sets it."""
        return f"KG_{self.name.upper()}"


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "base_iri",
        "https://kg.example/",
        "IRI",
        "Start of the IRIs of entities, documents and claims; the vocabulary stays.",
    ),
    Setting(
        "extractors",
        "",
        "names",
        "Extractors beside the rules, parted by spaces: gliner:PATH, llm:MODEL; --extractor overrides it.",
    ),
    Setting("gliner_threshold", -1.0, "0 to 1", "Least score of a GLiNER mention; -1 for the declared one."),
    Setting(
        "llm_api_key",
        "",
        "text",
        "Key for the endpoint of llm: extractors; sent to that endpoint alone.",
        secret=True,
    ),
    Setting(
        "llm_base_url",
        "",
        "URL",
        "OpenAI-compatible endpoint of llm: extractors, up to and including its version.",
    ),
    Setting(
        "llm_cache", "", "folder", "Where answers of llm: extractors are kept; empty for the user's cache."
    ),
    Setting(
        "llm_chunk_chars", 6000, "code points", "Text sent to a language model at once, whole sentences."
    ),
    Setting("llm_concurrency", 4, "requests", "Requests to a language model that are under way at once."),
    Setting("llm_retries", 4, "times", "How often a failed request to a language model is made again."),
    Setting("llm_timeout", 120.0, "seconds", "Longest wait for one answer of a language model."),
    Setting(
        "gazetteer",
        "",
        "folder",
        "Tables of names beside those of the package; `kg gazetteer import` writes them.",
    ),
    Setting(
        "judgements",
        "",
        "file",
        "A table of decisions on identity by hand that builds follow.",
    ),
    Setting(
        "max_document_chars",
        2_000_000,
        "code points",
        "Longest text of one document; a longer one is refused.",
    ),
    Setting(
        "max_answer_bytes",
        2_000_000_000,
        "bytes",
        "Longest answer of one query over HTTP, before it is compressed; a longer one is refused.",
        reload=True,
        least=1,
    ),
    Setting(
        "max_answer_rows",
        10_000_000,
        "rows",
        "Most rows or triples of one answer over HTTP, 0 for any number; a longer one is refused.",
        reload=True,
        least=0,
    ),
    Setting("max_file_bytes", 200_000_000, "bytes", "Largest file that is read; a larger one is refused."),
    Setting(
        "neighbourhood_limit",
        200,
        "nodes",
        "Nodes in a neighbourhood unless the request says otherwise.",
        reload=True,
        least=1,
    ),
    Setting(
        "page_size", 50, "rows", "Rows of a list unless the request says otherwise.", reload=True, least=1
    ),
    Setting(
        "query_timeout",
        30.0,
        "seconds",
        "Longest time until the answer of a query begins, and between two pieces of it.",
        reload=True,
        least=0.001,
    ),
    Setting(
        "stream_timeout", 600.0, "seconds", "Longest time until an answer is whole.", reload=True, least=0.001
    ),
    Setting(
        "query_memory",
        1_000_000_000,
        "bytes",
        "Most memory of one query; read when a process is started, 0 for any amount.",
        least=0,
    ),
    Setting(
        "query_workers",
        0,
        "processes",
        "Queries that run at once; 0: four more than there are processors.",
        least=0,
    ),
    Setting("query_queue", 100, "queries", "Queries that may wait for a process.", least=0),
    Setting(
        "cors_origins",
        "*",
        "origins",
        "Origins whose pages may read answers in a browser, parted by spaces; * for any, empty for none.",
        reload=True,
    ),
    Setting("host", "127.0.0.1", "address", "Address that the server listens on; --host overrides it."),
    Setting(
        "port", 8000, "port", "Port that it listens on, 0 for any free one; --port overrides it.", least=0
    ),
    Setting(
        "public_url",
        "",
        "URL",
        "Where people reach the server, behind a proxy perhaps: links, redirects and descriptions begin with it.",
    ),
    Setting(
        "root_path",
        "",
        "path",
        "Path before all paths where a proxy puts one; empty: that of public_url, or of X-Forwarded-Prefix.",
    ),
    Setting(
        "trusted_proxies",
        "127.0.0.1 ::1",
        "addresses",
        "Proxies whose X-Forwarded headers count, parted by spaces; * for any.",
    ),
    Setting(
        "cache_seconds",
        0,
        "seconds",
        "How long caches may give an answer without asking again; 0: they ask each time.",
        reload=True,
        least=0,
    ),
    Setting("dataset_title", "Knowledge graph", "text", "Title of the graph in its description and dumps."),
    Setting("licence", "", "IRI", "Licence of the graph, told in its description and with its dumps."),
    Setting(
        "dump_triples",
        500_000,
        "triples",
        "A build writes the dumps of a graph of up to so many; larger ones are written when first asked for.",
        least=0,
    ),
    Setting(
        "grace_seconds", 10, "seconds", "Time that requests under way have when the server stops.", least=0
    ),
    Setting(
        "log_level",
        "warning",
        "level",
        "What is logged; from info on, every request is.",
        reload=True,
        choices=("debug", "info", "warning", "error"),
    ),
    Setting(
        "log_format",
        "json",
        "format",
        "One JSON object for each line, or text.",
        choices=("json", "text"),
    ),
    Setting("log_file", "", "file", "Where the log goes; empty: standard error. SIGHUP opens it anew."),
    Setting("log_queries", False, "yes or no", "Whether logged paths keep their parameters.", reload=True),
    Setting("metrics", True, "yes or no", "Whether /metrics answers.", reload=True),
    Setting(
        "remote_auth",
        "basic",
        "scheme",
        "How remote_user says who it is to an endpoint.",
        choices=("basic", "digest"),
    ),
    Setting("remote_batch", 5000, "triples", "Triples in one update that is sent to an endpoint.", least=1),
    Setting("remote_cache", "", "folder", "Where mirrors of endpoints are kept; empty for the user's cache."),
    Setting(
        "remote_method",
        "GET",
        "method",
        "How queries go to an endpoint; long ones are posted anyway.",
        choices=("GET", "POST"),
    ),
    Setting("remote_password", "", "text", "Password for an endpoint that is the store.", secret=True),
    Setting(
        "remote_poll",
        2.0,
        "seconds",
        "How often `kg serve` asks an endpoint for a new generation.",
        least=0.1,
    ),
    Setting(
        "remote_retries", 4, "times", "How often a failed request to an endpoint is made again.", least=0
    ),
    Setting("remote_timeout", 60.0, "seconds", "Longest wait for an endpoint.", least=0.001),
    Setting("remote_token", "", "text", "Bearer token for an endpoint that is the store.", secret=True),
    Setting("remote_update_url", "", "URL", "Where the endpoint takes updates, if not where it is guessed."),
    Setting("remote_user", "", "text", "User name for an endpoint that is the store."),
    Setting("tokens", "", "file", "Tokens of those who may write, with scopes, in TOML."),
    Setting("update_timeout", 30.0, "seconds", "Longest time of one update.", least=0.001),
    Setting("max_update_bytes", 64_000_000, "bytes", "Largest body of an update.", least=1),
    Setting(
        "document_timeout",
        300.0,
        "seconds",
        "Longest time that reading one posted document may take.",
        least=0.1,
    ),
    Setting(
        "builder_model",
        DEFAULT_MODEL,
        "name",
        "What reads posted documents: as --model of kg build.",
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force."""

    base_iri: str
    extractors: str
    gliner_threshold: float
    llm_api_key: str = field(repr=False)
    llm_base_url: str
    llm_cache: str
    llm_chunk_chars: int
    llm_concurrency: int
    llm_retries: int
    llm_timeout: float
    gazetteer: str
    judgements: str
    max_document_chars: int
    max_answer_bytes: int
    max_answer_rows: int
    max_file_bytes: int
    neighbourhood_limit: int
    page_size: int
    query_timeout: float
    stream_timeout: float
    query_memory: int
    query_workers: int
    query_queue: int
    cors_origins: str
    host: str
    port: int
    public_url: str
    root_path: str
    trusted_proxies: str
    cache_seconds: int
    dataset_title: str
    licence: str
    dump_triples: int
    grace_seconds: int
    log_level: str
    log_format: str
    log_file: str
    log_queries: bool
    metrics: bool
    remote_auth: str
    remote_batch: int
    remote_cache: str
    remote_method: str
    remote_password: str = field(repr=False)
    remote_poll: float
    remote_retries: int
    remote_timeout: float
    remote_token: str = field(repr=False)
    remote_update_url: str
    remote_user: str
    tokens: str
    update_timeout: float
    max_update_bytes: int
    document_timeout: float
    builder_model: str


@dataclass(frozen=True, slots=True)
class Given:
    """The value of a setting and where it comes from: ``default``, a file, a variable or ``flag``."""

    row: Setting
    value: Value
    origin: str

    @property
    def shown(self) -> Value:
        """The value as it may be shown: a secret is masked."""
        return "********" if self.row.secret and self.value else self.value


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in force; of `environment` alone, and of the file it names, if one is given.

    Raises `SettingsError` that names file or variable, the key, what was found and what is wanted.
    """
    return Settings(**{one.row.name: one.value for one in read_settings(environment)})  # type: ignore[arg-type]


def read_settings(environment: Mapping[str, str] | None = None) -> tuple[Given, ...]:
    """As `load_settings`: every setting, in the order of the table, with where its value comes from."""
    source = os.environ if environment is None else environment
    path = find_file(source, search=environment is None)
    written = read_file(path) if path is not None else {}
    found: list[Given] = []
    for row in SETTINGS:
        raw = source.get(row.variable)
        if raw is not None:
            origin = "flag" if environment is None and row.name in _flags else row.variable
            found.append(Given(row, _from_text(row, raw, row.variable), origin))
        elif row.name in written:
            found.append(Given(row, written[row.name], str(path)))
        else:
            found.append(Given(row, row.default, "default"))
    return tuple(found)


#: Settings that flags of this process's command line gave.
_flags: set[str] = set()


def override(flags: Mapping[str, str | int | float | bool | None]) -> None:
    """Let `flags` (name → value) go before everything else in this process and in those that it starts.

    None sets nothing. Raises `SettingsError` for an unknown name and a value that does not fit.
    """
    for name, value in flags.items():
        if value is None:
            continue
        row = _get_row(name, "--set")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        _from_text(row, text, f"--set {name}")
        os.environ[row.variable] = text  # workers are processes of their own: they read what we read
        _flags.add(name)


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """Variables that begin with ``KG_`` and set nothing, sorted: most are misspelt."""
    source = os.environ if environment is None else environment
    known = {row.variable for row in SETTINGS} | OTHER_VARIABLES
    return sorted(name for name in source if name.startswith("KG_") and name not in known)


def find_file(environment: Mapping[str, str], *, search: bool = True) -> Path | None:
    """The settings file: the one ``KG_CONFIG`` names, else, if `search`, the first of `FILES`; None if there is none.

    Raises `SettingsError` if the named one does not exist.
    """
    named = environment.get("KG_CONFIG")
    if named:
        path = Path(named)
        if not path.is_file():
            raise SettingsError(f"{named}: no such file (KG_CONFIG, --config); want a settings file in TOML")
        return path
    for place in FILES if search else ():
        whole = os.path.expanduser(os.path.expandvars(place))
        if "$" not in whole and Path(whole).is_file():
            return Path(whole)
    return None


def read_file(path: Path) -> dict[str, Value]:
    """Name → value of the settings in a file.

    Raises `SettingsError` for a file that is not TOML, an unknown key and a value of the wrong type or size.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None
    found: dict[str, Value] = {}
    for key, value in written.items():
        row = _get_row(key, str(path))
        found[key] = _checked(row, _converted(row, value, f"{path}: {key}"), f"{path}: {key}")
    return found


def _get_row(name: str, where: str) -> Setting:
    row = next((row for row in SETTINGS if row.name == name), None)
    if row is None:
        near = difflib.get_close_matches(name, [row.name for row in SETTINGS], 1)
        meant = f"; is {near[0]} meant?" if near else ""
        raise SettingsError(f"{where}: unknown setting {name!r}{meant} `kg settings` lists them")
    return row


def _converted(row: Setting, value: object, where: str) -> Value:
    """A value of TOML as one of the row's type: a whole number is a number, nothing else is another type."""
    kind = type(row.default)
    if type(value) is kind:
        return value
    if kind is float and type(value) is int:
        return float(value)
    raise SettingsError(f"{where} = {value!r}: {_wanted(row)}")


_WORDS = {
    "true": True,
    "yes": True,
    "1": True,
    "on": True,
    "false": False,
    "no": False,
    "0": False,
    "off": False,
}


def _from_text(row: Setting, raw: str, where: str) -> Value:
    kind = type(row.default)
    shown = "********" if row.secret else repr(raw)
    try:
        value: Value = _WORDS[raw.strip().lower()] if kind is bool else kind(raw)
    except (KeyError, ValueError):
        raise SettingsError(f"{where}={shown}: {_wanted(row)}") from None
    return _checked(row, value, where)


def _checked(row: Setting, value: Value, where: str) -> Value:
    fits = not row.choices or value in row.choices
    if isinstance(value, float) and not math.isfinite(value):
        fits = False
    if row.least is not None and not isinstance(value, str) and value < row.least:
        fits = False
    if not fits:
        raise SettingsError(f"{where}={'********' if row.secret else repr(value)}: {_wanted(row)}")
    return value


def _wanted(row: Setting) -> str:
    kinds = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    wanted = f"one of {', '.join(row.choices)}" if row.choices else kinds[type(row.default)]
    limit = f" from {row.least:g} up" if row.least is not None else ""
    return f"want {wanted}{limit} ({row.unit}). {row.help}"

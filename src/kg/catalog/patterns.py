"""Patterns: rules over tokens that yield claims, one file per relation, checked when they are read.

A pattern compiles to spaCy's Matcher (``tokens``) or DependencyMatcher (``dependency``), or is a ``frame``: a word
that triggers it, and the functions of the trigger's arguments that fill subject and object. To spaCy's own keys
come ``KIND`` and ``SUBKIND`` (mentions are single tokens whose ENT_TYPE is the top class or ``Date`` and
whose ENT_ID is the most specific class), ``LEXICON`` (the token's lower-case text is in the named word lists)
and ``as`` (its slot).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from kg.catalog.lexicon import Lexicon
from kg.catalog.ontology import Ontology
from kg.catalog.sources import as_mapping, name_of, parse_model, parse_yaml, read_text
from kg.errors import CatalogError
from kg.model import Form, Modality

#: One token of a pattern, as declared or as spaCy takes it.
TokenSpec: TypeAlias = Mapping[str, object]

#: The end of a frame's claim that is the trigger itself.
TRIGGER = "trigger"

#: What `options` of a pattern may say, with what it means.
OPTIONS: Mapping[str, str] = {
    "coordinate": "slots whose mention stands for all mentions of its kind joined to it by commas and 'and'",
    "modalities": "the claim's modality by how the clause puts it: a modality, or 'past' for a state that is over",
    "without_parse": "true: only for texts without a parse, where frames are silent",
    "within": "most tokens from the first to the last that the pattern may cover",
}

#: What a token may be in the claim that a pattern yields.
SLOTS = (
    "subject",
    "object",
    "date",
    "location",
    "participant",
    "concerns",
    "trigger",
    "source",
    "country",
    "body",
    "event",
)

#: Keys of ours for what a merged mention is: event by noun or verb, the clause's subject, its form.
_EXTENSIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "TRIGGER": ("trigger", ("noun", "verb")),
    "ROLE": ("role", ("subject",)),
    "FORM": ("form", tuple(Form)),
}
_OWN_KEYS = ("as", "KIND", "SUBKIND", "LEXICON", *_EXTENSIONS)
_TOKEN_KEYS = tuple(
    re.findall(
        r"\w+",
        """
        ORTH TEXT LOWER LEMMA NORM POS TAG DEP MORPH SHAPE PREFIX SUFFIX LENGTH ENT_TYPE ENT_IOB ENT_ID OP
        SPACY IS_ALPHA IS_ASCII IS_DIGIT IS_LOWER IS_UPPER IS_TITLE IS_PUNCT IS_SPACE IS_BRACKET IS_QUOTE
        IS_LEFT_PUNCT IS_RIGHT_PUNCT IS_CURRENCY IS_STOP IS_SENT_START LIKE_NUM LIKE_URL LIKE_EMAIL
        """,
    )
)
_PREDICATES = (
    "IN",
    "NOT_IN",
    "IS_SUBSET",
    "IS_SUPERSET",
    "INTERSECTS",
    "REGEX",
    "FUZZY",
    "==",
    "!=",
    ">=",
    "<=",
    ">",
    "<",
)
#: How a clause puts a state that is over, among the modalities that `options.modalities` maps.
PAST = "past"
_LONGEST_COUNT = 4
_REACH = re.compile(r"\{\d*,?(\d+)\}\Z")
_FRAME_KEYS = ("trigger", "particle", "subject", "object")
_FUNCTION = re.compile(r"[a-z]+( [a-z]+)*\Z")
_NODE_KEYS = ("LEFT_ID", "REL_OP", "RIGHT_ID", "RIGHT_ATTRS", "as")


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the claims it yields, as ``"<subject> | <relation> | <object>"``.

    A modality may be the fourth part. `date` is the document's date (EDTF) that relative dates are seen from.
    """

    text: str
    claims: tuple[str, ...]
    date: str | None


@dataclass(frozen=True, slots=True)
class End:
    """One end of a frame's claim: the trigger itself, or the arguments of these functions that `spec` fits."""

    functions: tuple[str, ...]
    spec: TokenSpec

    @property
    def is_trigger(self) -> bool:
        """Whether this end is the trigger itself."""
        return self.functions == (TRIGGER,)


@dataclass(frozen=True, slots=True)
class Frame:
    """A trigger, the particles it goes with (none: only without one), and what its arguments are in the claim."""

    trigger: TokenSpec
    particles: tuple[str, ...]
    subject: End
    object: End


@dataclass(frozen=True)
class Pattern:
    """A rule that yields claims of one relation; exactly one of `tokens`, `dependency` and `frame` is given.

    `name` is ``<relation>/<name in its file>``; `modality` is None where the context decides; `confidence` is
    in hundredths; `file` names the source in messages.
    """

    relation: str
    name: str
    help: str
    tokens: tuple[TokenSpec, ...] | None
    dependency: tuple[TokenSpec, ...] | None
    frame: Frame | None
    modality: str | None
    confidence: int
    options: Mapping[str, object]
    examples: tuple[Example, ...]
    non_examples: tuple[Example, ...]
    file: str

    def slots(self) -> dict[int, str]:
        """Index of a token (or node) in the pattern → the slot that it fills."""
        specs = self.tokens or self.dependency or ()
        return {i: str(spec["as"]) for i, spec in enumerate(specs) if "as" in spec}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Example(_Strict):
    text: str = Field(min_length=1)
    claims: list[str] = []
    date: str | None = None


class _Pattern(_Strict):
    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    help: str = Field(min_length=1)
    tokens: list[dict[str, object]] | None = Field(None, min_length=1)
    dependency: list[dict[str, object]] | None = Field(None, min_length=1)
    frame: dict[str, object] | None = None
    modality: Modality | None = Field(None, strict=False)
    confidence: int = Field(ge=1, le=100)
    options: dict[str, object] = {}
    examples: list[_Example] = Field(min_length=1)
    non_examples: list[_Example] = Field(min_length=1)


class _File(_Strict):
    relation: str
    help: str = Field(min_length=1)
    patterns: list[_Pattern]


def load_patterns(folder: Path, root: Path, ontology: Ontology, lexicon: Lexicon) -> tuple[Pattern, ...]:
    """The patterns of all ``<relation>.yaml`` files of `folder`, by relation, then in declared order.

    Raises `CatalogError` with file and key for what is unknown, missing or given twice.
    """
    patterns: list[Pattern] = []
    for path in sorted(folder.glob("*.yaml")):
        file = name_of(path, root)
        declared = parse_model(_File, as_mapping(parse_yaml(read_text(path, root), file), file), file)
        if declared.relation not in ontology.relations:
            raise CatalogError(
                f"{file}: relation: {declared.relation!r} is not declared in the ontology; "
                f"there are: {', '.join(ontology.relations)}"
            )
        if path.stem != declared.relation:
            raise CatalogError(
                f"{file}: relation: {declared.relation!r}: want the file's name, {path.stem!r}"
            )
        seen: set[str] = set()
        for item in declared.patterns:
            where = f"{file}: {item.name}"
            if item.name in seen:
                raise CatalogError(f"{where}: two patterns have this name")
            seen.add(item.name)
            patterns.append(_check(item, declared.relation, file, where, ontology, lexicon))
    return tuple(patterns)


def _check(
    item: _Pattern, relation: str, file: str, where: str, ontology: Ontology, lexicon: Lexicon
) -> Pattern:
    if [item.tokens, item.dependency, item.frame].count(None) != 2:
        raise CatalogError(f"{where}: want one of tokens, dependency and frame")
    for key in item.options:
        if key not in OPTIONS:
            raise CatalogError(
                f"{where}.options: unknown key {key!r}; allowed: {', '.join(OPTIONS) or 'none yet'}"
            )
    _check_modalities(item.options.get("modalities", {}), f"{where}.options.modalities")
    open_gap = any(str(spec.get("OP", "")) in ("*", "+") for spec in item.tokens or ())
    if open_gap and "within" not in item.options:
        raise CatalogError(f"{where}.options: an open gap ('*', '+') wants 'within', the longest reach")
    for i, spec in enumerate(item.tokens or ()):
        if (reach := _REACH.match(str(spec.get("OP", "")))) and int(reach[1]) > _LONGEST_COUNT:
            # spaCy tries every way to leave out optional tokens: "{0,20}" takes 2**20 steps.
            limit = f"at most {_LONGEST_COUNT} in a counted gap; use '*' with options.within"
            raise CatalogError(f"{where}.tokens[{i}].OP: {limit}")
        _check_token(spec, f"{where}.tokens[{i}]", ontology, lexicon)
    for i, node in enumerate(item.dependency or ()):
        at = f"{where}.dependency[{i}]"
        _allow(node, _NODE_KEYS, at)
        _check_token(as_mapping(node.get("RIGHT_ATTRS", {}), f"{at}.RIGHT_ATTRS"), at, ontology, lexicon)
        _check_slot(node, at)
    frame = _read_frame(item.frame, f"{where}.frame", ontology, lexicon) if item.frame is not None else None
    for key, given in (("examples", item.examples), ("non_examples", item.non_examples)):
        for i, example in enumerate(given):
            at = f"{where}.{key}[{i}]"
            relations = [_relation_of(claim, at, ontology) for claim in example.claims]
            if key == "examples" and relation not in relations:
                raise CatalogError(f"{at}.claims: want one of {relation!r}, found {example.claims}")
    return Pattern(
        relation=relation,
        name=f"{relation}/{item.name}",
        help=item.help,
        tokens=tuple(item.tokens) if item.tokens is not None else None,
        dependency=tuple(item.dependency) if item.dependency is not None else None,
        frame=frame,
        modality=item.modality.value if item.modality else None,
        confidence=item.confidence,
        options=item.options,
        examples=tuple(Example(e.text, tuple(e.claims), e.date) for e in item.examples),
        non_examples=tuple(Example(e.text, tuple(e.claims), e.date) for e in item.non_examples),
        file=file,
    )


def _check_modalities(data: object, where: str) -> None:
    for key, value in as_mapping(data, where).items():
        if key not in (*Modality, PAST) or value not in set(Modality):
            raise CatalogError(
                f"{where}: {key}: {value}: want one of {', '.join((*Modality, PAST))}: one of {', '.join(Modality)}"
            )


def _read_frame(data: Mapping[str, object], where: str, ontology: Ontology, lexicon: Lexicon) -> Frame:
    _allow(data, _FRAME_KEYS, where)
    trigger = as_mapping(data.get("trigger", {}), f"{where}.trigger")
    if not trigger:
        raise CatalogError(f"{where}.trigger: want what the trigger's token must be")
    _check_token(trigger, f"{where}.trigger", ontology, lexicon)
    ends = {
        key: _read_end(data.get(key), f"{where}.{key}", ontology, lexicon) for key in ("subject", "object")
    }
    return Frame(trigger, _names(data, "particle", where), ends["subject"], ends["object"])


def _read_end(data: object, where: str, ontology: Ontology, lexicon: Lexicon) -> End:
    spec: TokenSpec = {}
    if isinstance(data, dict):
        spec = {key: value for key, value in data.items() if key != "from"}
        _check_token(spec, where, ontology, lexicon)
        data = data.get("from")
    functions = _names({"from": data}, "from", where)
    wrong = [name for name in functions if not _FUNCTION.match(name)]
    if not functions or wrong or (TRIGGER in functions and len(functions) > 1):
        raise CatalogError(
            f"{where}: want {TRIGGER!r} or functions such as agent, patient, with; found {data!r}"
        )
    return End(functions, spec)


def _relation_of(claim: str, where: str, ontology: Ontology) -> str:
    parts = [part.strip() for part in claim.split("|")]
    if len(parts) not in (3, 4) or not all(parts):
        raise CatalogError(f"{where}.claims: {claim!r}: want 'subject | relation | object' or '… | modality'")
    if parts[1] not in ontology.relations:
        raise CatalogError(f"{where}.claims: {claim!r}: {parts[1]!r} is not a declared relation")
    if len(parts) == 4 and parts[3] not in set(Modality):
        raise CatalogError(f"{where}.claims: {claim!r}: {parts[3]!r}: allowed: {', '.join(Modality)}")
    return parts[1]


def _allow(data: Mapping[str, object], allowed: Sequence[str], where: str) -> None:
    for key in data:
        if key not in allowed:
            raise CatalogError(f"{where}: unknown key {key!r}; allowed: {', '.join(allowed)}")


def _check_slot(spec: TokenSpec, where: str) -> None:
    if "as" in spec and spec["as"] not in SLOTS:
        raise CatalogError(f"{where}.as: {spec['as']!r}: allowed: {', '.join(SLOTS)}")


def _check_token(spec: TokenSpec, where: str, ontology: Ontology, lexicon: Lexicon) -> None:
    _allow(spec, (*_OWN_KEYS, *_TOKEN_KEYS), where)
    _check_slot(spec, where)
    for key, value in spec.items():
        if isinstance(value, dict):
            _allow(value, _PREDICATES, f"{where}.{key}")
    for key, clashing in (("KIND", "ENT_TYPE"), ("SUBKIND", "ENT_ID"), ("LEXICON", "LOWER")):
        if key in spec and clashing in spec:
            raise CatalogError(f"{where}: {key} and {clashing} are one thing; want one of them")
    for kind in _names(spec, "KIND", where):
        if kind != "Date" and (kind not in ontology.classes or ontology.top(kind) != kind):
            raise CatalogError(f"{where}.KIND: {kind!r} is neither a top class nor Date")
    for subkind in _names(spec, "SUBKIND", where):
        if subkind not in ontology.classes:
            raise CatalogError(f"{where}.SUBKIND: {subkind!r} is not a declared class")
    for key, (_, allowed) in _EXTENSIONS.items():
        for name in _names(spec, key, where):
            if name not in allowed:
                raise CatalogError(f"{where}.{key}: {name!r}: allowed: {', '.join(allowed)}")
    for name in _names(spec, "LEXICON", where):
        if name not in lexicon.lists():
            raise CatalogError(
                f"{where}.LEXICON: no word list {name!r}; there are: {', '.join(lexicon.lists())}"
            )


def _names(spec: TokenSpec, key: str, where: str = "") -> tuple[str, ...]:
    value = spec.get(key, [])
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise CatalogError(f"{where}.{key}: want a name or a list of names, found {value!r}")
    return tuple(names)


def _to_spacy(spec: TokenSpec, lexicon: Lexicon) -> dict[str, object]:
    out = {key: value for key, value in spec.items() if key not in _OWN_KEYS}
    for key, attribute in (("KIND", "ENT_TYPE"), ("SUBKIND", "ENT_ID")):
        names = _names(spec, key)
        if names:
            out[attribute] = names[0] if len(names) == 1 else {"IN": list(names)}
    lists = _names(spec, "LEXICON")
    if lists:
        words = {word for name in lists for word in lexicon.forms(name)}
        out["LOWER"] = {"IN": sorted(words)}
    if spec.get("OP") in ("*", "+"):
        # An open gap never leaves its sentence, which also bounds the search.
        out.setdefault("IS_SENT_START", False)
    extensions = {
        name: {"IN": list(_names(spec, key))} for key, (name, _) in _EXTENSIONS.items() if key in spec
    }
    if extensions:
        out["_"] = extensions
    return out


def matcher_spec(pattern: Pattern, lexicon: Lexicon) -> list[dict[str, object]]:
    """The pattern as spaCy's Matcher or DependencyMatcher takes it, one item per token or node, in order.

    Of a frame it is the trigger; `end_spec` gives what its ends want.
    """
    if pattern.frame is not None:
        return [_to_spacy(pattern.frame.trigger, lexicon)]
    if pattern.tokens is not None:
        return [_to_spacy(spec, lexicon) for spec in pattern.tokens]
    nodes = []
    for node in pattern.dependency or ():
        kept = {key: value for key, value in node.items() if key != "as"}
        nodes.append(
            kept | {"RIGHT_ATTRS": _to_spacy(as_mapping(node.get("RIGHT_ATTRS", {}), pattern.name), lexicon)}
        )
    return nodes


def end_spec(end: End, lexicon: Lexicon) -> list[dict[str, object]]:
    """What a frame's `end` wants of its token, as spaCy's Matcher takes it."""
    return [_to_spacy(end.spec, lexicon)]


def check_patterns(patterns: Sequence[Pattern], lexicon: Lexicon) -> None:
    """Have spaCy validate every pattern. Raises `CatalogError` naming file and pattern; slow."""
    # spaCy takes a second to import, and who only queries never needs it.
    from spacy.matcher import DependencyMatcher, Matcher
    from spacy.vocab import Vocab

    vocab = Vocab()
    for pattern in patterns:
        spec = matcher_spec(pattern, lexicon)
        try:
            if pattern.dependency is None:
                Matcher(vocab, validate=True).add(pattern.name, [spec])
            else:
                DependencyMatcher(vocab, validate=True).add(pattern.name, [spec])
        except (ValueError, TypeError, KeyError) as error:
            raise CatalogError(f"{pattern.file}: {pattern.name}: spaCy refuses it: {error}") from None

"""Mentions from a GLiNER model (extra ``gliner``): names of the declared labels, sentence by sentence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

from kg.catalog import Catalog
from kg.errors import ExtractorError, MissingExtra
from kg.extractors.proposal import Proposals, ProposedMention
from kg.model import Rejection, Span
from kg.settings import Settings
from kg.text.reading import Reading

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+\Z")
_CONFIGURATION = "gliner_config.json"
_BATCH = 8  # sentences


class Model(Protocol):
    """What is used of a model of the package ``gliner`` (0.2.27 and later)."""

    def inference(
        self,
        texts: list[str],
        labels: list[str],
        flat_ner: bool = True,
        threshold: float = 0.5,
        multi_label: bool = False,
        batch_size: int = 8,
    ) -> list[list[dict[str, Any]]]:
        """For each text its entities: mappings with ``start``, ``end``, ``text``, ``label``, ``score``."""


class GlinerExtractor:
    """Asks a GLiNER model for the declared labels."""

    name = "gliner"

    def __init__(self, model: Model, digest: str, labels: Mapping[str, str], threshold: float) -> None:
        """`digest` names the weights; `labels` are label → class; `threshold` is the least score, 0 to 1."""
        self._model = model
        self._digest = digest
        self._labels = labels
        self._threshold = threshold

    @property
    def version(self) -> str:
        """The weights, the package that runs them and the threshold; the labels are part of the catalog."""
        return f"gliner-{_package_version()}/{self._digest}/{self._threshold:g}"

    def propose(self, reading: Reading) -> Proposals:
        """The names that the model finds in each sentence."""
        sentences = [s for s in reading.doc.sents if s.text.strip()]
        if not sentences:
            return Proposals()
        answers = self._model.inference(
            [s.text.rstrip() for s in sentences],
            list(self._labels),
            flat_ner=True,
            threshold=self._threshold,
            multi_label=False,
            batch_size=_BATCH,
        )
        if len(answers) != len(sentences):
            raise ExtractorError(f"gliner: {len(answers)} answers for {len(sentences)} sentences")
        mentions: list[ProposedMention] = []
        refused: list[Rejection] = []
        for sentence, found in zip(sentences, answers, strict=True):
            for one in sorted(found, key=lambda e: (e["start"], e["end"], e["label"])):
                label = self._labels.get(one["label"])
                if label is None:
                    first = reading.span(sentence.start, sentence.start + 1).start
                    reason = f"label not asked for: {one['label']!r}"
                    refused.append(Rejection(self.name, Span(first, first), str(one["text"]), reason))
                    continue
                at = sentence.start_char
                score = max(0, min(100, round(100 * float(one["score"]))))
                mentions.append(
                    ProposedMention(one["text"], at + one["start"], at + one["end"], label, score)
                )
        return Proposals(tuple(mentions), (), tuple(refused))


def open_gliner(place: str, catalog: Catalog, settings: Settings) -> GlinerExtractor:
    """The extractor with the model in the folder `place`, or of that name on the hub.

    Raises `MissingExtra` without the package ``gliner``, `ExtractorError` if the model cannot be loaded or
    the threshold is none.
    """
    terms = catalog.extractors
    threshold = settings.gliner_threshold
    if threshold == -1:
        threshold = terms.gliner_threshold
    if not 0 <= threshold <= 1:
        raise ExtractorError(f"KG_GLINER_THRESHOLD={threshold:g}: want a score between 0 and 1")
    try:
        from gliner import GLiNER
    except ImportError as error:
        raise MissingExtra(
            f"gliner:{place}: the package gliner is not installed (pip install 'statecraft-kg[gliner]'): {error}"
        ) from error
    folder = _find_folder(place)
    try:
        model = GLiNER.from_pretrained(str(folder), local_files_only=True, map_location="cpu")
    except Exception as error:  # whatever the package and those below it raise for a folder that is no model
        raise ExtractorError(f"gliner:{place}: the model cannot be loaded: {_first_line(error)}") from error
    return GlinerExtractor(model, _digest(folder), terms.gliner_labels, threshold)


def _find_folder(place: str) -> Path:
    """The folder of a model, brought from the hub if `place` is a name there."""
    folder = Path(place).expanduser()
    if folder.is_dir():
        if not (folder / _CONFIGURATION).is_file():
            raise ExtractorError(f"gliner:{place}: no GLiNER model: the folder has no {_CONFIGURATION}")
        return folder
    if not _HUB_NAME.match(place):
        raise ExtractorError(f"gliner:{place}: neither a folder nor a name on the hub (want OWNER/MODEL)")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(place))
    except Exception as error:  # no net, no such name, no right to it: an error of its own for each
        raise ExtractorError(
            f"gliner:{place}: no such folder, and it cannot be had from the hub: {_first_line(error)}"
        ) from error


def _digest(folder: Path) -> str:
    """Hexadecimal digits that name the content of a model's folder."""
    total = hashlib.sha256()
    for path in _model_files(folder):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return total.hexdigest()[:16]


def _model_files(folder: Path) -> Sequence[Path]:
    """The files that the model is made of: not what lies hidden, nor what describes it."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".md" and not any(p.startswith(".") for p in path.parts[-2:])
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _package_version() -> str:
    try:
        return version("gliner")
    except PackageNotFoundError:
        return "source"

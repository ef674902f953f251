"""spaCy pipelines from elsewhere: installed packages, or folders."""

from __future__ import annotations

import hashlib
import re
import warnings
from importlib.metadata import version
from pathlib import Path

import spacy
from spacy.language import Language

from kg.errors import MissingExtra

_PACKAGE = re.compile(r"[a-z]{2,3}_[a-z0-9_]+\Z")


def load_pipeline(model: str) -> Language:
    """The spaCy pipeline that is installed under the name `model`, or lies in that folder.

    Raises `MissingExtra` saying what to do if there is none or it cannot be loaded.
    """
    folder = Path(model).expanduser()
    try:
        with warnings.catch_warnings():
            # That it was trained with another spaCy is for its maker; what it reads is shown by its fruits.
            warnings.filterwarnings("ignore", message=r"\[W09[45]\]")
            if folder.exists():
                return spacy.load(folder)
            if spacy.util.is_package(model):
                return spacy.load(model)
    except Exception as error:  # each component raises its own: formats, missing packages, other versions
        raise MissingExtra(
            f"--model {model}: the pipeline cannot be loaded with spaCy {version('spacy')}: {_first_line(error)}"
        ) from error
    advice = (
        f"python -m spacy download {model}" if _PACKAGE.match(model) else "give the name of one, or a folder"
    )
    raise MissingExtra(
        f"--model {model}: no spaCy pipeline of that name is installed, and no folder is there: {advice}"
    )


def digest_folder(folder: Path) -> str:
    """Hexadecimal digits that name the content of a folder."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return total.hexdigest()[:16]


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__

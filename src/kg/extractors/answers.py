"""Answers of language models, kept on disk: the same question is asked once, and a rerun needs no network."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path

from kg.errors import ExtractorError
from kg.extractors.endpoint import Answer
from kg.settings import Settings


class AnswerCache:
    """A folder with one file for each question, by model, version of the prompt and digest of the text."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, model: str, prompt: str, text: str) -> Answer | None:
        """The answer kept for the question, or None; a file that is damaged counts as none."""
        try:
            data = json.loads(self._file(model, prompt, text).read_text(encoding="utf-8"))
            found = {key: data[key] for key in ("content", "finish", "refusal")}
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Answer(**found) if all(isinstance(value, str) for value in found.values()) else None

    def keep(self, model: str, prompt: str, text: str, answer: Answer) -> None:
        """Keep the answer; a reader sees all of it or nothing. Raises `ExtractorError` if it cannot be written."""
        file = self._file(model, prompt, text)
        content = {
            "model": model,
            "prompt": prompt,
            "text": _digest(text),
            "content": answer.content,
            "finish": answer.finish,
            "refusal": answer.refusal,
        }
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
            with os.fdopen(number, "w", encoding="utf-8") as out:
                json.dump(content, out, sort_keys=True, indent=1)
            Path(name).replace(file)
        except OSError as error:
            raise ExtractorError(f"KG_LLM_CACHE: {file.parent}: cannot be written: {error}") from None

    def _file(self, model: str, prompt: str, text: str) -> Path:
        key = hashlib.sha256(json.dumps([model, prompt, _digest(text)]).encode()).hexdigest()
        return self._folder / key[:2] / f"{key}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def cache_folder(settings: Settings) -> Path:
    """The folder that the settings name, or the user's own (XDG Base Directory Specification)."""
    if settings.llm_cache:
        return Path(settings.llm_cache).expanduser()
    own = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(own) if own and Path(own).is_absolute() else Path("~/.cache").expanduser()
    return root / "statecraft-kg" / "llm"

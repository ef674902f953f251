"""How far long work is: a bar by tqdm where it is installed and anybody looks, else nothing."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: What the steps of a build are called for people.
STEPS = {
    "read": "reading documents",
    "extract": "extracting claims",
}


class Bar:
    """A bar that counts; without tqdm it counts for nobody."""

    def __init__(self, shown: Any = None) -> None:
        self._shown = shown

    def add(self, done: int) -> None:
        """So much more is done."""
        if self._shown is not None:
            self._shown.update(done)

    def close(self) -> None:
        """It ends."""
        if self._shown is not None:
            self._shown.close()


@contextmanager
def bar(title: str, total: int | None = None, unit: str = "it", show: bool = True) -> Iterator[Bar]:
    """A bar called `title` while the work lasts; of work that takes less than half a second none is seen."""
    made = Bar(_open(title, total, unit) if show else None)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def following(show: bool = True) -> Iterator[Callable[[str, int, int], None]]:
    """A function to be called with (step, done, total), that draws one bar for each step."""
    current: dict[str, Any] = {"step": None, "bar": None, "done": 0}

    def progress(step: str, done: int, total: int) -> None:
        if not show:
            return
        if step != current["step"]:
            if current["bar"] is not None:
                current["bar"].close()
            current.update(step=step, bar=_open(STEPS.get(step, step), total, "it"), done=0)
        if current["bar"] is not None:
            current["bar"].update(done - current["done"])
        current["done"] = done

    try:
        yield progress
    finally:
        if current["bar"] is not None:
            current["bar"].close()


def _open(title: str, total: int | None, unit: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that there is no widget for the bar: then it is text
            from tqdm.auto import tqdm  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return None
    return tqdm(
        total=total, desc=title, unit=unit, unit_scale=unit == "B", delay=0.5, leave=False, file=sys.stderr
    )

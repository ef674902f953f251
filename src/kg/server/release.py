"""Which release this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """The version of the installed package, ``source`` where it is run without being installed."""
    try:
        return version("statecraft-kg")
    except PackageNotFoundError:
        return "source"

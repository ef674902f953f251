"""A knowledge graph of diplomacy and defence, built from documents; every fact opens its sentence.

>>> import kg
>>> graph = kg.open("store/")                                           # doctest: +SKIP
>>> graph["Nakatani"].neighbourhood(depth=2)                            # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.notebook.client import Graph
    from kg.notebook.opening import build, connect
    from kg.notebook.opening import open_graph as open

__version__ = "0.1.0"

__all__ = ["Graph", "__version__", "build", "connect", "open"]

#: Name → (module, name there): imported when first used, so that ``import kg`` costs nothing.
_LAZY = {
    "Graph": ("kg.notebook.client", "Graph"),
    "build": ("kg.notebook.opening", "build"),
    "connect": ("kg.notebook.opening", "connect"),
    "load_ipython_extension": ("kg.notebook.magic", "load_ipython_extension"),
    "open": ("kg.notebook.opening", "open_graph"),
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, target = _LAZY[name]
    return getattr(import_module(module), target)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})

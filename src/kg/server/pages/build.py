"""What `web/` was built into, if it was: the scripts, fonts and outlines that pages load."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kg.catalog.catalog import find_root

#: Media type of each file of a build, by its ending; files with other endings are not part of it.
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Build:
    """The files of a build by name, and the digest of them all."""

    version: str
    files: dict[str, bytes]


@lru_cache(maxsize=1)
def find_build() -> Build | None:
    """The build that comes with the package or stands in the checkout, read once; None if nothing was built."""
    root = find_root()
    for folder in (root / "web" / "dist", root / "web"):
        if (folder / "explorer.js").is_file():
            return read_build(folder)
    return None


def read_build(folder: Path) -> Build:
    """The build in `folder`."""
    files = {
        p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file() and p.suffix in MEDIA_TYPES
    }
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return Build(digest.hexdigest()[:12], files)


def find_asset(name: str) -> str | None:
    """The path of the file `name` of the build, or None if there is none."""
    build = find_build()
    return f"/static/{build.version}/{name}" if build is not None and name in build.files else None

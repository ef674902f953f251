"""``/static``: what the pages load, if `web/` was built; the version in each path is the digest of the whole build."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response

from kg.server.pages.build import MEDIA_TYPES, find_build
from kg.server.problems import Refused

router = APIRouter(include_in_schema=False)

#: A path names the build that it is of, so what is there never changes.
_FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/static/{version}/{name}")
def get_asset(version: str, name: str) -> Response:
    """One file of the build."""
    build = find_build()
    content = build.files.get(name) if build is not None and build.version == version else None
    if content is None:
        raise Refused(404, "not-found", f"There is nothing at /static/{version}/{name}.")
    return Response(content, headers={"Cache-Control": _FOR_EVER}, media_type=MEDIA_TYPES[Path(name).suffix])

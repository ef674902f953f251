"""The graph that updates are made on, and how what they did is kept and shown to readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import KgError, StoreError, StoreMissing
from kg.graph.folder import Folder, Lock, discard, discard_generation, writing
from kg.graph.patches import Change, Draft, Patch, PatchLog, apply_lines, extend
from kg.graph.records import read_manifest_of
from kg.graph.snapshots import Live, copy_graph, folded_state, make_snapshot, read_live, switching
from kg.terms import prefixes
from kg.updates.evaluation import Scope, update
from kg.updates.graph_store import operate
from kg.updates.requests import Action, Committing, Failed, Started, WriteRequest, Written

Tell = Callable[[Started | Committing], None]
#: Code points of a request that are kept with its patch, to be listed.
_SHOWN = 300


@dataclass(slots=True)
class _Open:
    """A copy of the graph of the generation `name`, and which patches it has."""

    name: str
    store: ox.Store
    live: Live


class Working:
    """Makes requests to write, several at once, each as a whole or not at all.

    The only one of its store until it is closed. Raises `StoreBusy` if there is another.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._base = folder.read_base()
        self._prefixes = prefixes(self._base)
        self._lock = Lock(folder.writer_lock)
        self._log = PatchLog(folder.patches)
        self._open: _Open | None = None
        self._copies = 0
        with switching(folder):
            self._refresh()

    def close(self) -> None:
        """Let go of the files and the lock."""
        self._open = None
        self._log.close()
        discard(self._folder.work)
        self._lock.release()

    def write(self, requests: Sequence[WriteRequest], tell: Tell) -> list[Written | Failed]:
        """Make requests one after the other, and keep what they did; an answer for each.

        When this returns, what is answered with `Written` is durable and in the generation that is served.
        """
        with switching(self._folder):
            return self._write(requests, tell)

    def _write(self, requests: Sequence[WriteRequest], tell: Tell) -> list[Written | Failed]:
        working = self._refresh()
        made: list[tuple[WriteRequest, Change, bool] | Failed | Patch] = []
        try:
            for request in requests:
                earlier = self._log.find_request(request.identity) if request.is_again else None
                if earlier is not None:
                    made.append(earlier)
                    continue
                tell(Started(request.identity))
                try:
                    change, is_new = self._make(working.store, request)
                except (KgError, OSError) as error:
                    made.append(Failed(request.identity, _bare(error)))
                else:
                    made.append((request, change, is_new))
            tell(Committing())
            patches = self._keep(working, [one for one in made if isinstance(one, tuple)])
        except BaseException:
            self._open = None  # the copy holds what was not kept
            raise
        return [
            _answer(request, found, patches, working.name)
            for request, found in zip(requests, made, strict=True)
        ]

    def _make(self, store: ox.Store, request: WriteRequest) -> tuple[Change, bool]:
        if request.action is Action.UPDATE:
            scope = Scope(request.base, self._prefixes, request.using, request.using_named)
            return update(store, request.text, scope), False
        return operate(store, request, self._prefixes)

    def _keep(self, working: _Open, made: Sequence[tuple[WriteRequest, Change, bool]]) -> dict[str, Patch]:
        """Write the patches, and switch to a generation that has them; request → patch."""
        drafts = [_draft(request, change) for request, change, _ in made if change]
        if not drafts:
            return {}
        with writing(self._folder.path):
            kept = self._log.append(drafts)
            state = working.live.state
            for patch in kept:
                state = extend(state, patch.number, patch.digest)
            working.live = Live(state, working.live.behind + len(kept))
            self._show(working)
        return {draft.request: patch for draft, patch in zip(drafts, kept, strict=True)}

    def _show(self, working: _Open) -> None:
        folder = self._folder
        working.name = make_snapshot(folder, working.name, working.store, working.live)
        folder.switch(working.name)
        kept, base = folder.kept_generations(), working.name.partition("-")[0]
        for old in sorted(folder.generations.glob(f"{base}-*")):
            if old.name not in kept:
                discard_generation(old)

    def _refresh(self) -> _Open:
        """The copy of what is served now, with all patches that there are; for the holder of `switching`."""
        folder = self._folder
        current = folder.read_current()
        if current is None:
            raise StoreMissing(f"{folder.path}: the store is empty: nothing was built into it yet")
        if self._open is not None and self._open.name == current.name:
            return self._open
        self._open = None
        place = folder.generation(current.name)
        with writing(folder.path):
            discard(folder.work)
            folder.work.mkdir(exist_ok=True)
            self._copies += 1  # the engine may hold on to the last one for a while
            copy = folder.work / f"graph-{self._copies}"
            copy_graph(place / "graph", copy)
        try:
            store = ox.Store(str(copy))
        except OSError as error:
            raise StoreError(f"{folder.work}: cannot be opened: {error}") from None
        live = read_live(place)
        if live is None:
            live = Live(folded_state(read_manifest_of(place)), 0)
        working = _Open(current.name, store, live)
        pending = self._log.patches(after=live.state.last)
        if pending:  # kept by a process that was killed before it could show them
            for patch in pending:
                apply_lines(store, self._log.lines(patch.number))
            working.live = Live(self._log.state(), live.behind + len(pending))
            self._show(working)
        self._open = working
        return working


def _bare(error: Exception) -> Exception:
    """`error` without its frames, which hold the graph open."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def _draft(request: WriteRequest, change: Change) -> Draft:
    what = " ".join(request.text.split())[:_SHOWN] if request.text else ""
    if request.action is not Action.UPDATE:
        what = f"{request.action.upper()} {request.graph or 'default graph'} {what}".rstrip()
    return Draft(
        request.identity,
        request.at,
        request.author,
        what,
        len(change.added),
        len(change.removed),
        change.lines(),
    )


def _answer(
    request: WriteRequest,
    found: tuple[WriteRequest, Change, bool] | Failed | Patch,
    patches: dict[str, Patch],
    generation: str,
) -> Written | Failed:
    if isinstance(found, Failed):
        return found
    if isinstance(found, Patch):  # made by a process that was killed before it could say so
        return Written(request.identity, generation, found.number, found.added, found.removed, False)
    _, change, is_new = found
    patch = patches.get(request.identity)
    number = patch.number if patch is not None else None
    return Written(request.identity, generation, number, len(change.added), len(change.removed), is_new)

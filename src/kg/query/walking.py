"""Walks outward from a node over the arrays of a generation (`kg.graph.network`)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from kg.graph.network import MODALITIES, Network
from kg.graph.store import StoreReader
from kg.graph.turns import in_turns, ranges
from kg.query.adjacency import Selection
from kg.terms import KG

#: Links that leave a node beyond which its neighbours look for it instead: a hub's own list is long.
_HUB = 256
#: A row of marks for each thread; a fresh one for each walk would cost a page fault for each node.
_marks = threading.local()


@dataclass(slots=True)
class Walk:
    """What was reached: nodes by level (each sorted), links among them (sorted), node → neighbours left out."""

    levels: list[list[int]]
    links: npt.NDArray[np.int64]
    cut: dict[int, int]
    hops: dict[int, int] = field(default_factory=dict)


_EVERYTHING = Selection()


class LinkFilter:
    """Which links and nodes a selection lets through, by their codes."""

    def __init__(self, network: Network, selection: Selection) -> None:
        self.network = network
        self.is_open = selection == Selection()
        chosen = selection.predicates
        self._predicates = np.asarray([not chosen or p in chosen for p in network.predicates], bool)
        modalities = selection.modalities
        self._modalities = np.asarray([not modalities or m in modalities for m in MODALITIES], bool)
        types = selection.types | {KG + t for t in selection.types}
        self._classes = np.asarray([not types or not types.isdisjoint(c) for c in network.classes], bool)
        self._least = selection.min_confidence

    def links(self, links: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which of the links, by number, are selected."""
        array = self.network.array
        found: npt.NDArray[np.bool_] = (
            self._predicates[array["predicate"][links]] & self._modalities[array["modality"][links]]
        )
        if self._least > 0:
            found &= array["confidence"][links] >= np.float32(self._least)
        return found

    def nodes(self, nodes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which of the nodes, by number, are of the selected classes."""
        found: npt.NDArray[np.bool_] = self._classes[self.network.array["node_classes"][nodes]]
        return found

    def fits(self, node: int) -> bool:
        """Whether a node is of one of the selected classes."""
        return bool(self._classes[self.network.view["node_classes"][node]])


def filter_of(network: Network, selection: Selection) -> LinkFilter:
    """What a selection lets through; that of everything is made once for each network."""
    if selection != _EVERYTHING:
        return LinkFilter(network, selection)
    found = network.kept.get("everything")
    if not isinstance(found, LinkFilter):
        found = network.kept["everything"] = LinkFilter(network, selection)
    return found


def network_of(reader: StoreReader) -> Network | None:
    """The links of the generation that `reader` reads as arrays; None where there are none: then ask the graph."""
    found = getattr(reader, "network", None)
    return found if isinstance(found, Network) else None


def walk(network: Network, centre: int, depth: int, limit: int, chosen: LinkFilter) -> Walk:
    """What is within `depth` hops of `centre`, at most `limit` nodes.

    When a level does not fit, its places are given out in turns to the nodes of the level before; each gives out its
    neighbours in turns by kind of link.
    """
    steps = _open_queues if chosen.is_open else _chosen_queues
    hops = {centre: 0}
    levels = [[centre]]
    level = [centre]
    short: list[int] = []
    for distance in range(1, depth + 1):
        taken = _take(steps(network, level, limit, hops, chosen), hops, distance, limit - len(hops))
        if len(hops) >= limit:
            short += level
        level = taken
        if not taken:
            break
        levels.append(sorted(taken))
    marks = _marked(network)
    nodes = np.fromiter(hops, np.int64, len(hops))
    marks[nodes] = True
    try:
        links = _among(network, nodes, hops, marks)
        if not chosen.is_open:
            links = links[chosen.links(links)]
        cut = _left_out(network, short, links, hops, chosen, marks)
    finally:
        marks[nodes] = False
    return Walk(levels, links, cut, hops)


def _take(queues: Iterator[Iterator[int]], hops: dict[int, int], distance: int, room: int) -> list[int]:
    """Up to `room` new nodes, one of each queue in turn; they are put into `hops`."""
    taken: list[int] = []
    turn: Iterator[Iterator[int]] | list[Iterator[int]] = queues
    while room:
        again = []
        for queue in turn:
            for node in queue:
                if node not in hops:
                    hops[node] = distance
                    taken.append(node)
                    again.append(queue)
                    break
            if len(taken) == room:
                return taken
        if not again:
            break
        turn = again
    return taken


def _open_queues(
    network: Network, level: list[int], limit: int, hops: dict[int, int], chosen: LinkFilter
) -> Iterator[Iterator[int]]:
    at, turns = network.view["turn_at"], network.view["turns"]
    for node in level:
        first, last = at[node], at[node + 1]
        if first != last:
            yield iter(turns[first:last])


def _chosen_queues(
    network: Network, level: list[int], limit: int, hops: dict[int, int], chosen: LinkFilter
) -> Iterator[Iterator[int]]:
    here, there = _neighbours(network, level, chosen)
    bounds = np.searchsorted(here, np.arange(len(level) + 1)).tolist()
    for first, last in pairwise(bounds):
        if first != last:
            yield iter(there[first : min(last, first + limit)].tolist())


def _neighbours(
    network: Network, level: list[int], chosen: LinkFilter
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(place in `level`, neighbour): the selected neighbours of each node, in turns."""
    array = network.array
    nodes = np.asarray(level, np.int64)
    place = np.arange(len(level))
    out_first, out_last = (array["out_at"][nodes + i].astype(np.int64) for i in (0, 1))
    in_first, in_last = (array["in_at"][nodes + i].astype(np.int64) for i in (0, 1))
    outward = ranges(out_first, out_last)
    coming = ranges(in_first, in_last)
    inward = array["in_link"][coming].astype(np.int64)
    links = np.concatenate((outward, inward))
    here = np.concatenate((np.repeat(place, out_last - out_first), np.repeat(place, in_last - in_first)))
    there = np.concatenate((array["target"][outward], array["in_source"][coming])).astype(np.int64)
    kept = np.flatnonzero(chosen.links(links) & chosen.nodes(there))
    here, there, links = here[kept], there[kept], links[kept]
    kind = array["predicate"][links].astype(np.int64) * 2 + (kept < len(outward))
    order = in_turns(here, kind, there, array["claims"][links].astype(np.int64))
    return here[order], there[order]


def neighbours(network: Network, node: int, chosen: LinkFilter) -> list[int]:
    """The selected neighbours of a node, each once."""
    if chosen.is_open:
        first, last = network.view["turn_at"][node], network.view["turn_at"][node + 1]
        return list(network.view["turns"][first:last])
    return list(_neighbours(network, [node], chosen)[1].tolist())


def links_between(network: Network, one: int, other: int, chosen: LinkFilter) -> list[int]:
    """The selected links from either of two nodes to the other, by number."""
    found: list[int] = []
    for source, target in ((one, other), (other, one)):
        first, last = network.view["in_at"][target], network.view["in_at"][target + 1]
        sources = network.array["in_source"][first:last]
        low, high = np.searchsorted(sources, np.asarray([source, source + 1], np.int32)).tolist()
        found += network.view["in_link"][first + low : first + high].tolist()
    links = np.asarray(found, np.int64)
    return sorted(links[chosen.links(links)].tolist())


def _among(
    network: Network, nodes: npt.NDArray[np.int64], hops: dict[int, int], marks: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """The links among `nodes`, which are marked, sorted. A link is looked for where fewer are looked through."""
    array = network.array
    first, last = array["out_at"][nodes].astype(np.int64), array["out_at"][nodes + 1].astype(np.int64)
    wide = last - first > _HUB
    hubs = nodes[wide]
    if len(hubs):
        first, last = first[~wide], last[~wide]
    links = ranges(first, last)
    links = links[marks[array["target"][links]]]
    if len(hubs):
        links = np.concatenate((links, _from_hubs(network, nodes, np.sort(hubs))))
    links.sort()
    return links


def _from_hubs(
    network: Network, nodes: npt.NDArray[np.int64], hubs: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The links from `hubs`, sorted, to `nodes`, by what comes in at the nodes."""
    array = network.array
    sources, in_link = array["in_source"], array["in_link"]
    first, last = array["in_at"][nodes].astype(np.int64), array["in_at"][nodes + 1].astype(np.int64)
    wide = last - first > _HUB
    near = ranges(first[~wide], last[~wide])
    found = [in_link[near[np.isin(sources[near], hubs)]].astype(np.int64)]
    wanted = hubs.astype(np.int32)
    for begin, end in zip(first[wide].tolist(), last[wide].tolist(), strict=True):
        here = sources[begin:end]
        places = ranges(np.searchsorted(here, wanted), np.searchsorted(here, wanted, "right"))
        found.append(in_link[begin + places].astype(np.int64))
    return np.concatenate(found)


def _left_out(
    network: Network,
    short: list[int],
    links: npt.NDArray[np.int64],
    hops: dict[int, int],
    chosen: LinkFilter,
    marks: npt.NDArray[np.bool_],
) -> dict[int, int]:
    """Node → its selected neighbours that are not there, of the nodes `short` that had no room for all."""
    if not short:
        return {}
    if not chosen.is_open:
        here, there = _neighbours(network, short, chosen)
        counts = np.bincount(here[~marks[there]], minlength=len(short)).tolist()
        return {node: count for node, count in zip(short, counts, strict=True) if count}
    array = network.array
    source, target = array["source"][links].astype(np.int64), array["target"][links].astype(np.int64)
    pairs = np.unique(np.minimum(source, target) << 32 | np.maximum(source, target))
    ends = np.sort(np.concatenate((pairs >> 32, pairs & 0xFFFFFFFF)))
    nodes = np.asarray(short, np.int64)
    shown = np.searchsorted(ends, nodes, "right") - np.searchsorted(ends, nodes)
    first, last = array["turn_at"][nodes].astype(np.int64), array["turn_at"][nodes + 1].astype(np.int64)
    counts = (last - first - shown).tolist()
    return {node: count for node, count in zip(short, counts, strict=True) if count}


def _marked(network: Network) -> npt.NDArray[np.bool_]:
    """A row of nothing for each node, this thread's own; whoever marks in it takes the marks out again."""
    row: npt.NDArray[np.bool_] | None = getattr(_marks, "row", None)
    if row is None or len(row) < network.nodes:
        row = _marks.row = np.zeros(network.nodes, bool)
    return row

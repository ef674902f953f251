"""A neighbourhood without its sentences as JSON, straight from the index of links: what is asked for most."""

from __future__ import annotations

from functools import lru_cache
from json.encoder import encode_basestring
from math import isnan

import numpy as np
import numpy.typing as npt

from kg.graph.network import MODALITIES, Network
from kg.query.adjacency import Selection
from kg.query.neighbourhood import day_of
from kg.query.walking import filter_of, walk


def write_neighbourhood(
    network: Network, centre: int, depth: int, limit: int, selection: Selection, generation: str
) -> bytes:
    """The JSON of `kg.query.neighbourhood.neighbourhood` with ``evidence=False``, in one line."""
    found = walk(network, centre, depth, limit, filter_of(network, selection))
    iris: dict[int, str] = {}
    nodes: list[str] = []
    read = network.texts
    for hops, level in enumerate(found.levels):
        end = f',"hops":{hops}}}'
        for node, text in zip(level, read(level), strict=True):
            iris[node] = text[8 : text.index('"', 8)]
            nodes.append(text + end)
    cut = ",".join(f'{{"iri":"{iris[n]}","left_out":{found.cut[n]}}}' for n in sorted(found.cut))
    return (
        f'{{"centre":"{iris[centre]}","depth":{depth},"limit":{limit},'
        f'"generation":{encode_basestring(generation)},"nodes":[{",".join(nodes)}],'
        f'"edges":[{",".join(_edges(network, found.links, iris))}],"cut":[{cut}]}}\n'
    ).encode()


def _edges(network: Network, links: npt.NDArray[np.int64], iris: dict[int, str]) -> list[str]:
    array = network.array
    columns = [
        array[name][links].tolist()
        for name in ("source", "target", "predicate", "modality", "claims", "confidence", "since")
    ]
    middles = _middles(network)
    return [
        f'{{"source":"{iris[source]}","target":"{iris[target]}"{middles[predicate * 4 + modality]}{claims}'
        + (_NO_CLAIMS if not claims else _tail(confidence, since))
        for source, target, predicate, modality, claims, confidence, since in zip(*columns, strict=True)
    ]


_NO_CLAIMS = ',"confidence":null,"since":null,"claims":[]}'


@lru_cache(maxsize=4096)
def _tail(confidence: float, since: int) -> str:
    day = day_of(since)
    number = "null" if isnan(confidence) else round(confidence, 4)
    return f',"confidence":{number},"since":{"null" if day is None else encode_basestring(day)},"claims":[]}}'


def _middles(network: Network) -> list[str]:
    """What an edge says of its predicate and modality, by their codes; made once for each network."""
    if not network.middles:
        network.middles = [
            f',"predicate":{encode_basestring(curie)},"predicate_iri":{encode_basestring(iri)},'
            f'"modality":"{modality}","claim_count":'
            for curie, iri in zip(network.curies, network.predicates, strict=True)
            for modality in MODALITIES
        ]
    return network.middles

"""What is counted, and ``/metrics`` in the formats of Prometheus.

The server is one process; what the processes that answer queries do is counted by the pool that hands them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from kg.engine.pool import Pool
from kg.graph.dumps import count_parts
from kg.server.problems import Refused
from kg.server.readers import Readers
from kg.server.release import release

router = APIRouter(tags=["Service"])

#: Seconds: from an answer that is known already to one that just makes its deadline.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """The counters of one application."""

    def __init__(self, readers: Readers, pool: Callable[[], Pool | None]) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self.under_way = 0
        flying = Gauge("kg_http_requests_in_flight", "Requests under way", registry=self.registry)
        flying.set_function(lambda: self.under_way)
        self._requests = Counter(
            "kg_http_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "kg_http_request_seconds",
            "Time until the last byte of an answer was handed on",
            ("route",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._bytes = Counter(
            "kg_http_response_bytes", "Bytes of bodies sent", ("route",), registry=self.registry
        )
        self._known: dict[tuple[str, str, int], Counter] = {}
        self._routes: dict[str, tuple[Histogram, Counter]] = {}
        self.registry.register(_State(readers, pool))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def count(self, method: str, route: str, status: int, seconds: float, size: int) -> None:
        """Count a request that has been answered."""
        key = (method, route, status)
        counter = self._known.get(key)
        if counter is None:
            counter = self._known[key] = self._requests.labels(method, route, str(status))
        counter.inc()
        found = self._routes.get(route)
        if found is None:
            found = self._routes[route] = (self._seconds.labels(route), self._bytes.labels(route))
        found[0].observe(seconds)
        found[1].inc(size)


class _State(Collector):
    """What is read off when it is asked for: worker processes, queue, generation, triples."""

    def __init__(self, readers: Readers, pool: Callable[[], Pool | None]) -> None:
        self._readers = readers
        self._pool = pool

    def describe(self) -> Iterator[Metric]:
        """Nothing: the names are known when it is collected."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The state of now."""
        build = GaugeMetricFamily("kg_build_info", "Release that runs", labels=("version",))
        build.add_metric([release()], 1)
        yield build
        yield from self._stored()
        pool = self._pool()
        if pool is None:
            return
        workers = GaugeMetricFamily("kg_query_workers", "Processes that answer queries", labels=("state",))
        workers.add_metric(["busy"], pool.busy)
        workers.add_metric(["idle"], len(pool.processes) - pool.busy)
        yield workers
        yield GaugeMetricFamily("kg_query_workers_most", "Processes that there may be", value=pool.most)
        yield GaugeMetricFamily("kg_query_queue", "Queries that wait for a process", value=pool.waiting)
        queries = CounterMetricFamily("kg_queries", "Queries by what became of them", labels=("outcome",))
        for outcome in ("answered", "refused", "timeouts", "lost"):
            queries.add_metric([outcome], getattr(pool.counts, outcome))
        yield queries
        yield CounterMetricFamily(
            "kg_query_worker_starts", "Processes that were started", value=pool.counts.started
        )

    def _stored(self) -> Iterator[Metric]:
        lease = self._readers.find_current()
        if lease is None:
            return
        try:
            generation = GaugeMetricFamily("kg_generation_info", "Generation served", labels=("generation",))
            generation.add_metric([lease.reader.generation], 1)
            yield generation
            triples = GaugeMetricFamily("kg_triples", "Triples of each part", labels=("part",))
            for part, count in count_parts(lease.reader).items():
                triples.add_metric([part], count)
            yield triples
        finally:
            lease.release()


@router.get("/metrics", response_class=Response, summary="Counters for Prometheus")
def get_metrics(request: Request) -> Response:
    """Requests, durations, requests under way, worker processes and their queue, generation, triples, this process."""
    if not request.app.state.settings.metrics:
        raise Refused(404, "not-found", "There is nothing at /metrics.")
    metrics: Metrics = request.app.state.metrics
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(metrics.registry), headers={"Vary": "Accept"}, media_type=media_type)

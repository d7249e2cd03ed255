"""Numbers for Prometheus: what was asked and how long it took (counted in the web processes), and the state of the site (read when asked)."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

import classify.selectors
from core.selectors import jobs_by_state
from hunter import operations
from hunter.backup.saving import database_bytes
from hunter.logs import route_of

SHARED_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if SHARED_FOLDER:
    Path(SHARED_FOLDER).mkdir(parents=True, exist_ok=True)
OWN = CollectorRegistry()
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
requests = Counter("hunter_requests", "Requests answered.", ["route", "method", "status"], registry=OWN)
latency = Histogram("hunter_request_seconds", "Time to the answer.", ["route", "method"], buckets=SECONDS, registry=OWN)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}  # anything else is one label: a visitor may invent methods


class RequestMetrics:
    """Counts each request by the pattern it matched, so that the number of series stays that of the patterns."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        route, method = route_of(request), request.method if request.method in METHODS else "other"
        requests.labels(route, method, str(response.status_code)).inc()
        latency.labels(route, method).observe(time.perf_counter() - began)
        return response


class _Site(Collector):
    """The state of the site at the moment of asking."""

    def collect(self) -> Iterable[Metric]:
        now = timezone.now()
        yield GaugeMetricFamily("hunter_votes", "Votes of people that stand.", classify.selectors.votes_in_total())
        jobs = GaugeMetricFamily("hunter_jobs", "Long work by kind and state.", labels=["kind", "state"])
        for (kind, state), n in jobs_by_state().items():
            jobs.add_metric([kind, state], n)
        waiting = GaugeMetricFamily("hunter_queue_length", "Tasks that wait in a queue.", labels=["queue"])
        silence = GaugeMetricFamily("hunter_queue_silence_seconds", "Time since a worker last served a queue.", labels=["queue"])
        for row in operations.queues(now):
            if row.waiting is not None:
                waiting.add_metric([row.name], row.waiting)
            if row.at:
                silence.add_metric([row.name], (now - row.at).total_seconds())
        yield from (jobs, waiting, silence)
        free, total = operations.disk()
        yield GaugeMetricFamily("hunter_disk_free_bytes", "Room where HUNTER_HOME lies.", free)
        yield GaugeMetricFamily("hunter_disk_bytes", "Size of the disk where HUNTER_HOME lies.", total)
        yield GaugeMetricFamily("hunter_database_bytes", "Size of the database.", database_bytes())
        backup = operations.last_backup()
        if backup and backup.finished_at:
            yield GaugeMetricFamily("hunter_last_backup_timestamp_seconds", "When the last backup was finished.", backup.finished_at.timestamp())


def exposition() -> bytes:
    """Everything in Prometheus' text format; the counts of all web processes of this machine together."""
    registry = CollectorRegistry()
    if SHARED_FOLDER:
        multiprocess.MultiProcessCollector(registry)
        counts = generate_latest(registry)
    else:
        counts = generate_latest(OWN)
    site = CollectorRegistry()
    site.register(_Site())
    return counts + generate_latest(site)


def is_open() -> bool:
    """True on the embedded default, which nobody but this machine reaches."""
    return bool(settings.EMBEDDED and settings.HOST in settings.LOOPBACK_HOSTS and not settings.HTTPS and not settings.METRICS_TOKEN)

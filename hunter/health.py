"""Is the site alive: database, broker, workers, storage. Each check answers within about a second."""

import time
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from core.identity import random_name


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return str(connection.vendor)


def _broker() -> str:
    name = f"health-{random_name()}"
    cache.set(name, "1", 10)
    if cache.get(name) != "1":
        raise RuntimeError("the cache does not give back what was put in")
    cache.delete(name)
    return "redis protocol"


def _storage() -> str:
    key = f"health/{random_name()}.txt"
    kept = default_storage.save(key, ContentFile(b"ok"))
    try:
        with default_storage.open(kept, "rb") as handle:
            if handle.read() != b"ok":
                raise RuntimeError("a file came back changed")
    finally:
        default_storage.delete(kept)
    return type(default_storage._wrapped).__name__ if hasattr(default_storage, "_wrapped") else type(default_storage).__name__


def _workers() -> str:
    """Names of the workers that answer a ping; asked at most each 10 s, as a ping costs half a second."""
    names = cache.get("health-workers")
    if names is None:
        answers = current_app.control.ping(timeout=0.7) or []
        names = sorted(name for answer in answers for name in answer)
        cache.set("health-workers", names, 10 if names else 1)
    if not names:
        raise RuntimeError("no worker answers: votes are kept, but nothing is cut, learnt or scanned")
    return ", ".join(names)


CHECKS: dict[str, Callable[[], str]] = {"database": _database, "broker": _broker, "storage": _storage, "worker": _workers}
VITAL = ("database", "broker", "storage")


def check() -> tuple[bool, dict[str, Any]]:
    """Return (vital parts work, report). A missing worker degrades the site but does not stop it."""
    report: dict[str, Any] = {}
    for name, probe in CHECKS.items():
        began = time.perf_counter()
        try:
            report[name] = {"ok": True, "detail": probe()}
        except Exception as error:  # any failure of a part is the answer here
            report[name] = {"ok": False, "detail": f"{type(error).__name__}: {error}"[:200]}
        report[name]["ms"] = round(1000 * (time.perf_counter() - began), 1)
    return all(report[name]["ok"] for name in VITAL), report

"""Fixtures that every room may use: real worker processes, an S3 server, a clean cache."""

import logging
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_django

# Playwright's synchronous API keeps an event loop running, and Django would refuse to open a database beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone, translation

from core.addresses import salt_of
from hunter.messages import compile_messages
from tests.services import _stop, free_port

ROOT = Path(__file__).resolve().parent.parent
compile_messages(settings.LOCALE_HOME)  # Django reads them at its first use of a language
for handler in logging.getLogger().handlers:
    handler.setLevel(logging.WARNING)  # a line for each request would hide what a test that failed has to say


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--interop` adds the tests that need third-party clients (`./run test --all` gives it)."""
    parser.addoption("--interop", action="store_true", help="also run tests/interop")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests/interop unless asked for; mark tests/browser."""
    wanted, left = [], []
    for item in items:
        folder = item.path.relative_to(ROOT).parts[1]
        if folder in {"browser", "interop"}:
            item.add_marker(folder)
        keep = config.getoption("--interop") or item.get_closest_marker("interop") is None
        (wanted if keep else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = wanted


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Generator[None, Any, Any]:
    """Name what failed once more, each in a line, below all else: whoever sees only the end of the output sees that."""
    result = yield
    bad = [report for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, [])]
    if bad:
        terminalreporter.section(f"{len(bad)} failed")
    for report in bad:
        crash = getattr(report.longrepr, "reprcrash", None)
        why = (crash.message if crash else str(report.longrepr)).strip().partition("\n")[0]
        when = f"{report.when}, {report.duration:.0f} s" if hasattr(report, "duration") else "collecting"
        terminalreporter.write_line(f"{report.outcome.upper()} {report.nodeid} ({when}): {why[:200]}")
    return result


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """The first request of a day makes the salt of addresses; done here, it spoils no count of queries."""
    with django_db_blocker.unblock():
        salt_of(timezone.now().date())


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    """Throttles, counters and queued messages of one test, and the language of its last request, are none of the next one's business."""
    cache.clear()
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def shared_data() -> Path:
    """Real files to try things on; skips where they are not at hand."""
    folder = Path(os.environ.get("HUNTER_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    return folder


# --- real processes ------------------------------------------------------------------------------


def database_url() -> str:
    """Return the URL of the test database that this process uses now, for a child process."""
    db = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{db['NAME']}"
    password = f":{quote(db['PASSWORD'])}" if db["PASSWORD"] else ""
    return f"postgresql://{quote(db['USER'])}{password}@{db['HOST']}:{db['PORT']}/{db['NAME']}"


def child_environment(**extra: str) -> dict[str, str]:
    """Return the environment in which a child process sees this test's database, broker and files."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url(),
        "HUNTER_BROKER_URL": settings.BROKER_URL,
        "HUNTER_HOME": str(settings.HOME),
        "OMP_NUM_THREADS": "1",
        **extra,
    }


@pytest.fixture
def celery_worker_process(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Return a starter of real workers: `worker = celery_worker_process(queues="default,ml", env={...})`.

    It returns when the worker has said that it is ready. Each worker is its own process group and is ended after the test.
    """
    started: list[subprocess.Popen[bytes]] = []

    def start(*, queues: str = "default,ml", concurrency: int = 1, env: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
        name = f"test{len(started)}-{secrets.token_hex(3)}@localhost"
        log = tmp_path / f"{name}.log"
        command = [sys.executable, "-m", "celery", "-A", "hunter", "worker", "-Q", queues, "-c", str(concurrency), "-n", name, "-l", "INFO"]
        with log.open("wb") as out:
            worker = subprocess.Popen(command, cwd=ROOT, env=child_environment(**(env or {})), stdout=out, stderr=out, start_new_session=True)
        started.append(worker)
        wait_until(lambda: b" ready." in log.read_bytes() or worker.poll() is not None, what="the worker to be ready")
        assert worker.poll() is None, log.read_text()
        return worker

    yield start
    for worker in started:
        end_group(worker)


@pytest.fixture
def manage(transactional_db: None) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Return a runner of `manage.py` in a process of its own, on this test's database: `manage("ingest", path)`."""

    def call(*arguments: object, env: dict[str, str] | None = None, check: bool = True) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, env=child_environment(**(env or {})), capture_output=True, text=True)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    return call


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """End a process that leads its own group, and whatever is left of the group."""
    _stop(process)
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        return


def wait_until(condition: Callable[[], Any], *, what: str, seconds: float = 180) -> Any:
    """Poll until the condition gives something true, and return that; fail by name after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.1)
    pytest.fail(f"waited {seconds:g} s for {what}")


# --- object storage ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A real S3-protocol server (nanio) with an empty bucket; yields the HUNTER_S3_... environment for a process that uses it."""
    import boto3
    from botocore.config import Config

    port, secret = free_port(), secrets.token_urlsafe(24)
    folder = tmp_path_factory.mktemp("s3")
    command = [sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1", "--port", str(port), "--data-dir", str(folder), "--no-access-log"]
    with (folder.parent / "s3.log").open("wb") as out:
        credentials = {"NANIO_ACCESS_KEY": "hunter", "NANIO_SECRET_KEY": secret}
        server = subprocess.Popen(command, env={**os.environ, **credentials}, stdout=out, stderr=out, start_new_session=True)
    environment = {
        "HUNTER_S3_BUCKET": "hunter",
        "HUNTER_S3_ENDPOINT": f"http://127.0.0.1:{port}",
        "HUNTER_S3_REGION": "us-east-1",
        "HUNTER_S3_ACCESS_KEY": "hunter",
        "HUNTER_S3_SECRET_KEY": secret,
    }
    client = boto3.client(
        "s3",
        endpoint_url=environment["HUNTER_S3_ENDPOINT"],
        aws_access_key_id="hunter",
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 10, "mode": "standard"}),
    )
    client.create_bucket(Bucket="hunter")
    yield environment
    end_group(server)

"""Logs are lines that a program can read, joined by request ids, and name nobody."""

import io
import json
import logging
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils import timezone

from core.models import Job
from hunter import logs
from tests import factories
from tests.conftest import ROOT, child_environment, end_group, wait_until
from tests.services import free_port

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def lines(text: str) -> list[dict[str, Any]]:
    """The lines of a log, each of which must be JSON; below Celery's banner."""
    return [json.loads(line) for line in text[text.index("{") :].splitlines()]


@contextmanager
def logged(form: str) -> Iterator[Callable[[], str]]:
    """Give what is logged meanwhile, in the form of the settings."""
    options = dict(logs.configure(form=form, level="INFO")["formatters"]["hunter"])
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(options.pop("()")(**options))
    handler.addFilter(logs.Refusals())
    logging.getLogger().addHandler(handler)
    yield stream.getvalue
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    """What a site in production would write to its log."""
    with logged("json") as said:
        yield said


@pytest.mark.django_db
def test_each_answer_carries_an_id_that_is_in_the_log(client: Client, written: Callable[[], str]) -> None:
    answer = client.get("/how-it-works/")

    assert re.fullmatch(UUID, answer["X-Request-ID"])
    (line,) = [row for row in lines(written()) if row["event"] == "request_finished"]
    assert (line["request_id"], line["request"], line["code"], line["level"]) == (answer["X-Request-ID"], "GET /how-it-works/", 200, "info")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"),
    [("proxy-0123456789abcdef", True), ("short", False), ("a" * 65, False), ("has spaces in it", False), ('quote"and{brace}', False)],
)
def test_ids_are_taken_from_a_proxy_only_and_if_well_formed(client: Client, settings: Any, given: str, kept: bool) -> None:
    assert client.get("/how-it-works/", headers={"X-Request-ID": given})["X-Request-ID"] != given
    settings.PROXIES = 1
    answer = client.get("/how-it-works/", headers={"X-Request-ID": given})

    assert (answer["X-Request-ID"] == given) is kept


@pytest.mark.django_db
def test_refusals_are_logged_with_their_reason_and_without_the_path(written: Callable[[], str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.user())
    client.post("/people/ada-lovelace/")
    client.post("/talk/boards/help/new/", {"title": "x"})
    client.get("/dashboard/")
    client.get("/", headers={"Host": "evil.example"})
    client.get("/no/such/ada-lovelace/")

    said = [(row["logger"], row["event"]) for row in lines(written()) if row["logger"].startswith("django.")]
    assert ("django.security.csrf", "Forbidden (CSRF cookie not set.): /people/<str:name>/") in said
    assert ("django.request", "Forbidden (Permission denied): /dashboard/") in said
    assert any(name == "django.security.DisallowedHost" and "evil.example" in event for name, event in said)
    assert not any("lovelace" in event or "Not Found" in event for _, event in said)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/people/ada-lovelace/", "/accounts/password/reset/key/1-{key}/", "/?next=ada@example.org", "/no/such/ada@example.org/"]
)
def test_paths_are_told_by_their_pattern(client: Client, written: Callable[[], str], path: str) -> None:
    key = default_token_generator.make_token(factories.user())

    client.get(path.format(key=key))

    said = written()
    assert "request_finished" in said
    assert not re.search(rf"lovelace|example|{key}", said)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("mail to ada.b+c@example.org failed", "mail to [mail] failed"),
        ("from 203.0.113.7:4711", "from [address]:4711"),
        ("from 2001:db8::8a2e:370:7334", "from [address]"),
        ("Authorization: Bearer abcdef", "Authorization: Bearer [token]"),
        ("key hnt_0123456789abcdef used", "key [token] used"),
        ("DETAIL:  Key (username)=(ada) already exists.", "DETAIL:  Key (username)=[value] already exists."),
        ("12:34:56 done in 0.5 s at 127.0.0.1:8000", "12:34:56 done in 0.5 s at 127.0.0.1:8000"),
    ],
)
def test_what_names_a_person_is_taken_out_of_any_message(written: Callable[[], str], text: str, kept: str) -> None:
    logging.getLogger("some.library").warning("%s", text)

    assert lines(written())[0]["event"] == kept


def test_tracebacks_are_one_line_and_scrubbed(written: Callable[[], str]) -> None:
    try:
        raise ValueError("ada@example.org is taken")
    except ValueError:
        logging.getLogger("some.library").exception("It failed")

    (line,) = lines(written())
    assert "ValueError: [mail] is taken" in line["exception"]


def test_readable_form_is_a_line_and_the_traceback_below() -> None:
    with logged("line") as said:
        try:
            raise ValueError("odd")
        except ValueError:
            logging.getLogger("some.library").exception("It failed")

    first, *rest = said().splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z error some.library: It failed", first)
    assert rest[-1] == "ValueError: odd"


@pytest.mark.django_db(transaction=True)
def test_request_id_goes_with_the_task(client: Client, celery_worker_process: Callable[..., Any], tmp_path: Path) -> None:
    """Trying failed work again sends a task; the worker's line about it has the id of the request."""
    celery_worker_process(queues="ml", env={"HUNTER_LOG_FORMAT": "json"})
    (log,) = tmp_path.glob("*.log")
    now = timezone.now()
    job = Job.objects.create(kind="a", key="a", title="a", task="core.beat", queue="ml", state="failed", created_at=now, finished_at=now)
    client.force_login(factories.user(permissions=["core.view_dashboard", "core.operate"]))

    answer = client.post(f"/dashboard/operations/jobs/{job.pk}/retry/")

    found = wait_until(lambda: [row for row in lines(log.read_text()) if row["event"] == "task_succeeded"], what="the task")
    assert found[0]["request_id"] == answer["X-Request-ID"]
    assert (found[0]["task"], bool(found[0]["task_id"])) == ("core.beat", True)


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server as in production: its address and its log."""
    port, log = free_port(), tmp_path / "web.log"
    command = [sys.executable, "-m", "gunicorn", "hunter.wsgi:application", "-c", "python:hunter.serving", "-b", f"127.0.0.1:{port}"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=child_environment(HUNTER_LOG_FORMAT="json"), stdout=out, stderr=out, start_new_session=True)
    wait_until(lambda: b"Booting worker" in log.read_bytes(), what="gunicorn")
    yield f"http://127.0.0.1:{port}", log
    end_group(process)


def test_whole_log_of_a_web_server_is_json_and_names_nobody(web: tuple[str, Path]) -> None:
    address, log = web
    user = factories.user(username="ada-lovelace", email="ada@example.org")
    headers = {"X-Forwarded-For": "203.0.113.7", "User-Agent": "Browser of ada", "Cookie": "hunter_visitor=secret-visitor; sessionid=secret-session"}
    for path in ("/people/ada-lovelace/?q=ada@example.org", "/no/such/page/of/ada-lovelace/", "/metrics", "/accounts/login/", "/%00"):
        try:
            urllib.request.urlopen(urllib.request.Request(address + path, headers=headers), timeout=30).close()
        except urllib.error.HTTPError as error:
            error.close()
    body = f"login={user.username}&password=wrong-password".encode()
    with pytest.raises(urllib.error.HTTPError):  # no CSRF token: refused, and the reason is logged
        urllib.request.urlopen(urllib.request.Request(address + "/accounts/login/", body, headers), timeout=30)

    rows = lines(log.read_text())

    assert len([row for row in rows if row["event"] == "request_finished"]) == 6
    assert not re.search(r"lovelace|of ada|example\.org|203\.0\.113|secret|wrong-password|Browser", log.read_text())

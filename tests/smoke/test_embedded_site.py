"""What a new user meets: address, accounts, pages, a vote, commands beside the running site."""

import json
import re
import sqlite3
import uuid
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from tests.smoke.conftest import Run


class Visitor:
    """A browser without pictures: keeps cookies, sends the CSRF token."""

    def __init__(self, url: str) -> None:
        """Begin without cookies."""
        self.url, self.jar = url.rstrip("/"), CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        """Return the page."""
        with self.opener.open(self.url + path) as answer:
            return str(answer.read().decode())

    def post(self, path: str, body: dict[str, object], *, kind: str = "application/json") -> tuple[int, str]:
        """Return (status, final address) of a post."""
        token = next((c.value or "" for c in self.jar if c.name == "csrftoken"), "")
        data = json.dumps(body) if kind == "application/json" else urlencode(body)
        headers = {"Content-Type": kind, "X-CSRFToken": token, "Referer": self.url + "/", "User-Agent": "Mozilla/5.0 (test)"}
        with self.opener.open(Request(self.url + path, data.encode(), headers)) as answer:
            return answer.status, answer.url


def test_output_names_address_and_accounts(site: Run) -> None:
    said = site.out.read_text()

    assert site.state()["url"] in said
    accounts = re.findall(r"(?m)^\s*(\w+) / (\S+)$", said)
    assert {name for name, _ in accounts} == {"admin", "scientist", "moderator", "volunteer"}
    assert len({password for _, password in accounts}) == 4


def test_secrets_are_for_the_owner_only(site: Run) -> None:
    for name in ("secret_key", "demo_accounts.txt", "valkey.conf", "run.json"):
        assert (site.home / name).stat().st_mode & 0o077 == 0, name


def test_what_people_entrusted_is_for_the_owner_only(site: Run) -> None:
    """The database, mails and copies of personal data: no other account of the machine may look."""
    assert site.home.stat().st_mode & 0o077 == 0
    assert (site.home / "hunter.sqlite3").stat().st_mode & 0o077 == 0


def test_database_is_sqlite_with_a_write_ahead_log(site: Run) -> None:
    with sqlite3.connect(site.home / "hunter.sqlite3") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("path", ["/", "/classify/", "/talk/", "/exposures/", "/ml/", "/science/", "/how-it-works/", "/api/schema/"])
def test_pages_answer(site: Run, path: str) -> None:
    assert len(Visitor(site.state()["url"]).get(path)) > 500


def test_static_files_have_hashed_names_that_answer(site: Run) -> None:
    visitor = Visitor(site.state()["url"])
    files = re.findall(r"/static/[\w./-]+\.(?:css|js)", visitor.get("/"))

    assert files
    assert [f for f in files if not re.search(r"\.[0-9a-f]{12}\.", f)] == []
    assert all(visitor.get(f) for f in files)


def test_volunteer_signs_in_with_the_printed_password(site: Run) -> None:
    password = dict(re.findall(r"(?m)^\s*(\w+) / (\S+)$", site.out.read_text()))["volunteer"]
    visitor = Visitor(site.state()["url"])
    visitor.get("/accounts/login/")
    token = next(c.value for c in visitor.jar if c.name == "csrftoken")
    form = {"login": "volunteer", "password": password, "csrfmiddlewaretoken": token}

    visitor.post("/accounts/login/", form, kind="application/x-www-form-urlencoded")

    assert "sessionid" in {c.name for c in visitor.jar}


def test_anonymous_vote_is_taken(site: Run) -> None:
    visitor = Visitor(site.state()["url"])
    visitor.get("/classify/classify/")
    queue = json.loads(visitor.get("/api/v1/workflows/classify/queue/?n=1"))["results"][0]
    vote = {"id": str(uuid.uuid4()), "workflow": "classify", "subject": queue["id"], "serve": queue["serve"], "answer": "no", "marks": []}

    assert visitor.post("/api/v1/classifications/", vote)[0] == 201


def test_second_start_is_refused_by_name(site: Run) -> None:
    again = site.call()

    assert again.returncode == 1
    assert site.state()["url"] in again.stderr
    assert str(site.process.pid) in again.stderr
    assert "Traceback" not in again.stderr


def test_commands_run_beside_the_site(site: Run) -> None:
    done = site.call("manage", "check")

    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout

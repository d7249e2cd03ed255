"""/stats/, one's own figures and the certificate: the numbers of the rows, in words, without scripts, for whoever may see them."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classify.models import DailyTotal, HourlyTotal
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


@pytest.fixture
def flow() -> Any:
    """A workflow with six weeks of work by six people, and a few simulated votes."""
    made, now = f.workflow(count=10, name="Find trails"), timezone.now()
    for _ in range(4):
        f.subject(workflow=made, cutout=f.cutout(images=False))
    people = [f.volunteer() for _ in range(6)]
    for back in range(42):
        day = now - timedelta(days=back)
        HourlyTotal.objects.create(workflow=made, hour=day.replace(minute=0, second=0, microsecond=0), shard=1, n=21)
        for i, person in enumerate(people, start=1):
            DailyTotal.objects.create(volunteer=person, workflow=made, day=day.date(), n=i, seconds=600)
    HourlyTotal.objects.create(workflow=made, hour=now, shard=1, demo=True, n=1000)
    DailyTotal.objects.create(volunteer=f.volunteer(kind="demo"), workflow=made, day=now.date(), n=1000)
    return made


def page(client: Client, query: str = "", status: int = 200) -> str:
    answer = client.get(f"/stats/{query}")
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def rows(client: Client, figure: str, query: str = "") -> list[list[str]]:
    answer = client.get(f"/stats/{figure}.csv{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]


def test_the_page_shows_what_was_done_without_any_script(client: Client, flow: Any) -> None:
    said = page(client)

    assert re.findall(r"<dd>([^<]*)</dd>", said)[:2] == ["882", "6"], "simulated volunteers stay out"
    for title in ("Classifications per day", "Volunteers active per day", "Subjects done", "How the work is shared out"):
        assert f"<h3>{title}</h3>" in said
    assert "0.835" in said
    assert re.search(r"about|between", said[said.index("Expected end") :]), "six weeks are enough to say"
    assert 'name="since"' in said
    assert 'class="fig-window"' in said
    assert "style=" not in said
    assert re.findall(r"<dd>([^<]*)</dd>", page(client, "?demo=1"))[:2] == ["1,882", "7"]


def test_a_range_a_workflow_and_a_unit_can_be_linked(client: Client, flow: Any) -> None:
    today, other = timezone.now().date(), f.workflow(name="Another")
    week = f"?since={today - timedelta(days=6)}&until={today}&per=day"

    assert rows(client, "classifications", week) == [["day", "classifications"], *([f"{today - timedelta(days=6 - i)}", "21"] for i in range(7))]
    assert rows(client, "volunteers", week)[-1] == [f"{today}", "6"]
    assert rows(client, "subjects-done", week)[-1] == [f"{today}", "0", "0"]
    assert rows(client, "effort", week)[-1] == ["1.0", "1.0"]
    hours = rows(client, "classifications", f"?since={today}&until={today}")
    assert (hours[0], len(hours), sum(int(n) for _, n in hours[1:])) == (["hour", "classifications"], 25, 21)
    assert rows(client, "classifications", f"{week}&workflow={other.slug}")[-1] == [f"{today}", "0"]
    assert "Classifications per month" in page(client, "?since=2020-01-01")
    part = client.get(f"/stats/{week}", headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert b"data-brush" in part.content
    assert "HX-Request" in part["Vary"]


def test_what_cannot_be_is_said_and_everything_is_shown(client: Client, flow: Any) -> None:
    assert "This is no date." in page(client, "?since=soon", 400)
    assert "ends before it begins" in page(client, "?since=2026-02-02&until=2026-02-01", 400)
    assert client.get("/stats/?workflow=none").status_code == 404
    assert client.get("/stats/nothing.csv").status_code == 404
    wrong = client.get("/api/v1/stats/?until=x")
    assert (wrong.status_code, wrong.json()["errors"]) == (400, {"until": ["This is no date. Write it as 2026-03-31."]})


def test_the_api_gives_the_same_numbers(client: Client, flow: Any) -> None:
    found = client.get(f"/api/v1/stats/?workflow={flow.slug}").json()

    assert (found["per"], found["demo"], sum(step["n"] for step in found["classifications"])) == ("day", False, 882)
    assert found["effort"]["volunteers"] == 6
    assert found["totals"] == {"classifications": 882, "hours": 42.0, "volunteers": 6, "agreement": None}
    (row,) = found["workflows"]
    assert (row["name"], row["subjects"], row["remaining"], row["end"]["weeks"]) == ("Find trails", 4, 40, 6)
    assert row["end"]["earliest"] <= row["end"]["latest"]


def test_a_new_site_says_that_there_is_nothing_yet(client: Client) -> None:
    said = page(client)
    assert "There are no images yet." in said
    assert "it takes five volunteers" in said
    assert "simulated" not in said


def test_the_page_costs_the_same_for_any_number_of_workflows(client: Client) -> None:
    costs = []
    for n in (1, 3, 30):
        while DailyTotal.objects.count() < n:
            flow = f.workflow()
            f.subject(workflow=flow, cutout=f.cutout(images=False))
            DailyTotal.objects.create(volunteer=f.volunteer(), workflow=flow, day=timezone.now().date(), n=1)
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            page(client)
        costs.append(len(queries))
    assert len(set(costs)) == 1, costs


def test_my_figures_and_a_certificate_that_others_can_check(client: Client, flow: Any) -> None:
    user, today = f.user(username="ada"), timezone.now().date()
    me = f.volunteer(user=user)
    for back in (0, 5):
        DailyTotal.objects.create(volunteer=me, workflow=flow, day=today - timedelta(days=back), n=30, seconds=5400)
    client.force_login(user)

    said = client.get("/me/figures/").content.decode()
    assert re.findall(r"<dd>([^<]*)</dd>", said) == ["60", "3.0", "2"]
    assert "Find trails" in said
    assert b"".join(client.get("/me/figures.csv").streaming_content).decode().splitlines()[1:] == [  # type: ignore[attr-defined]
        f"{today - timedelta(days=5)},30", f"{today},30",
    ]  # fmt: skip
    assert 'value="ada"' in client.get("/me/certificate/").content.decode()
    wanted = {"name": "  Ada   Lovelace ", "since": f"{today - timedelta(days=5)}", "until": f"{today}"}
    link = client.post("/me/certificate/", wanted)["Location"]
    for reader in (client, Client()):
        answer = reader.get(link)
        shown = answer.content.decode()
        assert "Ada Lovelace" in shown
        assert re.findall(r"<dd>([^<]*)</dd>", shown) == ["60", "3.0"]
        assert f"http://testserver{link}" in shown
        assert answer["X-Robots-Tag"] == "noindex"
    assert Client().get(link.replace("/certificates/W", "/certificates/X")).status_code == 404
    assert Client().get(link[:-3] + "A/").status_code == 404
    DailyTotal.objects.filter(volunteer=me).update(n=1)
    assert "<dd>60</dd>" in Client().get(link).content.decode(), "it shows the day on which it was made"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Write the name"),
        ({"name": "A\u202eda"}, "cannot be printed"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "ends before it begins"),
        ({"since": "2001-01-01", "until": "2001-02-01"}, "no answer of yours in these days"),
    ],
)
def test_a_certificate_that_cannot_be_says_why(client: Client, flow: Any, changes: dict[str, str], words: str) -> None:
    user, today = f.user(), timezone.now().date()
    DailyTotal.objects.create(volunteer=f.volunteer(user=user), workflow=flow, day=today, n=1)
    client.force_login(user)

    answer = client.post("/me/certificate/", {"name": "Ada", "since": f"{today}", "until": f"{today}", **changes})

    assert answer.status_code == 400
    assert words in answer.content.decode()


def test_visitors_have_figures_and_are_told_to_sign_in_for_a_certificate(client: Client) -> None:
    assert "Nothing yet" in client.get("/me/figures/").content.decode()
    assert client.get("/me/certificate/")["Location"].startswith("/accounts/login/")

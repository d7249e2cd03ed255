"""How often is too often: windows per person and per address, shared by all processes, and harmless when the broker is away."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from django_redis.pool import ConnectionFactory

from core import counters, throttles
from core.throttles import Limit, TooMany, Window
from tests.factories import user, volunteer, workflow
from tests.services import free_port

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/limits.md"
LIMITED = Limit((Window(3, 60),), (Window(5, 60),))


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the windows of a scope: `limit("reads", LIMITED)`."""
    return lambda scope, rows: monkeypatch.setitem(throttles.LIMITS, scope, rows)


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Counters talk to a port where nobody listens."""
    dead = ConnectionFactory({}).connect(f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setattr(counters, "get_redis_connection", lambda _: dead)
    monkeypatch.setattr(counters, "_resting_until", 0.0)


def spend(times: int, **who: str) -> int:
    """Spend so often and return how many were refused."""
    refused = 0
    for _ in range(times):
        try:
            throttles.spend("reads", **who)
        except TooMany:
            refused += 1
    return refused


def test_a_person_is_refused_over_the_limit_and_nobody_else(limit: Any) -> None:
    limit("reads", LIMITED)

    assert spend(5, person="anna") == 2
    assert spend(3, person="bea") == 0


def test_who_is_refused_does_not_use_up_the_address_of_a_class(limit: Any) -> None:
    limit("reads", LIMITED)

    assert spend(50, person="a loop", address="school") == 47
    assert spend(2, person="bea", address="school") == 0
    assert spend(1, person="carl", address="school") == 1  # five in all came through


def test_day_window_counts_beside_the_minute(limit: Any) -> None:
    limit("reads", Limit((Window(100, 60), Window(4, 86_400)), ()))
    spend(4, person="anna")

    with pytest.raises(TooMany) as full:
        throttles.spend("reads", person="anna")
    assert 86_000 < full.value.wait <= 86_400


def test_counts_are_exact_when_many_come_at_once(limit: Any) -> None:
    limit("reads", Limit((Window(50, 60),), ()))
    with ThreadPoolExecutor(8) as pool:
        refused = sum(pool.map(lambda _: spend(10, person="anna"), range(8)))

    assert refused == 30


def test_without_the_broker_nobody_is_refused_and_the_log_says_so_once(limit: Any, no_broker: None, caplog: pytest.LogCaptureFixture) -> None:
    limit("reads", LIMITED)
    caplog.set_level(logging.WARNING)

    assert spend(20, person="anna") == 0
    assert counters.paces([counters.Moment("pace", "a", 1.0, 10, 60)] * 2) == [0, 0]
    assert counters.place("place", "a", 1.0, seconds=60) == 0
    assert [row.message.split(":")[0] for row in caplog.records] == ["counters"]


def test_knob_turns_them_off(limit: Any) -> None:
    limit("reads", LIMITED)

    with override_settings(THROTTLES=False):
        assert spend(10, person="anna") == 0


def pace(name: str, member: str, at: float) -> int | None:
    """The pace of one moment, in ten seconds."""
    return counters.paces([counters.Moment(name, member, at, 10, 60)])[0]


def test_pace_counts_moments_and_not_arrivals() -> None:
    for n in range(20):  # written down a second apart, sent at once after a night offline
        assert pace("calm", f"vote {n}", 1000.0 + n) == min(n + 1, 10)
    for n in range(20):
        last = pace("loop", f"vote {n}", 1000.0 + n / 4)
    assert last == 20
    assert pace("loop", "vote 19", 1000.0 + 19 / 4) == 20  # the same one told twice


def test_pace_is_the_same_in_any_order() -> None:
    for n in range(20):
        last = pace("backwards", f"vote {n}", 1000.0 - n / 4)
    assert last == 20
    assert [pace("long", f"vote {n}", 5000.0 + 20 * n) for n in range(200)] == [1] * 200
    assert pace("long", "far back", 1000.0) is None


def test_place_is_that_of_the_first_time_and_ends() -> None:
    assert [counters.place("room", f"guest {n}", 1000.0 + n, seconds=60) for n in range(3)] == [1, 2, 3]
    assert counters.place("room", "guest 1", 1030.0, seconds=60) == 2
    assert counters.place("room", "guest 2", 1061.5, seconds=60) == 1


def test_the_page_about_limits_says_the_same() -> None:
    """Each row: `scope` ... | windows of a person | windows of an address |."""
    units = {"a minute": 60, "an hour": 3600, "a day": 86_400}
    told = {}
    for scope, person, address in re.findall(r"(?m)^\| `([a-z ]+)`[^|]*\|([^|]*)\|([^|]*)\|$", PAGE.read_text()):
        columns = [re.findall(r"([\d,]+) (a minute|an hour|a day)", column) for column in (person, address)]
        told[scope] = Limit(*(tuple(Window(int(n.replace(",", "")), units[unit]) for n, unit in column) for column in columns))

    assert told == throttles.LIMITS


def test_a_school_class_fits_behind_one_address() -> None:
    votes, queue = throttles.LIMITS["votes"].address[0], throttles.LIMITS["queue"].address[0]

    assert votes.seconds == queue.seconds == 60
    assert votes.limit >= 2 * 30 * 40
    assert queue.limit * 10 >= votes.limit


# --- what people and programs are told -----------------------------------------------------------


def test_api_answers_with_a_problem_document(limit: Any, transactional_db: None) -> None:
    limit("reads", Limit((), (Window(1, 60),)))
    Client().get("/api/v1/workflows/")
    answer = Client().get("/api/v1/workflows/")

    assert answer.status_code == 429
    assert answer["Content-Type"] == "application/problem+json"
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert answer.json()["retry_after"] == int(answer["Retry-After"])
    assert "nothing else was lost" in answer.json()["detail"]


def test_forwarded_for_does_not_help_without_a_proxy(limit: Any, transactional_db: None) -> None:
    limit("reads", Limit((), (Window(1, 60),)))
    first, second = (Client().get("/api/v1/workflows/", headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in (1, 2))

    assert (first.status_code, second.status_code) == (200, 429)
    with override_settings(PROXIES=1):
        answers = [Client().get("/api/v1/workflows/", headers={"X-Forwarded-For": f"6.6.6.6, 198.51.100.{n}"}) for n in (3, 4, 3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_accounts_are_told_apart_behind_one_address(limit: Any, transactional_db: None) -> None:
    limit("reads", Limit((Window(1, 60),), (Window(100, 60),)))
    pupils = [Client(), Client()]
    for pupil in pupils:
        pupil.force_login(volunteer(user=user()).user)

    assert [pupil.get("/api/v1/workflows/").status_code for pupil in pupils] == [200, 200]
    assert [pupil.get("/api/v1/workflows/").status_code for pupil in pupils] == [429, 429]


def test_page_of_a_new_visitor_says_it_in_words(limit: Any, transactional_db: None) -> None:
    limit("visitors", Limit((), (Window(1, 60),)))
    flow = workflow()
    known, late = Client(), Client()

    assert known.get(f"/classify/{flow.slug}/").status_code == 200
    answer = late.get(f"/classify/{flow.slug}/")
    assert answer.status_code == 429
    assert answer["Retry-After"]
    assert "A little slower, please" in answer.content.decode()
    assert known.get(f"/classify/{flow.slug}/").status_code == 200  # who has begun goes on

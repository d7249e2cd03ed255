"""Totals are what the rows say, whatever people, visitors, the team and the machine do, and in whatever order."""

import importlib
import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import F, Q

from classify import services
from classify.models import Classification, DailyTotal, GoldKey, HourlyTotal
from classify.services import totals
from core import identity
from core.problems import Problem
from core.redaction import Redaction
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
ACTS = ["vote"] * 12 + ["flagged vote"] * 3 + ["undo", "undo", "revise", "revise", "reveal", "sign in", "verdict", "verdict", "gold", "forget"]
DECISIONS = ["count", "leave_out", "uncount", "ask_again"]


class History:
    """Two workflows, eight subjects, six people, visitors that come and sign in, and one simulated volunteer."""

    def __init__(self, seed: int) -> None:
        self.rng, self.now = random.Random(seed), NOW - timedelta(days=40)
        self.flows = [f.workflow(count=4, policy={"min_votes": 1}), f.workflow(count=30)]
        self.shown = [f.subject(workflow=flow, cutout=f.cutout(images=False)) for flow in self.flows for _ in range(4)]
        self.people = [f.volunteer() for _ in range(5)] + [f.volunteer(kind="demo", source="demo")]
        self.visitors = [f.volunteer(kind="visitor") for _ in range(3)]
        self.cast: list[tuple[Any, Any, Any]] = []  # who, what, id
        self.done: Counter[str] = Counter()

    def act(self) -> None:
        """Do one thing; what is refused by name (too late, revealed, merged away) changes nothing."""
        self.now += timedelta(seconds=self.rng.choice([1, 3, 8, 700, 40_000]))
        kind = self.rng.choice(ACTS)
        with suppress(Problem):
            getattr(self, kind.replace(" ", "_"))()
            self.done[kind] += 1

    def vote(self, flag: str = "", revises: Any = None, shown: Any = None, who: Any = None) -> None:
        shown, who = shown or self.rng.choice(self.shown), who or self.rng.choice(self.people + self.visitors)
        flow = self.flows[self.shown.index(shown) // 4]
        took = self.rng.choice([None, 2.3, 7.77, 31.0, 5000.0])
        body = {
            "id": identity.random_uuid(), "workflow": flow.slug, "subject": shown.public_id,
            "answer": self.rng.choice(["no", "impossible"]), "marks": [],
            **({"started_at": (self.now - timedelta(seconds=took)).isoformat(), "finished_at": self.now.isoformat()} if took else {}),
            **({"revises": revises} if revises else {}),
        }  # fmt: skip
        services.record_classification(volunteer=who, body=body, now=self.now, judge=lambda _ballot: lambda _serve: flag)
        self.cast.append((who, shown, body["id"]))

    def flagged_vote(self) -> None:
        self.vote(flag="fast")

    def undo(self) -> None:
        who, _, vote = self.cast[-1]
        services.undo_classification(volunteer=who, classification_id=vote, now=self.now)

    def revise(self) -> None:
        who, shown, vote = self.rng.choice(self.cast[-6:])
        self.vote(revises=vote, shown=shown, who=who)

    def reveal(self) -> None:
        services.reveal(volunteer=self.rng.choice(self.people + self.visitors), root=self.rng.choice(self.shown), now=self.now)

    def sign_in(self) -> None:
        visitor = self.visitors.pop(0)
        self.visitors.append(f.volunteer(kind="visitor"))
        services.merge_visitor(visitor=visitor, person=self.rng.choice(self.people[:5]), now=self.now)

    def verdict(self) -> None:
        who, decision = self.rng.choice(self.people + self.visitors), self.rng.choice(DECISIONS)
        services.decide_batch(volunteer_id=who.pk, decision=decision, until=self.now, now=self.now)

    def gold(self) -> None:
        number = self.rng.randrange(8)
        services.add_gold(
            workflow=self.flows[number // 4], subject=self.shown[number], answer="no", marks=[], explanation="", source="test", now=self.now
        )

    def forget(self) -> None:
        who = self.people.pop(0)
        self.people.insert(4, f.volunteer())
        services.forget_volunteers(volunteers=[who.pk], redaction=Redaction([]))


def standing() -> Any:
    """The votes that count, found without the code under test."""
    rows = Classification.objects.filter(superseded_by=None).exclude(answer="").select_related("volunteer")
    return list(rows.exclude(~Q(flag="") & ~Q(verdict="counted")))


def true_days() -> dict[Any, list[float]]:
    gold, days = set(GoldKey.objects.values_list("workflow_id", "subject_id")), {}
    for vote in standing():
        day = days.setdefault((vote.volunteer_id, vote.workflow_id, vote.created_at.date()), [0, 0, 0.0])
        took = (vote.finished_at - vote.started_at).total_seconds() if vote.started_at else 0.0
        for i, more in enumerate([1, (vote.workflow_id, vote.subject_id) in gold, round(min(took, 600) * 8) / 8]):
            day[i] += more
    return days


def kept_days() -> dict[Any, list[float]]:
    return {(t.volunteer_id, t.workflow_id, t.day): [t.n, t.n_gold, t.seconds] for t in DailyTotal.objects.all() if t.n or t.n_gold or t.seconds}


def hours(rows: Any) -> Counter[Any]:
    return Counter({key: n for key, n in rows.items() if n})


def recount(*flags: str) -> str:
    out = StringIO()
    call_command("recount", *flags, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_long_history_the_totals_are_what_the_rows_say(seed: int) -> None:
    history = History(seed)
    history.vote()
    for _ in range(260):
        history.act()

    assert set(history.done) == set(ACTS), "every kind of act was done at least once"
    assert kept_days() == true_days()
    assert sum(day[1] for day in kept_days().values()) > 0
    assert sum(day[2] for day in kept_days().values()) > 600
    true_hours = Counter(
        (v.workflow_id, v.created_at.replace(minute=0, second=0, microsecond=0), v.volunteer_id % totals.SHARDS, v.volunteer.kind == "demo")
        for v in standing()
    )
    assert hours({(t.workflow_id, t.hour, t.shard, t.demo): t.n for t in HourlyTotal.objects.all()}) == true_hours
    assert recount() == "All totals are what the votes say.\n"


def test_recount_finds_what_somebody_changed_and_puts_it_right() -> None:
    history = History(4)
    for _ in range(60):
        history.vote() if not history.cast else history.act()
    before = kept_days()
    HourlyTotal.objects.filter(pk=HourlyTotal.objects.filter(n__gt=0).first().pk).update(n=F("n") + 3)
    day = DailyTotal.objects.filter(n__gt=0).first()
    DailyTotal.objects.filter(pk=day.pk).update(seconds=F("seconds") + 0.125)
    gone = DailyTotal.objects.filter(n__gt=0).last()
    gone.delete()
    DailyTotal.objects.create(volunteer=history.people[0], workflow=history.flows[0], day=NOW.date() + timedelta(days=400), n=1)

    out = StringIO()
    with pytest.raises(CommandError, match=r"^4 totals"):
        call_command("recount", stdout=out)
    assert len(out.getvalue().splitlines()) == 4
    assert f"{day.day} {day.workflow.slug} volunteer {day.volunteer_id}: kept {day.n} votes" in out.getvalue()
    assert kept_days() != before, "looking changes nothing"
    assert "4 totals put right" in recount("--repair")
    assert kept_days() == before
    assert recount() == "All totals are what the votes say.\n"


def test_the_migration_sums_the_votes_of_the_version_before() -> None:
    history = History(5)
    history.vote()
    for _ in range(80):
        history.act()
    DailyTotal.objects.all().delete()

    importlib.import_module("classify.migrations.0006_days_of_votes").backfill(apps, None)

    assert kept_days() == true_days() != {}


@pytest.mark.parametrize(("start", "end", "seconds"), [(0, 7.7, 7.75), (0, 86_400, 600.0), (9, 0, 0.0), (None, 3, 0.0), (3, None, 0.0)], ids=str)
def test_a_vote_takes_a_sane_time(start: float | None, end: float | None, seconds: float) -> None:
    at = [None if second is None else datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=second) for second in (start, end)]
    assert totals.seconds_of(*at) == seconds

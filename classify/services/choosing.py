"""Which subjects somebody may be asked about next: a random start on a shuffled key, without what they have done, hold, or were shown.

Flat in the number of subjects and votes: each query walks an index from a random place and stops after n rows. Only a volunteer who
has classified (nearly) everything makes it walk far; that nothing was left is then remembered for a moment.

Where a number of votes retires a subject, no more people are asked than still count: its votes and its live, unanswered leases together
stay within the limit. The rows that are chosen are locked (those that others hold are passed over), then the leases are counted again.
"""

import contextlib
import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest
from redis.exceptions import RedisError

from classify import selection
from classify.models import Classification, DailyTotal, GoldKey, Reveal, Serve, Subject, SubjectStatus, Volunteer, Workflow
from classify.services import tallies

FEWEST = 3  # so many are handed out at once however few are left
_SHARE = 4  # of what is left, one request gets at most a quarter: others want some too
_WAITED = 3  # rows that are waited for when all are held by others at this moment
_LATER = 200  # rows looked at for the time when the first of them comes free
_LONG_WALK = 5_000  # active subjects: from here on, an empty answer is remembered ...
_REMEMBER_S = 20  # ... for so long


class Candidate(NamedTuple):
    """A chosen subject, and the arm that chose it."""

    subject: Subject
    draw: selection.Draw


@dataclass(frozen=True)
class Asker:
    """Who asks for subjects, of what, and when. `held`: subjects that they have in hand besides those of their open leases."""

    volunteer: Volunteer
    workflow: Workflow
    now: datetime
    held: Collection[int] = ()

    @cached_property
    def limit(self) -> int:
        """So many votes retire a subject; 0: no number does."""
        return tallies.policy_of(tallies.current_version(self.workflow)).count

    @property
    def by_priority(self) -> bool:
        return self.workflow.order == Workflow.Order.PRIORITY


# --- who may be asked about what -----------------------------------------------------------------


def unseen(volunteer: Volunteer, workflow: Workflow) -> QuerySet[SubjectStatus]:
    """Active, ready subjects that this volunteer may still be asked about, known ones included."""
    active = SubjectStatus.objects.filter(workflow=workflow, state=SubjectStatus.State.ACTIVE, subject__ready=True)
    fresh = active.filter(~Exists(_standing(workflow).filter(subject=OuterRef("subject_id"), volunteer=volunteer)))
    if workflow.blind:
        root = Coalesce(OuterRef("subject__root_id"), OuterRef("subject_id"))
        fresh = fresh.filter(~Exists(Reveal.objects.filter(volunteer=volunteer, root=root)))
    return fresh


def open_leases(volunteer: Volunteer, workflow: Workflow, now: datetime) -> list[int]:
    """The subjects that this volunteer holds unanswered."""
    return list(_live(workflow, now).filter(volunteer=volunteer).values_list("subject_id", flat=True))


def _standing(workflow: Workflow) -> QuerySet[Classification]:
    return Classification.objects.filter(workflow=workflow, superseded_by__isnull=True, repeat=0).exclude(answer="").order_by()


def _live(workflow: Workflow, now: datetime) -> QuerySet[Serve]:
    """Leases that have not run out and that nobody has answered yet."""
    answered = _standing(workflow).filter(subject=OuterRef("subject_id"), volunteer=OuterRef("volunteer_id"))
    return Serve.objects.filter(~Exists(answered), version__workflow=workflow, lease_until__gt=now).order_by()


def _pool(asker: Asker, besides: Collection[int] = ()) -> QuerySet[SubjectStatus]:
    """What may be asked, without what is in hand. In blind workflows known subjects are no part of it: they come among the others."""
    fresh = unseen(asker.volunteer, asker.workflow).exclude(subject_id__in={*asker.held, *besides})
    return fresh.filter(~Exists(_keys(asker.workflow))) if asker.workflow.blind else fresh


def _keys(workflow: Workflow) -> QuerySet[GoldKey]:
    return GoldKey.objects.filter(workflow=workflow, subject=OuterRef("subject_id"))


# --- choosing ------------------------------------------------------------------------------------


def choose(asker: Asker, n: int, leased: Sequence[int], rng: random.Random) -> list[Candidate]:
    """Up to n subjects for somebody who holds `leased`, locked until the end of the transaction; some of them known, as the schedule says."""
    note = f"nothing-left:{asker.workflow.pk}:{asker.volunteer.pk}"
    if _remembered(note):
        return []
    fresh = _with_room(_pool(asker, leased), asker)
    n = min(n, _fair(fresh, n)) if asker.limit else n
    rows = _by_priority(fresh, asker, n, rng) if asker.by_priority else _at_random(fresh, asker, n, rng)
    if not rows and asker.limit:  # others may hold the locks just now
        rows = _rows(fresh.order_by("pk"), asker, min(n, _WAITED), wait=True)
    if not rows and not leased and _is_large(asker.workflow):
        with contextlib.suppress(RedisError):
            cache.set(note, 1, _REMEMBER_S)
    return _with_known([_candidate(row, asker) for row in _not_full(rows, asker)], asker, leased, rng)


def _remembered(note: str) -> bool:
    """The cache only saves time: without it (the broker is down) the database answers."""
    with contextlib.suppress(RedisError):
        return bool(cache.get(note))
    return False


def _is_large(workflow: Workflow) -> bool:
    active = SubjectStatus.objects.filter(workflow=workflow, state=SubjectStatus.State.ACTIVE)
    return bool(active[_LONG_WALK : _LONG_WALK + 1].exists())


def _at_random(fresh: QuerySet[SubjectStatus], asker: Asker, n: int, rng: random.Random) -> list[Any]:
    """Up to n subjects from a random start on the shuffled key, round the end."""
    start = rng.random()
    chosen = _rows(fresh.filter(shuffle__gte=start).order_by("shuffle"), asker, n)
    if len(chosen) < n:
        chosen += _rows(fresh.filter(shuffle__lt=start).order_by("shuffle"), asker, n - len(chosen))
    return chosen


def _by_priority(fresh: QuerySet[SubjectStatus], asker: Asker, n: int, rng: random.Random) -> list[Any]:
    """The most urgent subjects (equal ones in random order), but for a share f of the serves that the audit arm gets whatever its priority."""
    fraction = asker.workflow.audit_fraction
    quota = selection.audit_quota(n, fraction, rng)
    audit = _at_random(fresh.filter(lot__lt=fraction), asker, quota, rng) if quota else []
    rest = fresh.exclude(subject_id__in=[row.subject_id for row in audit]) if audit else fresh
    return audit + _rows(rest.order_by("-priority", "shuffle"), asker, n - len(audit))


def _rows(statuses: QuerySet[SubjectStatus], asker: Asker, n: int, *, wait: bool = False) -> list[Any]:
    """The first n, with whether their answer is known (the keys themselves are not read here); locked where leases are counted."""
    rows = statuses.annotate(is_gold=Exists(_keys(asker.workflow))).select_related("subject")
    if asker.limit:
        rows = rows.select_for_update(of=("self",), skip_locked=not wait, no_key=True)
    return list(rows.only("lot", "n_votes", "subject")[:n])


def _candidate(row: Any, asker: Asker) -> Candidate:
    draw = selection.arm_of(lot=row.lot, audit_fraction=asker.workflow.audit_fraction, by_priority=asker.by_priority, is_gold=row.is_gold)
    return Candidate(row.subject, draw)


# --- room: how many more people a subject takes --------------------------------------------------


def _with_room(rows: QuerySet[SubjectStatus], asker: Asker) -> QuerySet[SubjectStatus]:
    """Those that take one more person, with how many more (`room`). One that was opened again at its limit takes one at a time."""
    if not asker.limit:
        return rows
    held = _live(asker.workflow, asker.now).filter(subject=OuterRef("subject_id")).values("subject_id")
    leased = Coalesce(Subquery(held.annotate(n=Count("volunteer_id", distinct=True)).values("n")), 0)
    wanted = Greatest(Value(1), Value(asker.limit) - F("n_votes"), output_field=IntegerField())
    return rows.annotate(room=wanted - leased).filter(room__gt=0)


def _fair(fresh: Any, n: int) -> int:
    """How many of n one request may take: all but near the end, where it gets a share of the votes that are still wanted."""
    left = fresh.order_by().values_list("room", flat=True)[: _SHARE * n]
    return max(FEWEST, sum(left) // _SHARE)


def _not_full(rows: Sequence[Any], asker: Asker) -> list[Any]:
    """Those of the locked rows that still take one more, and not this volunteer already: leases may have come in before the lock."""
    if not asker.limit or not rows:
        return list(rows)
    holders: dict[int, set[int]] = defaultdict(set)
    live = _live(asker.workflow, asker.now).filter(subject_id__in=[row.subject_id for row in rows])
    for subject, volunteer in live.values_list("subject_id", "volunteer_id"):
        holders[subject].add(volunteer)
    mine = asker.volunteer.pk
    return [
        row
        for row in rows
        if mine not in holders[row.subject_id] and len(holders[row.subject_id]) < max(1, asker.limit - row.n_votes)
    ]  # fmt: skip


def free_again_at(asker: Asker) -> datetime | None:
    """When the first subject that others hold may come to this volunteer; None where they are not waiting for anybody."""
    if not asker.limit:
        return None
    others = _live(asker.workflow, asker.now).filter(subject=OuterRef("subject_id")).exclude(volunteer=asker.volunteer)
    first = others.order_by("lease_until").values("lease_until")[:1]
    rows = _pool(asker).annotate(until=Subquery(first)).filter(until__isnull=False)
    return min(rows.order_by().values_list("until", flat=True)[:_LATER], default=None)


# --- known subjects among the others -------------------------------------------------------------


def _with_known(chosen: list[Candidate], asker: Asker, leased: Sequence[int], rng: random.Random) -> list[Candidate]:
    """Put known subjects in the places of some of the chosen, as often as the schedule says for what this volunteer has seen.

    Only where there is something else to ask, so that nobody is asked known ones alone.
    """
    flow = asker.workflow
    if not (chosen and flow.blind and flow.gold_schedule):
        return chosen
    seen = DailyTotal.objects.filter(volunteer=asker.volunteer, workflow=flow).aggregate(n=Sum("n"))["n"] or 0
    places = selection.gold_places(schedule=flow.gold_schedule, seen=seen, n=len(chosen), rng=rng)
    known = _known(asker, leased, len(places)) if places else []
    for (place, chance), subject in zip(places.items(), known, strict=False):
        chosen[place] = Candidate(subject, selection.Draw("gold", chance))
    return chosen


def _known(asker: Asker, leased: Sequence[int], n: int) -> list[Subject]:
    """Up to n known subjects of the workflow's sets of gold that this volunteer has not done, drawn by lot; there are never very many."""
    in_set = Q(subject__memberships__subject_set__purpose="gold", subject__memberships__subject_set__workflows=asker.workflow)
    keys = GoldKey.objects.filter(in_set, workflow=asker.workflow, subject=OuterRef("subject_id"))
    rows = unseen(asker.volunteer, asker.workflow).filter(Exists(keys)).exclude(subject_id__in={*asker.held, *leased})
    return [row.subject for row in rows.select_related("subject").only("subject").order_by("?")[:n]]

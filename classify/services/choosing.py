"""Which subjects somebody may be asked about next, without what they have done, hold, or were shown: each place by the arm that is drawn for it.

Flat in the number of subjects and votes: each arm walks an index (`walks`) and stops after n rows.

Where a number of votes can end a subject, no more people are asked than may still count: its votes and its live, unanswered leases
together stay within that number. The rows that are chosen are locked (those that others hold are passed over), then the leases are
counted again.
"""

import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache as once
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum

from classify import selection
from classify.models import DailyTotal, GoldKey, Subject, SubjectSetMember, SubjectStatus, Volunteer, Workflow
from classify.services import open_to, tallies
from classify.services.walks import END, FAR, Walks, around, in_places, led_to, stretch
from core.prepared import Prepared

FEWEST = 3  # so many are handed out at once however few are left
_SHARE = 4  # of what is left, one request gets at most a quarter: others want some too
_WAITED = 3  # rows that are waited for when all are held by others at this moment
_LATER = 200  # leases looked at for the time when the first of them runs out
_LEAST = timedelta(seconds=15)  # nobody is told to ask for others' leases more often
_NEXT_PIECE = timedelta(seconds=2)  # until somebody who is led through a long walk asks again


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
        """With so many votes a subject may be done; 0: no number of votes ends it."""
        return selection.soonest(tallies.policy_of(tallies.current_version(self.workflow)).ends)

    @cached_property
    def mixture(self) -> list[selection.Weighted]:
        """The arms that choose, with their shares."""
        return selection.mixture_of(self.workflow.selection)


# --- who may be asked about what -----------------------------------------------------------------


def unseen(volunteer: Volunteer, workflow: Workflow) -> QuerySet[SubjectStatus]:
    """Active, ready subjects that this volunteer may still be asked about, known ones included."""
    return open_to.unseen(volunteer, workflow, blind=workflow.blind)


def open_leases(volunteer: Volunteer, workflow: Workflow, now: datetime) -> list[int]:
    """The subjects that this volunteer holds unanswered."""
    return [subject for (subject,) in _LEASES.all(workflow.pk, volunteer.pk, now)]


_LEASES = Prepared(
    lambda workflow, volunteer, now: open_to.live(workflow, now).filter(volunteer=volunteer).values_list("subject_id"), int, int, datetime
)


# --- choosing ------------------------------------------------------------------------------------


def choose(asker: Asker, n: int, leased: Sequence[int], rng: random.Random) -> list[Candidate]:
    """Up to n subjects for somebody who holds `leased`, locked until the end of the transaction; some of them known, as the schedule says."""
    if led_to(asker.volunteer, asker.workflow) == END:
        return []
    besides = {*asker.held, *leased}
    walks = Walks(volunteer=asker.volunteer, workflow=asker.workflow, now=asker.now, limit=asker.limit, rng=rng, besides=besides)
    chosen = in_places(walks, asker.mixture, n)
    chosen = chosen[: _fair(walks, [row.room or 0 for _, row in chosen], n)] if asker.limit else chosen
    rows = _locked(asker, [row.pk for _, row in chosen])
    if chosen and not rows:  # others hold the locks just now
        rows = _locked(asker, [row.pk for _, row in chosen[:_WAITED]], wait=True)
    wanted = {row.pk: row for row in _not_full(rows, asker)}
    candidates = [_candidate(wanted[row.pk], asker, arm) for arm, row in chosen if row.pk in wanted]
    return _with_known(candidates, asker, leased, rng)


def _locked(asker: Asker, chosen: Sequence[int], *, wait: bool = False) -> list[Any]:
    """The chosen rows with their subjects, those of them that nobody else holds at this moment; locked where leases are counted."""
    locks = ("wait" if wait else "skip") if asker.limit else ""
    return _chosen(len(chosen), locks).all(asker.workflow.pk, *chosen) if chosen else []


@once
def _chosen(n: int, locks: str) -> Prepared:
    def rows(workflow: int, *chosen: int) -> QuerySet[SubjectStatus]:
        found = SubjectStatus.objects.filter(pk__in=chosen, state=SubjectStatus.State.ACTIVE).order_by("pk").select_related("subject")
        found = found.annotate(is_gold=Exists(open_to.keys(workflow)))  # the keys themselves are not read here
        return found.select_for_update(of=("self",), skip_locked=locks == "skip", no_key=True) if locks else found

    return Prepared(rows, int, *[int] * n)


def _candidate(row: Any, asker: Asker, arm: str) -> Candidate:
    draw = selection.arm_of(
        lot=row.lot, audit_fraction=asker.workflow.audit_fraction, chosen_by=arm, fair=selection.is_random(asker.mixture),
        is_gold=row.is_gold,
    )  # fmt: skip
    return Candidate(row.subject, draw)


# --- room: how many more people a subject takes --------------------------------------------------


def _fair(walks: Walks, rooms: Sequence[int], n: int) -> int:
    """How many of n one request may take: all but near the end, where it gets a share of the votes that are still wanted."""
    if len(rooms) == n and sum(rooms) < _SHARE * n:
        rooms = [row.room or 0 for row in walks.look(_SHARE * n)]
    return max(FEWEST, sum(rooms) // _SHARE)


def _not_full(rows: Sequence[Any], asker: Asker) -> list[Any]:
    """Those of the locked rows that still take one more, and not this volunteer already: leases may have come in before the lock."""
    if not asker.limit or not rows:
        return list(rows)
    holders: dict[int, set[int]] = defaultdict(set)
    for subject, volunteer in _held_by(len(rows)).all(asker.workflow.pk, asker.now, *(row.subject_id for row in rows)):
        holders[subject].add(volunteer)
    mine = asker.volunteer.pk
    return [
        row
        for row in rows
        if mine not in holders[row.subject_id] and len(holders[row.subject_id]) < selection.room(asker.limit, row.n_votes)
    ]  # fmt: skip


@once
def _held_by(n: int) -> Prepared:
    return Prepared(
        lambda workflow, now, *subjects: open_to.live(workflow, now).filter(subject_id__in=subjects).values_list("subject_id", "volunteer_id"),
        int, datetime, *[int] * n,
    )  # fmt: skip


def free_again_at(asker: Asker, rng: random.Random) -> datetime | None:
    """When something may come to somebody who got nothing: the first of the subjects that others hold, or the next piece of a long walk.

    None where they are not waiting for anybody. Of very many subjects, some are looked at.
    """
    place = led_to(asker.volunteer, asker.workflow)
    if place is not None and place < END:
        return asker.now + _NEXT_PIECE
    if not asker.limit:
        return None
    others = open_to.live(asker.workflow, asker.now).filter(subject=OuterRef("subject_id")).exclude(volunteer=asker.volunteer)
    first = others.order_by("lease_until").values("lease_until")[:1]
    pool = open_to.unknown(asker.volunteer, asker.workflow, blind=asker.workflow.blind).exclude(subject_id__in=asker.held)
    rows: QuerySet[Any, Any] = pool.annotate(until=Subquery(first)).filter(until__isnull=False)
    times = (until for part in around(rows, asker.workflow, rng) for until in part.values_list("until", flat=True)[:_LATER])
    first_free = min(times, default=None)
    return max(first_free, asker.now + _LEAST) if first_free else None


# --- known subjects among the others -------------------------------------------------------------


def _with_known(chosen: list[Candidate], asker: Asker, leased: Sequence[int], rng: random.Random) -> list[Candidate]:
    """Put known subjects in the places of some of the chosen, as often as the schedule says for what this volunteer has seen.

    Only where there is something else to ask, so that nobody is asked known ones alone.
    """
    flow = asker.workflow
    if not (chosen and flow.blind and flow.gold_schedule):
        return chosen
    seen = sum(n for (n,) in _SEEN.all(asker.volunteer.pk, flow.pk))
    places = selection.gold_places(schedule=flow.gold_schedule, seen=seen, n=len(chosen), rng=rng)
    known = _known(asker, leased, len(places), rng) if places else []
    for (place, chance), subject in zip(places.items(), known, strict=False):
        chosen[place] = Candidate(subject, selection.Draw("gold", chance))
    return chosen


def _days(volunteer: int, workflow: int) -> QuerySet[Any, Any]:
    return DailyTotal.objects.filter(volunteer=volunteer, workflow=workflow).order_by().values("workflow").annotate(sum=Sum("n")).values_list("sum")


_SEEN = Prepared(_days, int, int)


def _known(asker: Asker, leased: Sequence[int], n: int, rng: random.Random) -> list[Subject]:
    """Up to n known subjects of the workflow's sets of gold that this volunteer has not done, from a random place on."""
    besides, start, found = {*asker.held, *leased}, rng.random(), list[Subject]()
    for between in ((start, END), (0.0, start)):
        if len(found) < n:
            rows = _gold(n + len(besides)).all(asker.volunteer.pk, asker.workflow.pk, *between)
            found += [row.subject for row in rows if row.subject_id not in besides]
    return found[:n]


@once
def _gold(n: int) -> Prepared:
    def rows(volunteer: int, workflow: int, low: float, high: float) -> QuerySet[GoldKey]:
        keys = GoldKey.objects.filter(workflow=workflow)
        sets = SubjectSetMember.objects.filter(subject=OuterRef("subject_id"), subject_set__purpose="gold", subject_set__workflows=workflow)
        unseen = open_to.unseen(volunteer, workflow, blind=True).filter(subject=OuterRef("subject_id"))
        return stretch(keys.filter(Exists(sets), Exists(unseen)), keys.order_by(), "shuffle", (low, high), FAR).select_related("subject")[:n]

    return Prepared(rows, int, int, float, float)

"""Walks along an index: who comes next in each arm, at a cost that does not depend on how many subjects and votes there are.

Three arms are circles: rows in the order of a random key, walked from a random start round the end. Two are lines, walked from the top.
Rows that this volunteer has done, holds or may not see are passed; so that nobody who has seen nearly everything waits for that, a
walk looks at some sixty rows each way, and one walk of a request at some hundreds more. Whoever has found nothing by then is led through the circle
piece by piece, a request each, until all of it was looked at; that nothing was left is then remembered for a moment.
"""

import contextlib
import itertools
import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache as once
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import FloatField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from redis.exceptions import RedisError

from classify import selection
from classify.models import SubjectSet, SubjectSetMember, Volunteer, Workflow
from classify.services import open_to
from core.prepared import Prepared

NEAR, FAR = 60, 500  # rows that are looked at in one direction; and where that gave too little, once in a request
ENOUGH = 3  # so many are no reason to look further
END = 2.0  # beyond every key
_REMEMBER_S = 20  # that nothing is left
_LED_S = 600  # where the next piece begins
_SIZES = (10, 30, 100, 300, 1_000)  # rows that are read at once, more where many are full: SQL is made for each


class Free(NamedTuple):
    """A status that may be asked about, its subject, and how many more people it takes (None: any number)."""

    pk: int
    subject_id: int
    room: int | None = None


class _Kind(NamedTuple):
    """What the SQL of a walk depends on, beside its values."""

    key: str  # shuffle, lot, member, priority, uncertainty
    steps: int
    size: int
    blind: bool
    limited: bool


@dataclass
class Walks:
    """The walks of one request. `limit`: with so many votes a subject may be done, 0: with none; `besides`: subjects that do not come."""

    volunteer: Volunteer
    workflow: Workflow
    now: datetime
    limit: int
    rng: random.Random
    besides: Collection[int] = ()
    taken: set[int] = field(default_factory=set)
    went_far: bool = False

    def take(self, arm: str, n: int) -> list[Free]:
        """Up to n that nobody took in this request, in the order of an arm of the mixture, or of the audit arm."""
        found = self._in(arm, n)
        self.taken.update(row.subject_id for row in found)
        return found

    def look(self, n: int) -> list[Free]:
        """Up to n near a random place, those too that were taken."""
        before, self.taken = self.taken, set()
        found = self._circle("shuffle", n, steps=4 * NEAR)
        self.taken = before
        return found

    def _in(self, arm: str, n: int) -> list[Free]:
        if arm == selection.AUDIT:
            return self._circle("lot", n, steps=NEAR, end=self.workflow.audit_fraction)
        if arm == selection.PRIORITY:
            return self._line("priority", n)
        if arm == selection.UNCERTAIN:
            return self._line("uncertainty", n)
        if arm.startswith(selection.SET):
            found = SubjectSet.objects.filter(slug=arm.removeprefix(selection.SET)).values_list("pk", flat=True).first()
            return self._of_set(n, found) if found is not None else []
        return self._at_random(n)

    # --- circles ---------------------------------------------------------------------------------

    def _at_random(self, n: int) -> list[Free]:
        place = led_to(self.volunteer, self.workflow)
        if place is not None:
            return self._piece(n, place)
        found = self._circle("shuffle", n, steps=NEAR)
        if len(found) >= min(n, ENOUGH):
            return found
        if not _beyond(FAR).all(self.workflow.pk, -1.0):
            return self._circle("shuffle", n, steps=FAR)  # that is all there is
        if self._may_go_far():
            found += [row for row in self._read("shuffle", n, FAR, self.rng.random(), END) if row not in found]
        if not found:
            self._lead_to(0.0)
        return found[:n]

    def _may_go_far(self) -> bool:
        first, self.went_far = not self.went_far, True
        return first

    def _piece(self, n: int, place: float) -> list[Free]:
        """The next piece of the circle for somebody who is led through it."""
        found = self._read("shuffle", n, FAR, place, END)
        if not found:
            self._lead_to(next((after for (after,) in _beyond(FAR).all(self.workflow.pk, place)), END))
        return found

    def _lead_to(self, place: float) -> None:
        with contextlib.suppress(RedisError):
            cache.set(_note(self.volunteer, self.workflow), place, _REMEMBER_S if place >= END else _LED_S)

    def _of_set(self, n: int, subject_set: int) -> list[Free]:
        found = self._circle("member", n, subject_set, steps=NEAR)
        return found if len(found) >= min(n, ENOUGH) or not self._may_go_far() else self._circle("member", n, subject_set, steps=FAR // 2)

    def _circle(self, key: str, n: int, *of: int, steps: int, end: float = 1.0) -> list[Free]:
        """From a random start, round the end."""
        start = self.rng.random() * end
        found = self._read(key, n, steps, *of, start, end if end < 1 else END)
        return found if len(found) == n else found + self._read(key, n - len(found), steps, *of, 0.0, start)

    # --- lines -----------------------------------------------------------------------------------

    def _line(self, key: str, n: int) -> list[Free]:
        """Largest first, equal ones in random order."""
        found = self._read(key, n, NEAR)
        return found if len(found) >= min(n, ENOUGH) or not self._may_go_far() else self._read(key, n, FAR)

    def _read(self, key: str, n: int, steps: int, *where: float) -> list[Free]:
        """The first n of a walk. What is in hand is left out here (a list of any length would be other SQL each time), and what is full."""
        unwanted, found = {*self.besides, *self.taken}, list[Free]()
        limits = (self.now, self.limit) if self.limit else ()
        for size in (size for size in _SIZES if size >= min(n + len(unwanted), _SIZES[-1])):
            kind = _Kind(key, steps, size, self.workflow.blind, bool(self.limit))
            rows = _prepared(kind).all(self.workflow.pk, self.volunteer.pk, *limits, *where)
            found = [row for row in itertools.starmap(Free, rows) if row.subject_id not in unwanted and (row.room is None or row.room > 0)]
            if len(rows) < size or len(found) >= n:
                break
        return found[:n]


@once
def _prepared(kind: _Kind) -> Prepared:
    kinds: list[type] = [int, int]
    if kind.limited:
        kinds += [datetime, int]
    if kind.key == "member":
        kinds.append(int)
    if kind.key in ("shuffle", "lot", "member"):
        kinds += [float, float]
    return Prepared(lambda *values: _rows(kind, *values), *kinds)


def _rows(kind: _Kind, workflow: int, volunteer: int, *values: Any) -> QuerySet[Any, Any]:
    """What a walk reads: (status, subject, room) in its order."""
    free, columns = open_to.unknown(volunteer, workflow, blind=kind.blind), ["pk", "subject_id"]
    if kind.limited:
        now, limit, *values = values  # type: ignore[assignment]
        free, columns = open_to.with_room(free, workflow, now, limit), [*columns, "room"]
    if kind.key in ("priority", "uncertainty"):
        rows = _from_top(free, kind, workflow)
    elif kind.key == "member":
        members = SubjectSetMember.objects.filter(subject_set=values[0]).order_by()
        rows = stretch(free, members, "subject__memberships__shuffle", values[1:], kind.steps, subject__memberships__subject_set=values[0])
    else:
        rows = stretch(free, open_to.active(workflow), kind.key, values, kind.steps)
    return rows.values_list(*columns)[: kind.size]


@once
def _beyond(steps: int) -> Prepared:
    """The key of the active row so many rows after a place, if there are so many."""

    def rows(workflow: int, place: float) -> QuerySet[Any, Any]:
        return open_to.active(workflow).filter(shuffle__gte=place).order_by("shuffle").values_list("shuffle")[steps : steps + 1]

    return Prepared(rows, int, float)


def stretch(free: QuerySet[Any, Any], passed: QuerySet[Any], key: str, between: Iterable[Any], steps: int, **of: Any) -> QuerySet[Any, Any]:
    """What is free among the first `steps` of the rows that are passed between two places, in their order."""
    low, high = between
    short = key.rpartition("__")[2]
    edge = passed.filter(**{f"{short}__gte": low, f"{short}__lt": high}).order_by(short).values(short)[steps : steps + 1]
    until = Coalesce(Subquery(edge), Value(high), output_field=FloatField())
    return free.filter(**of, **{f"{key}__gte": low, f"{key}__lt": until}).order_by(key)


def _from_top(free: QuerySet[Any, Any], kind: _Kind, workflow: int) -> QuerySet[Any, Any]:
    of: dict[str, Any] = {"priority__gt": 0} if kind.key == "priority" else {"uncertainty__isnull": False}
    order = (f"-{kind.key}", "shuffle")
    edge = open_to.active(workflow).filter(**of).order_by(*order).values(kind.key)[kind.steps : kind.steps + 1]
    least = Coalesce(Subquery(edge), Value(0.0), output_field=FloatField())
    return free.filter(**of, **{f"{kind.key}__gte": least}).order_by(*order)


def around(rows: QuerySet[Any, Any], workflow: Workflow, rng: random.Random) -> list[QuerySet[Any, Any]]:
    """Of these rows those near a random place, in two parts: to look at them, not to take them."""
    start = rng.random()
    return [stretch(rows, open_to.active(workflow), "shuffle", between, FAR) for between in ((start, END), (0.0, start))]


def led_to(volunteer: Volunteer, workflow: Workflow) -> float | None:
    """Where the next piece begins for a volunteer who found nothing; END: nothing was left a moment ago; None: start anywhere.

    The cache only saves time: without it (the broker is down) the database answers.
    """
    with contextlib.suppress(RedisError):
        place = cache.get(_note(volunteer, workflow))
        return None if place is None else float(place)
    return None


def _note(volunteer: Volunteer, workflow: Workflow) -> str:
    return f"led-to:{workflow.pk}:{volunteer.pk}"


def in_places(walks: Walks, mixture: Iterable[selection.Weighted], n: int) -> list[tuple[str, Free]]:
    """Fill n places, each from the arm that is drawn for it: (arm, row) in order.

    An arm without candidates gives its places to the others by their weights, and where none has any, to chance.
    """
    live = list(mixture)
    places = selection.draw_places(live, n=n, audit_fraction=walks.workflow.audit_fraction, rng=walks.rng)
    filled: dict[int, tuple[str, Free]] = {}
    dry: set[str] = set()
    while open_ := [place for place in range(n) if place not in filled]:
        for arm in dict.fromkeys(places[place] for place in open_):
            wanted = [place for place in open_ if places[place] == arm]
            found = walks.take(arm, len(wanted))
            filled |= {place: (arm, row) for place, row in zip(wanted, found, strict=False)}
            dry |= {arm} if len(found) < len(wanted) else set()
        live = [weighted for weighted in live if weighted.arm not in dry]
        if not live and selection.RANDOM in dry:
            break
        left = [place for place in open_ if place not in filled]
        again = selection.draw_places(live or [selection.Weighted(selection.RANDOM, 1.0)], n=len(left), audit_fraction=0.0, rng=walks.rng)
        for place, arm in zip(left, again, strict=True):
            places[place] = arm
    return [filled[place] for place in sorted(filled)]

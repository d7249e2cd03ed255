"""Walks along an index: who comes next in each arm, at a cost that does not depend on how many subjects and votes there are.

Three arms are circles: rows in the order of a random key, walked from a random start round the end. Two are lines, walked from the top.
Rows that this volunteer has done, holds or may not see are passed; so that nobody who has seen nearly everything waits for that, a
walk first looks at a few rows, then at some thousands, and then ends. Whoever has found nothing by then is led through the circle piece
by piece, a request each, until all of it was looked at; that nothing was left is then remembered for a moment.
"""

import contextlib
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import FloatField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from redis.exceptions import RedisError

from classify import selection
from classify.models import SubjectSet, SubjectSetMember, SubjectStatus, Volunteer, Workflow

NEAR, FAR = 100, 2_000  # rows that are looked at in one direction: first, and where that gave too little
ENOUGH = 3  # so many are no reason to look further
END = 2.0  # beyond every key
_REMEMBER_S = 20  # that nothing is left
_LED_S = 600  # where the next piece begins
_SET_KEY = "subject__memberships__shuffle"


class Free(NamedTuple):
    """A status that may be asked about, its subject, and how many more people it takes (None: any number)."""

    pk: int
    subject_id: int
    room: int | None


@dataclass
class Walks:
    """The walks of one request. `free`: what may be asked, as it is filtered for this volunteer; with `room` where that is limited."""

    volunteer: Volunteer
    workflow: Workflow
    free: QuerySet[SubjectStatus]
    limited: bool
    rng: random.Random
    taken: list[int] = field(default_factory=list)

    def take(self, arm: str, n: int) -> list[Free]:
        """Up to n that nobody took in this request, in the order of an arm of the mixture, or of the audit arm."""
        found = self._in(arm, n)
        self.taken += [row.pk for row in found]
        return found

    def look(self, n: int) -> list[Free]:
        """Up to n near a random place, whoever takes them."""
        return self._circle(self.free, self._active(), "shuffle", n, steps=NEAR + n)

    def _in(self, arm: str, n: int) -> list[Free]:
        free = self.free.exclude(pk__in=self.taken) if self.taken else self.free
        if arm == selection.AUDIT:
            return self._of_sample(free, n)
        if arm == selection.PRIORITY:
            return self._line(free, "priority", n, priority__gt=0)
        if arm == selection.UNCERTAIN:
            return self._line(free, "uncertainty", n, uncertainty__isnull=False)
        if arm.startswith(selection.SET):
            return self._of_set(free, arm.removeprefix(selection.SET), n)
        return self._at_random(free, n)

    def _active(self) -> QuerySet[SubjectStatus]:
        return _active(self.workflow)

    # --- circles ---------------------------------------------------------------------------------

    def _at_random(self, free: QuerySet[SubjectStatus], n: int) -> list[Free]:
        place = led_to(self.volunteer, self.workflow)
        if place is not None:
            return self._piece(free, n, place)
        found = self._wider(free, self._active(), "shuffle", n)
        if not found and self._active()[FAR : FAR + 1].exists():  # there may be more than was looked at
            self._lead_to(0.0)
        return found

    def _piece(self, free: QuerySet[SubjectStatus], n: int, place: float) -> list[Free]:
        """The next piece of the circle for somebody who is led through it."""
        steps, active = 2 * FAR, self._active()
        found = self._segment(free, active, "shuffle", (place, END), n, steps)
        if not found:
            ends = active.filter(shuffle__gte=place).order_by("shuffle").values_list("shuffle", flat=True)
            self._lead_to(next(iter(ends[steps : steps + 1]), END))
        return found

    def _lead_to(self, place: float) -> None:
        with contextlib.suppress(RedisError):
            cache.set(_note(self.volunteer, self.workflow), place, _REMEMBER_S if place >= END else _LED_S)

    def _of_sample(self, free: QuerySet[SubjectStatus], n: int) -> list[Free]:
        """Of the audit arm, in the order of the lots."""
        share = self.workflow.audit_fraction
        return self._circle(free, self._active(), "lot", n, end=share, steps=NEAR)

    def _of_set(self, free: QuerySet[SubjectStatus], slug: str, n: int) -> list[Free]:
        found = SubjectSet.objects.filter(slug=slug).values_list("pk", flat=True).first()
        if found is None:
            return []
        members = SubjectSetMember.objects.filter(subject_set=found).order_by()
        return self._wider(free, members, _SET_KEY, n, subject__memberships__subject_set=found)

    def _wider(self, free: QuerySet[SubjectStatus], passed: QuerySet[Any], key: str, n: int, **of: Any) -> list[Free]:
        found = self._circle(free, passed, key, n, steps=NEAR, **of)
        return found if len(found) >= min(n, ENOUGH) else self._circle(free, passed, key, n, steps=FAR, **of)

    def _circle(
        self, free: QuerySet[SubjectStatus], passed: QuerySet[Any], key: str, n: int, *, steps: int, end: float = 1.0, **of: Any
    ) -> list[Free]:
        """From a random start, round the end."""
        start = self.rng.random() * end
        found = self._segment(free, passed, key, (start, end if end < 1 else END), n, steps, **of)
        if len(found) < n:
            found += self._segment(free, passed, key, (0.0, start), n - len(found), steps, **of)
        return found

    def _segment(
        self, free: QuerySet[SubjectStatus], passed: QuerySet[Any], key: str, between: tuple[float, float], n: int, steps: int, **of: Any
    ) -> list[Free]:
        return self._read(_stretch(free, passed, key, between, steps, **of), n)

    # --- lines -----------------------------------------------------------------------------------

    def _line(self, free: QuerySet[SubjectStatus], key: str, n: int, **of: Any) -> list[Free]:
        """Largest first, equal ones in random order."""
        order, found = (f"-{key}", "shuffle"), list[Free]()
        for steps in (NEAR, FAR):
            edge = self._active().filter(**of).order_by(*order).values(key)[steps : steps + 1]
            least = Coalesce(Subquery(edge), Value(0.0), output_field=FloatField())
            found = self._read(free.filter(**of, **{f"{key}__gte": least}).order_by(*order), n)
            if len(found) >= min(n, ENOUGH):
                break
        return found

    def _read(self, rows: QuerySet[SubjectStatus], n: int) -> list[Free]:
        columns = ("pk", "subject_id", "room") if self.limited else ("pk", "subject_id")
        return [Free(row[0], row[1], row[2] if self.limited else None) for row in rows.values_list(*columns)[:n]]


def around(rows: QuerySet[Any, Any], workflow: Workflow, rng: random.Random) -> list[QuerySet[Any, Any]]:
    """Of these rows those near a random place, in two parts: to look at them, not to take them."""
    start = rng.random()
    return [_stretch(rows, _active(workflow), "shuffle", between, FAR) for between in ((start, END), (0.0, start))]


def _active(workflow: Workflow) -> QuerySet[SubjectStatus]:
    return SubjectStatus.objects.filter(workflow=workflow, state=SubjectStatus.State.ACTIVE).order_by()


def _stretch(
    free: QuerySet[SubjectStatus], passed: QuerySet[Any], key: str, between: tuple[float, float], steps: int, **of: Any
) -> QuerySet[SubjectStatus]:
    """What is free among the first `steps` of the rows that are passed between two places, in their order."""
    low, high = between
    short = key.rpartition("__")[2]
    edge = passed.filter(**{f"{short}__gte": low, f"{short}__lt": high}).order_by(short).values(short)[steps : steps + 1]
    until = Coalesce(Subquery(edge), Value(high), output_field=FloatField())
    return free.filter(**of, **{f"{key}__gte": low, f"{key}__lt": until}).order_by(key)


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

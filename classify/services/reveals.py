"""Who saw more of a subject than its pixels and position."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from classify.models import Reveal, Subject, Volunteer
from classify.services import people


@transaction.atomic
def reveal(*, volunteer: Volunteer, root: Subject, now: datetime) -> bool:
    """Record that everything known about a subject is being opened to this volunteer; True the first time.

    From now on their votes on it do not count in blind workflows, what they said before stays final, and they are not asked
    about it again. `root` may be a derived subject: its root is meant. The person's row is locked, as by a vote: of a vote that is
    being revised and a reveal at the same moment, one comes first.
    """
    return reveal_many(volunteer=people.lock_person(volunteer), root_ids=[root.root_id or root.pk], now=now) > 0


def reveal_many(*, volunteer: Volunteer, root_ids: Iterable[int], now: datetime) -> int:
    """The same for several roots at once; returns how many were new."""
    wanted = set(root_ids)
    new = wanted - set(Reveal.objects.filter(volunteer=volunteer, root_id__in=wanted).values_list("root_id", flat=True))
    Reveal.objects.bulk_create([Reveal(volunteer=volunteer, root_id=root_id, at=now) for root_id in sorted(new)], ignore_conflicts=True)
    return len(new)


@transaction.atomic
def reveal_shown(*, volunteer: Volunteer, root_ids: Iterable[int], now: datetime) -> int:
    """The same for what a list shows to somebody of the team, the person's row locked as by `reveal`."""
    return reveal_many(volunteer=people.lock_person(volunteer), root_ids=root_ids, now=now)

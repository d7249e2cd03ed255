from datetime import UTC, datetime, time, timedelta

from django.db import migrations
from django.db.models import Exists, Max, Min, OuterRef, Q

_LONGEST_S = 600.0


def backfill(apps, schema_editor):
    """Sum the votes that stand per volunteer, workflow and day (UTC): one pass over them, a month in memory.

    Votes that workers of the version before this one store meanwhile are missing: `manage.py recount --repair` adds them.
    """
    vote, gold, total = (apps.get_model("classify", name) for name in ("Classification", "GoldKey", "DailyTotal"))
    total.objects.all().delete()
    span = vote.objects.order_by().aggregate(low=Min("created_at"), high=Max("created_at"))
    if span["low"] is None:
        return
    known = gold.objects.filter(workflow_id=OuterRef("workflow_id"), subject_id=OuterRef("subject_id"))
    rows = vote.objects.filter(Q(flag="") | Q(verdict="counted"), superseded_by__isnull=True).exclude(answer="").order_by()
    start = datetime.combine(span["low"].astimezone(UTC).date().replace(day=1), time(), UTC)
    while start <= span["high"]:
        after = (start + timedelta(days=32)).replace(day=1)
        month = rows.filter(created_at__gte=start, created_at__lt=after).annotate(is_gold=Exists(known))
        total.objects.bulk_create(_days(month, total), batch_size=2000)
        start = after


def _days(votes, total):
    sums = {}
    columns = ("volunteer_id", "workflow_id", "created_at", "started_at", "finished_at", "is_gold")
    for who, flow, at, start, end, is_gold in votes.values_list(*columns).iterator(chunk_size=5000):
        day = sums.setdefault((who, flow, at.astimezone(UTC).date()), [0, 0, 0.0])
        seconds = (end - start).total_seconds() if start and end else 0.0
        day[0] += 1
        day[1] += bool(is_gold)
        day[2] += round(min(max(seconds, 0.0), _LONGEST_S) * 8) / 8
    return [
        total(volunteer_id=who, workflow_id=flow, day=day, n=n, n_gold=n_gold, seconds=seconds)
        for (who, flow, day), (n, n_gold, seconds) in sums.items()
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("classify", "0005_gold_guide"),
    ]

    operations = [
        migrations.RunPython(backfill, migrations.RunPython.noop),
    ]

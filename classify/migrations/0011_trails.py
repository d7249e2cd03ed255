"""Which way the trails of a consensus were found, and from which marks: so that a vote does not throw away what was found with more care."""

from typing import Any

from django.db import migrations, models
from django.db.models import Q


def note_linked(apps: Any, _editor: Any) -> None:
    """What there is was found by the rule that the vote itself follows."""
    rows = apps.get_model("classify", "Consensus").objects
    with_trails = apps.get_model("classify", "ConsensusTrail").objects.order_by().values("consensus_id")
    rows.filter(pk__in=with_trails).update(trails_by="linked", trails_of="former")  # of marks that the next vote on them, or the next run, looks up


class Migration(migrations.Migration):
    dependencies = [("classify", "0010_selection")]

    operations = [
        migrations.AddField(
            model_name="consensus",
            name="trails_by",
            field=models.CharField(
                max_length=10,
                blank=True,
                choices=[("linked", "Linked"), ("density", "Density")],
                default="",
                db_default="",
                help_text="How its trails were found: linked, by the vote at once; density, with more care later. Empty: nobody marked any.",
            ),
        ),
        migrations.AddField(
            model_name="consensus",
            name="trails_of",
            field=models.CharField(max_length=16, blank=True, default="", db_default="", help_text="Checksum of the marks and settings behind them."),
        ),
        migrations.RunPython(note_linked, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="consensus",
            index=models.Index(fields=["workflow"], condition=Q(trails_by="linked"), name="consensus_linked"),
        ),
    ]

"""An index on which somebody's history is read, page by page."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("classify", "0007_retired_subjects_by_day")]

    operations = [
        migrations.AddIndex(
            model_name="classification",
            index=models.Index(
                fields=["volunteer", "-created_at", "-id"],
                condition=Q(superseded_by__isnull=True) & ~Q(answer=""), name="vote_history",
            ),
        ),
    ]  # fmt: skip

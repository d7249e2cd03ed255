"""Labels of a run are written at once, and read by run or by subject: two small indexes beside the key, and no key looked up for each row."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("classify", "0011_trails")]

    operations = [
        migrations.RemoveIndex(model_name="aggregatedlabel", name="aggregated_label"),
        migrations.RemoveConstraint(model_name="aggregatedlabel", name="aggregated_once"),
        migrations.AlterField(
            model_name="aggregatedlabel",
            name="aggregation",
            field=models.ForeignKey("classify.Aggregation", django.db.models.deletion.CASCADE, related_name="labels", db_constraint=False),
        ),
        migrations.AlterField(
            model_name="aggregatedlabel",
            name="subject",
            field=models.ForeignKey(
                "classify.Subject", django.db.models.deletion.CASCADE, related_name="aggregated", db_index=False, db_constraint=False
            ),
        ),
        migrations.AddConstraint(
            model_name="aggregatedlabel",
            constraint=models.UniqueConstraint(fields=["subject", "aggregation"], name="aggregated_once"),
        ),
    ]

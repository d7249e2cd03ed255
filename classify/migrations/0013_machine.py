"""The detector as one more voter: what its scores tell, learnt apart, and the posterior with it beside that of people alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("classify", "0012_aggregated")]

    operations = [
        migrations.AddField(
            model_name="crowdstate",
            name="machine",
            field=models.JSONField(
                blank=True,
                default=dict,
                db_default={},
                help_text='{"model", "positive": [answers summed up to its score], "edges": [...], "vectors": [[log P(bin | truth), ...], ...]}',
            ),
        ),
        migrations.AddField(
            model_name="consensus",
            name="posterior_machine",
            field=models.JSONField(
                blank=True,
                default=dict,
                db_default={},
                help_text="{answer: chance} with the detector's score as one more vote, where the policy lets it end subjects. Never published.",
            ),
        ),
    ]

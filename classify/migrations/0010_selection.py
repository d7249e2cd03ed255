"""Which subjects people are asked about is a mixture of arms. The column of the former order stays for workers of the version before."""

import django.db.models.functions.math
from django.db import migrations, models

import classify.models.workflows


def from_order(apps, _editor):
    """What came by priority comes by priority."""
    apps.get_model("classify", "Workflow").objects.filter(order="priority").update(selection=[["priority", 1]])


class Migration(migrations.Migration):

    dependencies = [
        ('classify', '0009_crowd'),
    ]

    operations = [
        migrations.AddField(
            model_name='workflow',
            name='selection',
            field=models.JSONField(db_default=[['random', 1]], default=classify.models.workflows.default_selection, help_text='[[arm, weight], ...]: random, priority, uncertain, set:<slug>; which subjects people are asked about.'),
        ),
        migrations.RunPython(from_order, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name='workflow',
            name='order',
            field=models.CharField(choices=[('random', 'Random'), ('priority', 'Priority')], db_default='random', default='random', max_length=10),
        ),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField(model_name='workflow', name='order')]),
        migrations.AddField(
            model_name='subjectsetmember',
            name='shuffle',
            field=models.FloatField(db_default=django.db.models.functions.math.Random(), help_text='Random key for selection from the set.'),
        ),
        migrations.AddField(
            model_name='subjectstatus',
            name='uncertainty',
            field=models.FloatField(blank=True, help_text='Entropy of the posterior in nats; null: no votes, or the workflow does not ask by it.', null=True),
        ),
        migrations.AlterField(
            model_name='classification',
            name='arm',
            field=models.CharField(blank=True, choices=[('random', 'Random'), ('audit', 'Audit'), ('gold', 'Gold'), ('priority', 'Priority'), ('uncertain', 'Uncertain'), ('set', 'Set')], db_default='', default='', help_text='Of its serve; empty: it was not served.', max_length=10),
        ),
        migrations.AlterField(
            model_name='serve',
            name='arm',
            field=models.CharField(choices=[('random', 'Random'), ('audit', 'Audit'), ('gold', 'Gold'), ('priority', 'Priority'), ('uncertain', 'Uncertain'), ('set', 'Set')], max_length=10),
        ),
        migrations.AlterField(
            model_name='serve',
            name='p',
            field=models.FloatField(blank=True, help_text='Chance of a subject to be in this arm; null: chosen otherwise (in no estimator).', null=True),
        ),
        migrations.AlterField(
            model_name='subjectstatus',
            name='priority',
            field=models.FloatField(default=0.0, help_text="The detector's score; 0: no more urgent than others."),
        ),
        migrations.AddIndex(
            model_name='subjectsetmember',
            index=models.Index(fields=['subject_set', 'shuffle'], name='member_random'),
        ),
        migrations.AddIndex(
            model_name='subjectstatus',
            index=models.Index(condition=models.Q(('state', 'active'), ('uncertainty__isnull', False)), fields=['workflow', '-uncertainty', 'shuffle'], name='status_uncertain'),
        ),
        migrations.AddIndex(
            model_name='subjectstatus',
            index=models.Index(condition=models.Q(('state', 'active')), fields=['workflow', 'lot'], name='status_audit'),
        ),
    ]

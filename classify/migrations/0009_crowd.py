"""What is known of the crowd, whole aggregations of its votes, and who retired a subject."""

import django.db.models.deletion
from django.db import migrations, models


def mark_by_hand(apps, _editor):
    """Until now only the number of votes retired a subject by itself."""
    rows = apps.get_model("classify", "SubjectStatus").objects.filter(state="retired")
    rows.exclude(reason__in=["classification_count", "consensus"]).update(by_hand=True)


class Migration(migrations.Migration):

    dependencies = [
        ('classify', '0008_vote_history'),
    ]

    operations = [
        migrations.AddField(
            model_name='subjectstatus',
            name='by_hand',
            field=models.BooleanField(db_default=False, default=False, help_text='A person retired it, and votes do not open it; or opened it, and it waits for a vote.'),
        ),
        migrations.AddField(
            model_name='volunteerskill',
            name='informativeness',
            field=models.FloatField(blank=True, help_text='Nats that an answer tells of a subject of which nothing is known.', null=True),
        ),
        migrations.AlterField(
            model_name='consensus',
            name='method',
            field=models.CharField(help_text="fractions or bayes: the rule of the version that decided. People's votes only.", max_length=30),
        ),
        migrations.AlterField(
            model_name='consensus',
            name='posterior',
            field=models.JSONField(blank=True, default=dict, help_text='{answer: chance} after the last vote, from what was known of the voters.'),
        ),
        migrations.CreateModel(
            name='Aggregation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.CharField(help_text='dawid_skene', max_length=30)),
                ('settings', models.JSONField(default=dict)),
                ('n_votes', models.PositiveIntegerField()),
                ('n_subjects', models.PositiveIntegerField()),
                ('n_volunteers', models.PositiveIntegerField()),
                ('result', models.JSONField(default=dict, help_text='prior, pooled matrix, iterations, converged, log_likelihood, ...')),
                ('votes_sha256', models.CharField(help_text='Of the votes as (subject, volunteer, answer), in their stable order.', max_length=64)),
                ('labels_sha256', models.CharField(help_text='Of the labels as (subject, answer, chances at nine decimals), by subject.', max_length=64)),
                ('software', models.CharField(max_length=80)),
                ('seconds', models.FloatField()),
                ('created_at', models.DateTimeField()),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aggregations', to='classify.workflow')),
            ],
        ),
        migrations.CreateModel(
            name='AggregatedLabel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(help_text='The most probable answer.', max_length=40)),
                ('chance', models.FloatField(help_text='Its posterior.')),
                ('low', models.FloatField(help_text='Low end of the 95 % interval of that posterior.')),
                ('high', models.FloatField(help_text='High end of it.')),
                ('posterior', models.JSONField(help_text="[chance, ...] in the order of the workflow's answers.")),
                ('n_votes', models.PositiveIntegerField()),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aggregated', to='classify.subject')),
                ('aggregation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='labels', to='classify.aggregation')),
            ],
        ),
        migrations.CreateModel(
            name='CrowdState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answers', models.JSONField(help_text='Answer keys in the order of the matrices below.')),
                ('pooled', models.JSONField(help_text='[[P(answer | truth), ...], ...] of everybody together.')),
                ('prior', models.JSONField(help_text='[P(truth), ...]')),
                ('weight', models.FloatField(help_text='So many votes of the pooled crowd are added to each row of each person.')),
                ('temper', models.FloatField(help_text="Factor of each vote's log-likelihoods, since errors on hard subjects go together.")),
                ('n_votes', models.PositiveIntegerField(help_text='Votes it was learnt from.')),
                ('learnt_at', models.DateTimeField()),
                ('workflow', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='crowd', to='classify.workflow')),
            ],
        ),
        migrations.AddIndex(
            model_name='aggregation',
            index=models.Index(fields=['workflow', 'method', '-created_at'], name='aggregation_newest'),
        ),
        migrations.AddIndex(
            model_name='aggregatedlabel',
            index=models.Index(fields=['aggregation', 'label', 'chance'], name='aggregated_label'),
        ),
        migrations.AddConstraint(
            model_name='aggregatedlabel',
            constraint=models.UniqueConstraint(fields=('aggregation', 'subject'), name='aggregated_once'),
        ),
        migrations.RunPython(mark_by_hand, migrations.RunPython.noop, elidable=True),
    ]

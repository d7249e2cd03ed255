"""What the votes mean, and running totals."""

from django.db import models


class Consensus(models.Model):
    """The label of a subject in a workflow by one method, revised in the vote's own transaction."""

    class TrailsBy(models.TextChoices):
        LINKED = "linked"
        DENSITY = "density"

    workflow = models.ForeignKey("classify.Workflow", on_delete=models.CASCADE, related_name="consensus", db_index=False)
    subject = models.ForeignKey("classify.Subject", on_delete=models.CASCADE, related_name="consensus")
    method = models.CharField(max_length=30, help_text="fractions or bayes: the rule of the version that decided. People's votes only.")
    label = models.CharField(max_length=40, blank=True, help_text="Answer key; empty: no consensus.")
    settled = models.BooleanField(default=False, help_text="The subject is retired, so the label stands until votes are taken back.")
    counts = models.JSONField(default=dict)
    fractions = models.JSONField(default=dict)
    n_votes = models.PositiveIntegerField()
    n_demo = models.PositiveIntegerField(default=0, help_text="Votes of demo or imported volunteers among them; such rows stay out of exports.")
    agreement = models.FloatField(null=True, blank=True, help_text="Fraction of the votes for the most voted answer.")
    posterior = models.JSONField(default=dict, blank=True, help_text="{answer: chance} after the last vote, from what was known of the voters.")
    posterior_machine = models.JSONField(
        default=dict, db_default={}, blank=True,
        help_text="{answer: chance} with the detector's score as one more vote, where the policy lets it end subjects. Never published.",
    )  # fmt: skip
    policy = models.CharField(max_length=60, help_text="Workflow version and rule that decided.")
    last_classification = models.ForeignKey("classify.Classification", null=True, on_delete=models.SET_NULL, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    decided_at = models.DateTimeField()
    trails_by = models.CharField(
        max_length=10, choices=TrailsBy, blank=True, default="", db_default="",
        help_text="How its trails were found: linked, by the vote at once; density, with more care later. Empty: nobody marked any.",
    )  # fmt: skip
    trails_of = models.CharField(max_length=16, blank=True, default="", db_default="", help_text="Checksum of the marks and settings behind them.")

    class Meta:
        verbose_name_plural = "consensus"
        constraints = [models.UniqueConstraint(fields=["workflow", "subject", "method"], name="consensus_once_per_method")]
        indexes = [
            models.Index(fields=["workflow", "label", "settled"], name="consensus_label"),
            models.Index(fields=["workflow"], condition=models.Q(trails_by="linked"), name="consensus_linked"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.label or 'no consensus'}"


class ConsensusTrail(models.Model):
    """A clustered trail of a consensus: ends in cutout pixels, their scatter, and how many people marked it."""

    consensus = models.ForeignKey(Consensus, on_delete=models.CASCADE, related_name="trails")
    position = models.PositiveSmallIntegerField()
    frame = models.PositiveSmallIntegerField(default=0)
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    scatter_px = models.FloatField()
    n_markers = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["consensus", "position"], name="trail_once_per_position")]

    def __str__(self) -> str:
        return f"({self.x1:.0f}, {self.y1:.0f}) - ({self.x2:.0f}, {self.y2:.0f}) by {self.n_markers}"


class MachineOpinion(models.Model):
    """What a detector thinks of a subject; kept apart from the votes of people."""

    workflow = models.ForeignKey("classify.Workflow", on_delete=models.CASCADE, related_name="machine_opinions")
    subject = models.ForeignKey("classify.Subject", on_delete=models.CASCADE, related_name="machine_opinions")
    model = models.CharField(max_length=80)
    probabilities = models.JSONField(default=dict, help_text="{answer: probability}")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "subject", "model"], name="opinion_once_per_model")]

    def __str__(self) -> str:
        return f"{self.model} on {self.subject}"


class DailyTotal(models.Model):
    """Standing votes of one volunteer in one workflow on one day (UTC), and the seconds they took: nobody else's vote touches the row."""

    volunteer = models.ForeignKey("classify.Volunteer", on_delete=models.CASCADE, related_name="days", db_index=False)
    workflow = models.ForeignKey("classify.Workflow", on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    n = models.IntegerField(default=0)
    n_gold = models.IntegerField(default=0, help_text="Of these, votes on subjects with a known answer.")
    seconds = models.FloatField(default=0.0, help_text="From being shown to Done, each vote's part limited.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["volunteer", "workflow", "day"], name="day_once_per_volunteer")]
        indexes = [models.Index(fields=["day", "workflow"], name="day_workflow")]

    def __str__(self) -> str:
        return f"{self.volunteer} {self.day}: {self.n}"


class HourlyTotal(models.Model):
    """Votes per workflow and hour, in shards, summed on read, so that no single row is touched by every vote."""

    workflow = models.ForeignKey("classify.Workflow", on_delete=models.CASCADE, related_name="totals")
    hour = models.DateTimeField()
    shard = models.PositiveSmallIntegerField()
    demo = models.BooleanField(default=False)
    n = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "hour", "shard", "demo"], name="total_once_per_shard")]

    def __str__(self) -> str:
        return f"{self.workflow} {self.hour:%Y-%m-%d %H}h: {self.n}"


class CrowdState(models.Model):
    """What is known of a workflow's crowd as a whole: each vote reads it, a task learns it anew. Without one everybody counts alike."""

    workflow = models.OneToOneField("classify.Workflow", on_delete=models.CASCADE, related_name="crowd")
    answers = models.JSONField(help_text="Answer keys in the order of the matrices below.")
    pooled = models.JSONField(help_text="[[P(answer | truth), ...], ...] of everybody together.")
    prior = models.JSONField(help_text="[P(truth), ...]")
    weight = models.FloatField(help_text="So many votes of the pooled crowd are added to each row of each person.")
    temper = models.FloatField(help_text="Factor of each vote's log-likelihoods, since errors on hard subjects go together.")
    machine = models.JSONField(
        default=dict, db_default={}, blank=True,
        help_text='{"model", "positive": [answers summed up to its score], "edges": [...], "vectors": [[log P(bin | truth), ...], ...]}',
    )  # fmt: skip
    n_votes = models.PositiveIntegerField(help_text="Votes it was learnt from.")
    learnt_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"crowd of {self.workflow}"


class Aggregation(models.Model):
    """One run of a method over all votes of a workflow, with what it takes to run it again. The newest one's labels are kept."""

    workflow = models.ForeignKey("classify.Workflow", on_delete=models.CASCADE, related_name="aggregations")
    method = models.CharField(max_length=30, help_text="dawid_skene")
    settings = models.JSONField(default=dict)
    n_votes = models.PositiveIntegerField()
    n_subjects = models.PositiveIntegerField()
    n_volunteers = models.PositiveIntegerField()
    result = models.JSONField(default=dict, help_text="prior, pooled matrix, iterations, converged, log_likelihood, ...")
    votes_sha256 = models.CharField(max_length=64, help_text="Of the votes as (subject, volunteer, answer), in their stable order.")
    labels_sha256 = models.CharField(max_length=64, help_text="Of the labels as (subject, answer, chances at nine decimals), by subject.")
    software = models.CharField(max_length=80)
    seconds = models.FloatField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["workflow", "method", "-created_at"], name="aggregation_newest")]

    def __str__(self) -> str:
        return f"{self.method} of {self.workflow}, {self.created_at:%Y-%m-%d %H:%M}"


class AggregatedLabel(models.Model):
    """What one aggregation says of one subject. All rows of a run are written at once, from rows that are there: no key is looked up again."""

    aggregation = models.ForeignKey(Aggregation, on_delete=models.CASCADE, related_name="labels", db_constraint=False)
    subject = models.ForeignKey("classify.Subject", on_delete=models.CASCADE, related_name="aggregated", db_index=False, db_constraint=False)
    label = models.CharField(max_length=40, help_text="The most probable answer.")
    chance = models.FloatField(help_text="Its posterior.")
    low = models.FloatField(help_text="Low end of the 95 % interval of that posterior.")
    high = models.FloatField(help_text="High end of it.")
    posterior = models.JSONField(help_text="[chance, ...] in the order of the workflow's answers.")
    n_votes = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "aggregation"], name="aggregated_once")]

    def __str__(self) -> str:
        return f"{self.subject}: {self.label}"

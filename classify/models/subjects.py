"""Subjects: what is shown. State per (workflow, subject) lives in SubjectStatus only."""

from django.db import models
from django.db.models.functions import Random

from classify.purposes import SET_PURPOSES


class Subject(models.Model):
    """Something to look at: 0..n ordered frames. `root` is null for a root itself; Talk, tags and reveals attach to the root."""

    class Kind(models.TextChoices):
        POOL = "pool"
        FIND = "find"
        INJECTED = "injected"
        UPLOADED = "uploaded"
        IMPORTED = "imported"

    public_id = models.BigIntegerField(unique=True, help_text="Random: it betrays neither kind nor age.")
    kind = models.CharField(max_length=10, choices=Kind)
    origin = models.CharField(max_length=120, unique=True, help_text="The asker's string: cutout:41, find:77, injection:5.")
    root = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="derived")
    metadata = models.JSONField(default=dict, blank=True)
    suggestions = models.JSONField(
        default=list, blank=True, help_text='Of a find: [{"id", "klass", "score", "points": [[x, y], ...], "x1", "y1", "x2", "y2"}], cutout px.'
    )
    ready = models.BooleanField(default=False, help_text="Its pixels are verified; never served before.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"S{self.public_id}"


class SubjectFrame(models.Model):
    """One frame of a subject; frames of one visit are registered on the same sky box."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="frames")
    position = models.PositiveSmallIntegerField(default=0)
    cutout = models.ForeignKey("archive.Cutout", on_delete=models.PROTECT, related_name="subject_frames")
    to_first = models.JSONField(
        null=True, blank=True,
        help_text="[a, b, c, d, e, f]: pixel (x, y) of this frame lies at (a x + c y + e, b x + d y + f) in the first one; null: as it is.",
    )  # fmt: skip

    class Meta:
        ordering = ["subject_id", "position"]
        constraints = [models.UniqueConstraint(fields=["subject", "position"], name="frame_once_per_position")]

    def __str__(self) -> str:
        return f"{self.subject} frame {self.position}"


class SubjectSet(models.Model):
    """A named set of subjects with one purpose; `ml` reads sets by purpose."""

    class Purpose(models.TextChoices):
        SERVE = "serve"
        GOLD = "gold"
        EVALUATION = "evaluation"
        NEGATIVE = "negative"
        LABEL = "label"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=12, choices=Purpose)
    workflows = models.ManyToManyField("classify.Workflow", related_name="subject_sets", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def means(self) -> str:
        """Its purpose in plain words."""
        return str(SET_PURPOSES[self.purpose])


class SubjectSetMember(models.Model):
    """A subject in a set."""

    subject_set = models.ForeignKey(SubjectSet, on_delete=models.CASCADE, related_name="members")
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="memberships")
    shuffle = models.FloatField(db_default=Random(), help_text="Random key for selection from the set.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject_set", "subject"], name="member_once_per_set")]
        indexes = [models.Index(fields=["subject_set", "shuffle"], name="member_random")]

    def __str__(self) -> str:
        return f"{self.subject} in {self.subject_set}"


class SubjectStatus(models.Model):
    """State of a subject in a workflow: the one shared row that a vote locks."""

    class State(models.TextChoices):
        ACTIVE = "active"
        RETIRED = "retired"
        PAUSED = "paused"

    class Reason(models.TextChoices):
        CLASSIFICATION_COUNT = "classification_count"
        CONSENSUS = "consensus"
        NOTHING_HERE = "nothing_here"
        FLAGGED = "flagged"
        HUMAN = "human"
        OTHER = "other"

    workflow = models.ForeignKey("classify.Workflow", on_delete=models.CASCADE, related_name="statuses", db_index=False)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="statuses")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    n_votes = models.PositiveIntegerField(default=0, help_text="Votes that count.")
    n_demo = models.PositiveIntegerField(default=0, help_text="Of these, votes of demo or imported volunteers.")
    tally = models.JSONField(default=dict, blank=True, help_text="{answer: counted votes}")
    log_posterior = models.JSONField(default=dict, blank=True, help_text="{answer: summed log-likelihood}")
    lot = models.FloatField(help_text="Secret uniform draw in [0, 1) at pooling; lot < audit_fraction: in the audit arm.")
    shuffle = models.FloatField(help_text="Random key for selection in random order.")
    priority = models.FloatField(default=0.0, help_text="The detector's score; 0: no more urgent than others.")
    uncertainty = models.FloatField(
        null=True, blank=True, help_text="Entropy of the posterior in nats; null: no votes, or the workflow does not ask by it."
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=24, choices=Reason, blank=True)
    by_hand = models.BooleanField(
        default=False, db_default=False, help_text="A person retired it, and votes do not open it; or opened it, and it waits for a vote."
    )
    revision = models.PositiveIntegerField(default=0, help_text="Grows with each change of votes or state.")
    pooled_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "subject statuses"
        constraints = [models.UniqueConstraint(fields=["workflow", "subject"], name="status_once_per_workflow")]
        indexes = [
            models.Index(fields=["workflow", "state", "shuffle"], name="status_random"),
            models.Index(fields=["workflow", "state", "-priority", "shuffle"], name="status_priority"),
            models.Index(
                fields=["workflow", "-uncertainty", "shuffle"], condition=models.Q(state="active", uncertainty__isnull=False), name="status_uncertain"
            ),
            models.Index(fields=["workflow", "lot"], condition=models.Q(state="active"), name="status_audit"),
            models.Index(fields=["workflow", "retired_at"], condition=models.Q(retired_at__isnull=False), name="status_retired"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} in {self.workflow}: {self.state}"


class GoldKey(models.Model):
    """The known answer of a gold subject; read by one service, after the vote is stored."""

    workflow = models.ForeignKey("classify.Workflow", on_delete=models.CASCADE, related_name="gold_keys")
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="gold_keys")
    answer = models.CharField(max_length=40)
    marks = models.JSONField(default=list, blank=True, help_text='[{"x1", "y1", "x2", "y2"}], cutout px of the first frame.')
    tolerance_px = models.FloatField(default=12.0, db_default=12.0, help_text="How far from its place an end may be marked, cutout px.")
    explanation = models.TextField(blank=True, help_text="Markdown, shown after the vote.")
    explanations = models.JSONField(default=dict, blank=True, help_text="{language: the explanation in it}")
    guide = models.SlugField(blank=True, default="", db_default="", help_text="Entry of the field guide about what is to be seen.")
    source = models.CharField(max_length=60)
    shuffle = models.FloatField(db_default=Random(), help_text="Random key for selection.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "subject"], name="gold_once_per_workflow")]
        indexes = [models.Index(fields=["workflow", "shuffle"], name="gold_random")]

    def __str__(self) -> str:
        return f"gold {self.subject}"

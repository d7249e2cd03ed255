"""What was served and what people said. Classifications are append-only."""

from django.db import models
from django.db.models import Q


class Serve(models.Model):
    """One subject handed to one volunteer: which arm chose it, with what probability, and whether a suggestion was shown."""

    class Arm(models.TextChoices):
        RANDOM = "random"
        AUDIT = "audit"
        GOLD = "gold"
        PRIORITY = "priority"
        UNCERTAIN = "uncertain"
        SET = "set"

    id = models.UUIDField(primary_key=True)
    volunteer = models.ForeignKey("classify.Volunteer", on_delete=models.CASCADE, related_name="serves", db_index=False)
    subject = models.ForeignKey("classify.Subject", on_delete=models.CASCADE, related_name="serves", db_index=False)
    version = models.ForeignKey("classify.WorkflowVersion", on_delete=models.PROTECT, related_name="serves", db_index=False)
    arm = models.CharField(max_length=10, choices=Arm)
    p = models.FloatField(null=True, blank=True, help_text="Chance of a subject to be in this arm; null: chosen otherwise (in no estimator).")
    suggested = models.BooleanField(default=False, help_text="The machine's suggestion was shown.")
    p_suggested = models.FloatField(null=True, blank=True, help_text="Probability with which the suggestion was drawn.")
    model = models.CharField(max_length=80, blank=True, help_text="Detector model behind the suggestion.")
    served_at = models.DateTimeField()
    lease_until = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["volunteer", "version", "lease_until"], name="serve_lease"),
            models.Index(fields=["subject", "lease_until"], name="serve_subject_lease"),
        ]

    def __str__(self) -> str:
        return f"serve {self.id}"


class Reveal(models.Model):
    """A volunteer saw more of a root subject than pixels and position; later votes on it are not blind."""

    volunteer = models.ForeignKey("classify.Volunteer", on_delete=models.CASCADE, related_name="reveals", db_index=False)
    root = models.ForeignKey("classify.Subject", on_delete=models.CASCADE, related_name="reveals")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["volunteer", "root"], name="reveal_once")]

    def __str__(self) -> str:
        return f"{self.volunteer} saw {self.root}"


class Classification(models.Model):
    """One vote. Never changed but for the pointer to the row that supersedes it (undo, revision, merge), and the team's verdict on a
    flagged one with what follows from it (`counted`)."""

    class Superseded(models.TextChoices):
        UNDO = "undo"
        REVISION = "revision"
        MERGE = "merge"

    class Flag(models.TextChoices):
        FAST = "fast"
        SCRIPT = "script"

    class Verdict(models.TextChoices):
        COUNTED = "counted"
        LEFT_OUT = "left_out"

    id = models.UUIDField(primary_key=True, help_text="Made by the client, so that sending twice stores once.")
    workflow = models.ForeignKey("classify.Workflow", on_delete=models.PROTECT, related_name="classifications", db_index=False)
    version = models.ForeignKey("classify.WorkflowVersion", on_delete=models.PROTECT, related_name="classifications", db_index=False)
    subject = models.ForeignKey("classify.Subject", on_delete=models.PROTECT, related_name="classifications", db_index=False)
    volunteer = models.ForeignKey("classify.Volunteer", on_delete=models.PROTECT, related_name="classifications")
    serve = models.ForeignKey(Serve, null=True, blank=True, on_delete=models.SET_NULL, related_name="classifications")
    answer = models.CharField(max_length=40, blank=True, help_text="Key of the first step's answer; empty on an undo row.")
    annotations = models.JSONField(default=dict, blank=True, help_text="Later steps {step: value}; unknown tasks are kept verbatim.")
    viewer = models.JSONField(default=dict, blank=True, help_text="How the image was shown: zoom, invert, width of the window.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_index=True)
    blind = models.BooleanField(default=True, help_text="Set by the server: nothing of the subject had been revealed before.")
    arm = models.CharField(
        max_length=10, choices=Serve.Arm, blank=True, default="", db_default="", help_text="Of its serve; empty: it was not served."
    )
    p = models.FloatField(null=True, blank=True, help_text="Chance of a subject to be in that arm; null: in no estimator.")
    late = models.BooleanField(default=False, help_text="Older version, retired subject or expired lease when it came.")
    counted = models.BooleanField(default=True, help_text="Entered the tally.")
    # With a default in the database too: the workers of the version before this one insert votes while the site is upgraded.
    flag = models.CharField(
        max_length=8, choices=Flag, blank=True, default="", db_default="", help_text="Why it stays out of the tally until somebody looks."
    )
    verdict = models.CharField(
        max_length=10, choices=Verdict, blank=True, default="", db_default="", help_text="What the team decided about a flagged vote."
    )
    log_likelihood = models.JSONField(default=dict, blank=True, help_text="The vector it added, so that taking it back is exact.")
    repeat = models.PositiveSmallIntegerField(default=0, help_text="Imported repeats of one person keep a number; votes cast here have 0.")
    superseded_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes")
    superseded_reason = models.CharField(max_length=10, choices=Superseded, blank=True)
    source = models.CharField(max_length=60, blank=True)
    external_id = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workflow", "subject", "volunteer", "repeat"],
                condition=Q(superseded_by__isnull=True) & ~Q(answer=""),
                name="vote_once_per_subject",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "workflow"], name="vote_subject"),
            models.Index(fields=["volunteer"], condition=~Q(flag="") & Q(verdict=""), name="vote_flagged"),
            models.Index(fields=["volunteer", "-created_at", "-id"], condition=Q(superseded_by__isnull=True) & ~Q(answer=""), name="vote_history"),
        ]
        permissions = [("export_labels", "Can export labels and votes"), ("review_votes", "Can decide about flagged votes")]

    def __str__(self) -> str:
        return f"{self.answer or 'undo'} on {self.subject_id}"

    @property
    def left_out(self) -> bool:
        """It was flagged, and nobody has said that it counts."""
        return bool(self.flag) and self.verdict != self.Verdict.COUNTED


class Mark(models.Model):
    """A line drawn by a volunteer: both ends of a trail, in cutout pixels (0-based pixel centres, row 0 on top)."""

    classification = models.ForeignKey(Classification, on_delete=models.CASCADE, related_name="marks", db_index=False)
    step = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    frame = models.PositiveSmallIntegerField(default=0)
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    suggestion = models.CharField(max_length=40, blank=True, help_text="Id of the machine's trail that was kept, if this is one.")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["classification", "step", "position"], name="mark_once_per_position")]

    def __str__(self) -> str:
        return f"({self.x1:.0f}, {self.y1:.0f}) - ({self.x2:.0f}, {self.y2:.0f})"

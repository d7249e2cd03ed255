"""Rows of the plumbing: long work with its progress, and who changed what."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Job(models.Model):
    """The one progress row of a piece of long work; every room shows its work by it."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    OPEN = (State.QUEUED, State.RUNNING)

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, help_text="What the work is about; one open job per kind and key.")
    title = models.CharField(max_length=200)
    task = models.CharField(max_length=80, blank=True, help_text="Celery task that carries the work on, called with the job's id.")
    queue = models.CharField(max_length=20, default="default")
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    phase = models.CharField(max_length=80, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    rate = models.FloatField(null=True, blank=True, help_text="Units per second, smoothed.")
    params = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    attempt = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    cancel_asked = models.BooleanField(default=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], condition=Q(state__in=["queued", "running"]), name="job_one_open_per_key"),
        ]
        indexes = [models.Index(fields=["state", "heartbeat"], name="job_state_heartbeat")]
        permissions = [("view_dashboard", "Can see the dashboard of the team"), ("operate", "Can try failed work again")]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def percent(self) -> int | None:
        return None if not self.total else min(100, int(100 * self.done / self.total))

    @property
    def seconds_left(self) -> int | None:
        if not (self.is_open and self.total and self.rate):
            return None
        return int(max(0, self.total - self.done) / self.rate)


class AuditEntry(models.Model):
    """Who changed what, when and why. Rows are only added."""

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"


class AddressSalt(models.Model):
    """The day's random salt for hashing network addresses. Rows expire, and with a row the last way back to an address."""

    day = models.DateField(unique=True)
    value = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"salt of {self.day}"


class Heartbeat(models.Model):
    """When a queue was last served: a beat task on each queue writes it, so that silent workers are seen."""

    queue = models.CharField(max_length=20, unique=True)
    worker = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ["queue"]

    def __str__(self) -> str:
        return f"{self.queue} served by {self.worker}"

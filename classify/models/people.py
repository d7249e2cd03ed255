"""Volunteers: everything people do points here, never to an account."""

from django.conf import settings
from django.db import models


class Volunteer(models.Model):
    """One person (or visitor, simulated person, imported person) who classifies. Its public id is random and for ever."""

    class Kind(models.TextChoices):
        PERSON = "person"
        VISITOR = "visitor"
        DEMO = "demo"
        IMPORTED = "imported"

    DELETED = "deleted"  # the source of the one under whom stands what is left of people

    public_id = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="volunteer")
    credit_name = models.CharField(max_length=120, blank=True, help_text="Name in publications; empty = not named (opt-in).")
    preferences = models.JSONField(
        default=dict, db_default={}, blank=True, help_text='{"viewer": how images are shown, "tutorials": {workflow: version}}'
    )
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    source = models.CharField(max_length=60, blank=True, help_text="Where an imported volunteer comes from.")
    external_id = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], condition=~models.Q(external_id=""), name="volunteer_once_per_external_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def is_nobody(self) -> bool:
        """Whether comments of people who deleted their accounts stand under this one."""
        return self.source == self.DELETED


class VolunteerSkill(models.Model):
    """How well a volunteer sees, in one workflow: counts of (truth, answer), learnt from known answers and from what others said.

    A task writes it anew from all votes; between two runs, votes on known answers add to it.
    """

    workflow = models.ForeignKey("classify.Workflow", on_delete=models.CASCADE, related_name="skills")
    volunteer = models.ForeignKey(Volunteer, on_delete=models.CASCADE, related_name="skills")
    confusion = models.JSONField(default=dict, help_text="{truth: {answer: weight}}")
    n_gold = models.PositiveIntegerField(default=0)
    n_gold_right = models.PositiveIntegerField(default=0)
    informativeness = models.FloatField(null=True, blank=True, help_text="Nats that an answer tells of a subject of which nothing is known.")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "volunteer"], name="skill_once_per_workflow")]

    def __str__(self) -> str:
        return f"skill of {self.volunteer} in {self.workflow}"

"""Workflows and their immutable versions: what is asked, in which steps, and what retires a subject."""

from django.db import models


def default_gold_schedule() -> list[list[float | None]]:
    """Often at first, then ever less: what SpaceWarps and other projects found to keep people trained."""
    return [[20, 0.4], [40, 0.3], [60, 0.2], [None, 0.1]]


def default_selection() -> list[list[str | float]]:
    """Subjects come at random."""
    return [["random", 1]]


class Workflow(models.Model):
    """A question put to volunteers. What it asks is in its current version."""

    class Purpose(models.TextChoices):
        """What the software itself looks for in a workflow; at most one has each. Most workflows have none."""

        TRAINING = "training"
        SEARCH = "search"
        REVIEW = "review"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    summary = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    live = models.BooleanField(default=True, help_text="Off: a draft that only the team sees.")
    blind = models.BooleanField(default=True, help_text="Votes of people who saw what others said do not count.")
    selection = models.JSONField(
        default=default_selection, db_default=default_selection(),
        help_text="[[arm, weight], ...]: random, priority, uncertain, set:<slug>; which subjects people are asked about.",
    )  # fmt: skip
    purpose = models.CharField(
        max_length=10, choices=Purpose, blank=True, default="", db_default="",
        help_text="training: for newcomers; search: its finds stand on the home page; review: a machine's finds are put into it.",
    )  # fmt: skip
    teaches = models.CharField(
        max_length=40, blank=True, default="", db_default="",
        help_text="What its positive answers tell the detector: asteroid, satellite; empty: nothing.",
    )  # fmt: skip
    takes_cutouts = models.BooleanField(default=False, help_text="New cutouts of the archive are pooled into it.")
    audit_fraction = models.FloatField(default=0.05, help_text="Fixed fraction of subjects drawn at pooling for unbiased estimates.")
    suggest_fraction = models.FloatField(default=0.8, help_text="Share of serves that show the machine's suggestion where there is one.")
    lease_minutes = models.PositiveSmallIntegerField(default=10)
    pack_size = models.PositiveSmallIntegerField(default=30, db_default=30, help_text="Subjects in a pack that is taken along offline.")
    pack_hours = models.PositiveSmallIntegerField(default=24, db_default=24, help_text="For so long a pack is leased.")
    gold_schedule = models.JSONField(
        default=default_gold_schedule, db_default=[], blank=True,
        help_text="[[seen, chance], ...]: the chance of a known subject for whoever has seen fewer than `seen`; null: from there on.",
    )  # fmt: skip
    undo_seconds = models.PositiveSmallIntegerField(default=10)
    current_version = models.ForeignKey("classify.WorkflowVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(condition=models.Q(audit_fraction__range=(0, 1)), name="audit_fraction_is_a_share"),
            models.CheckConstraint(condition=models.Q(suggest_fraction__range=(0, 1)), name="suggest_fraction_is_a_share"),
            models.UniqueConstraint(fields=["purpose"], condition=~models.Q(purpose=""), name="workflow_once_per_purpose"),
        ]

    def __str__(self) -> str:
        return self.name


class WorkflowVersion(models.Model):
    """An immutable version (major.minor). Questions and answer keys cannot change once a vote exists, so versions pool.

    `steps`: {"first": "T0", "steps": {"T0": {"type": "single", "question": str, "answers": [{"key", "label", "next"}]},
    "T1": {"type": "segment", "instruction": str, "max": int, "next"}}}. Optional: "help" (Markdown) of a step; shown where nothing is
    suggested, "blind_question" beside "question", "blind_instruction" beside "instruction". Steps may lead back (one more trail?):
    a later question is then asked again after each mark, until as many are drawn as the drawing steps allow together.
    `policy`: how votes become a label, see `classify.crowd.consensus.Policy`.
    """

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="versions")
    major = models.PositiveIntegerField()
    minor = models.PositiveIntegerField()
    steps = models.JSONField()
    policy = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["workflow_id", "major", "minor"]
        constraints = [models.UniqueConstraint(fields=["workflow", "major", "minor"], name="version_once_per_workflow")]

    def __str__(self) -> str:
        return f"{self.workflow} {self.label}"

    @property
    def label(self) -> str:
        return f"{self.major}.{self.minor}"

    @property
    def question(self) -> str:
        """The first step's question, the one that the first answer is about."""
        return str(self.steps["steps"][self.steps["first"]]["question"])

    @property
    def answers(self) -> list[dict[str, str]]:
        """The 2-8 answers of the first step, each with key and label."""
        return list(self.steps["steps"][self.steps["first"]]["answers"])


class WorkflowDraft(models.Model):
    """What the team is writing in the lab, before it is published as a version. At most one per workflow."""

    workflow = models.OneToOneField(Workflow, on_delete=models.CASCADE, related_name="draft")
    steps = models.JSONField(default=dict)
    policy = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft of {self.workflow}"


class Tutorial(models.Model):
    """Pages shown to a newcomer of a workflow, in Markdown."""

    workflow = models.OneToOneField(Workflow, on_delete=models.CASCADE, related_name="tutorial")
    pages = models.JSONField(default=list, help_text='[{"title": str, "body": Markdown, "image": storage key or ""}]')
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"tutorial of {self.workflow}"


class FieldGuide(models.Model):
    """One entry of the field guide: a thing that is seen in images, and how to tell it."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=80)
    body = models.TextField(help_text="Markdown.")
    image_key = models.CharField(max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.title


class WorkflowText(models.Model):
    """The words of a workflow in another language. What is missing here shows in the language it was written in."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    name = models.CharField(max_length=80, blank=True)
    summary = models.CharField(max_length=300, blank=True)
    steps = models.JSONField(
        default=dict, blank=True, help_text='{step: {"question", "instruction", "blind_question", "blind_instruction", "answers": {key: label}}}'
    )
    tutorial = models.JSONField(default=list, blank=True, help_text='[{"title", "body"}] in the order of the tutorial\'s pages')

    class Meta:
        ordering = ["workflow_id", "language"]
        constraints = [models.UniqueConstraint(fields=["workflow", "language"], name="workflow_text_once_per_language")]

    def __str__(self) -> str:
        return f"{self.workflow} ({self.language})"


class FieldGuideText(models.Model):
    """An entry of the field guide in another language."""

    entry = models.ForeignKey(FieldGuide, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=80)
    body = models.TextField(help_text="Markdown.")

    class Meta:
        ordering = ["entry_id", "language"]
        constraints = [models.UniqueConstraint(fields=["entry", "language"], name="guide_text_once_per_language")]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class Picture(models.Model):
    """A picture that the team uploaded for a tutorial or the field guide; both name it by its key."""

    image_key = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True, help_text="The file it came from.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name or self.image_key

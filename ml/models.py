"""Training sets, models, runs, detections. Provenance: Detection -> DetectorModel -> TrainingSet hash -> consensus rows."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class TrainingSet(models.Model):
    """Labels frozen at one moment: the rows are a file in the storage, named by its hash. Same hash, no new run."""

    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the rows and the recipe.")
    recipe = models.JSONField(help_text="What was taken, split and mixed how, with which seed.")
    counts = models.JSONField(help_text="{origin of label: {label: rows}} and rows per split.")
    n_rows = models.PositiveIntegerField()
    manifest_key = models.CharField(max_length=120, help_text="JSON Lines in the storage, one labelled cutout a line.")
    code_version = models.CharField(max_length=60)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"training set {self.hash[:10]} ({self.n_rows} cutouts)"


class DetectorModel(models.Model):
    """A trained detector with its card. Exactly one is live; going live is a Promotion."""

    class State(models.TextChoices):
        CANDIDATE = "candidate"
        LIVE = "live"
        RETIRED = "retired"
        REJECTED = "rejected"

    name = models.CharField(max_length=80, unique=True, help_text="trailnet-<number>-<first characters of the weights' hash>")
    training_set = models.ForeignKey(
        TrainingSet, null=True, blank=True, on_delete=models.PROTECT, related_name="models", help_text="Null: brought in with its card."
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    state = models.CharField(max_length=10, choices=State, default=State.CANDIDATE)
    weights_key = models.CharField(max_length=120, help_text="safetensors in the storage.")
    weights_sha256 = models.CharField(max_length=64)
    card = models.JSONField(help_text="Data hash, code version, seed, configuration, metrics, thresholds, torch version.")
    metrics = models.JSONField(default=dict, help_text="On the held-out split by exposure.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["state"], condition=Q(state="live"), name="model_one_live")]
        permissions = [("train", "Can launch training and scans"), ("promote", "Can put a model live or roll it back")]

    def __str__(self) -> str:
        return self.name


class Promotion(models.Model):
    """A model went live: by bootstrap (the first of an empty registry), by a person's click, or by rolling back."""

    class Reason(models.TextChoices):
        BOOTSTRAP = "bootstrap"
        CLICK = "click"
        ROLLBACK = "rollback"

    model = models.ForeignKey(DetectorModel, on_delete=models.PROTECT, related_name="promotions")
    previous = models.ForeignKey(DetectorModel, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.model} live by {self.reason}"


class Run(models.Model):
    """One training or scan; its progress is the job's."""

    class Kind(models.TextChoices):
        TRAIN = "train"
        SCAN = "scan"

    kind = models.CharField(max_length=6, choices=Kind)
    job = models.OneToOneField("core.Job", on_delete=models.PROTECT, related_name="ml_run")
    training_set = models.ForeignKey(TrainingSet, null=True, blank=True, on_delete=models.PROTECT, related_name="runs")
    model = models.ForeignKey(DetectorModel, null=True, blank=True, on_delete=models.PROTECT, related_name="runs")
    config = models.JSONField(default=dict)
    history = models.JSONField(default=list, blank=True, help_text="[[step, loss], ...], thinned.")
    checkpoint_key = models.CharField(max_length=120, blank=True, help_text="Newest checkpoint in the storage, for resuming anywhere.")
    checkpoint_step = models.PositiveIntegerField(default=0, help_text="Where that checkpoint stands.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Shard(models.Model):
    """A slice of a scan: cutouts with first_id <= id <= last_id. Claimed with a lease, so that a killed worker's share comes back."""

    class State(models.TextChoices):
        NEW = "new"
        WORKING = "working"
        DONE = "done"
        FAILED = "failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="shards")
    index = models.PositiveIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    n_cutouts = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    claimed_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    n_detections = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["run_id", "index"]
        constraints = [models.UniqueConstraint(fields=["run", "index"], name="shard_once_per_run")]

    def __str__(self) -> str:
        return f"{self.run} shard {self.index}"


class Find(models.Model):
    """One thing found on one cutout, whatever models found it: detections of the same place share it, people review it once."""

    cutout = models.ForeignKey("archive.Cutout", on_delete=models.CASCADE, related_name="finds")
    klass = models.CharField(max_length=20)
    score = models.FloatField(help_text="Of the newest live model that found it; orders the review.")
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    points = models.JSONField(help_text="[[x, y], ...], cutout px.")
    asked = models.BooleanField(default=False, help_text="A review subject with origin find:<id> has been offered.")
    known = models.BooleanField(default=False, help_text="People had already marked and agreed on a trail here: not asked again.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-score", "id"]
        indexes = [models.Index(fields=["asked", "-score"], name="find_asked")]

    def __str__(self) -> str:
        return f"find {self.pk}: {self.klass} {self.score:.2f}"


class Detection(models.Model):
    """What one model found on one cutout: ends, polyline, class, calibrated score; cutout pixels."""

    cutout = models.ForeignKey("archive.Cutout", on_delete=models.CASCADE, related_name="detections")
    model = models.ForeignKey(DetectorModel, on_delete=models.PROTECT, related_name="detections")
    find = models.ForeignKey(Find, null=True, blank=True, on_delete=models.SET_NULL, related_name="detections")
    geometry = models.CharField(max_length=40, help_text="Class and ends in whole pixels: the same trail twice is one row.")
    klass = models.CharField(max_length=20)
    score = models.FloatField()
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    points = models.JSONField()
    width_px = models.FloatField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-score", "id"]
        constraints = [models.UniqueConstraint(fields=["cutout", "model", "geometry"], name="detection_once_per_place")]
        indexes = [models.Index(fields=["model", "-score"], name="detection_best")]

    def __str__(self) -> str:
        return f"{self.klass} {self.score:.2f} on {self.cutout_id}"


class Scanned(models.Model):
    """This model has looked at this cutout: what is not here is new to the next scan."""

    cutout = models.ForeignKey("archive.Cutout", on_delete=models.CASCADE, related_name="scans")
    model = models.ForeignKey(DetectorModel, on_delete=models.CASCADE, related_name="scans")
    n_detections = models.PositiveSmallIntegerField(default=0)
    score = models.FloatField(default=0.0, help_text="Best score of a detection; 0: nothing found.")
    told = models.BooleanField(default=False, help_text="The opinion was handed to the subject of this cutout.")
    error = models.CharField(max_length=300, blank=True, help_text="Why the pixels could not be searched.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "cutout"], name="scanned_once")]
        indexes = [models.Index(fields=["told", "model"], name="scanned_told")]

    def __str__(self) -> str:
        return f"{self.model_id} scanned {self.cutout_id}"

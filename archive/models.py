"""Exposures, their planes (chips), and the cutouts made of them."""

from django.db import models
from django.db.models import Q


class Exposure(models.Model):
    """One delivered product of one observation. A re-delivery is a new row that supersedes the old one."""

    class Kind(models.TextChoices):
        SINGLE = "single"
        COMPOSITE = "composite"

    class State(models.TextChoices):
        NEW = "new"
        CUTTING = "cutting"
        CUT = "cut"
        FAILED = "failed"

    survey = models.CharField(max_length=20, help_text="hst, sim (the simulator), image (a picture without sky coordinates), upload, ...")
    observation_id = models.CharField(max_length=80, help_text="Name of the observation in its archive, e.g. jbt1a3010.")
    product = models.CharField(max_length=20, help_text="Kind of file: drc, drz, flc, flt, image, ...")
    supersedes = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by")
    superseded_at = models.DateTimeField(null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    members = models.JSONField(default=list, blank=True, help_text="Observation ids of the exposures in a composite.")
    visit = models.CharField(max_length=40, blank=True, db_index=True)
    instrument = models.CharField(max_length=20, blank=True)
    detector = models.CharField(max_length=20, blank=True)
    filter = models.CharField(max_length=40, blank=True, help_text="The one resolved filter.")
    filters_raw = models.JSONField(default=dict, blank=True)
    start = models.DateTimeField(null=True, blank=True, help_text="Shutter open, UTC.")
    end = models.DateTimeField(null=True, blank=True, help_text="Shutter close, UTC.")
    start_mjd = models.FloatField(null=True, blank=True, help_text="Shutter open, MJD UTC.")
    end_mjd = models.FloatField(null=True, blank=True, help_text="Shutter close, MJD UTC.")
    exposure_time_s = models.FloatField(null=True, blank=True)
    ra_deg = models.FloatField(null=True, blank=True, help_text="Pointing, ICRS.")
    dec_deg = models.FloatField(null=True, blank=True, help_text="Pointing, ICRS.")
    pixel_scale_arcsec = models.FloatField(null=True, blank=True)
    photflam = models.FloatField(null=True, blank=True)
    photplam = models.FloatField(null=True, blank=True)
    zero_point_ab_mag = models.FloatField(null=True, blank=True)
    bunit = models.CharField(max_length=40, blank=True)
    target_name = models.CharField(max_length=80, blank=True)
    proposal_id = models.CharField(max_length=20, blank=True)
    credit = models.CharField(max_length=200)
    licence = models.CharField(max_length=80, blank=True)
    simulated = models.BooleanField(default=False)
    warnings = models.JSONField(default=list, blank=True)
    headers = models.JSONField(default=list, help_text="All cards of all header units: [[[keyword, value, comment], ...], ...].")
    orbit = models.JSONField(default=dict, blank=True, help_text="Position of the telescope, from the _spt file where there is one.")
    wcs_key = models.CharField(max_length=120, blank=True, help_text="Pixel-free FITS of headers and lookup tables, in the storage.")
    source = models.CharField(max_length=1000, help_text="Where the original lies (a path on the ingesting machine).")
    source_mtime_ns = models.BigIntegerField(null=True, blank=True, help_text="When the original was last changed, as its file system says.")
    store_key = models.CharField(max_length=200, blank=True, help_text="The original under its checksum in the storage, if it was copied.")
    checksum = models.CharField(max_length=64, db_index=True, help_text="SHA-256 of the original file.")
    size_bytes = models.BigIntegerField()
    native = models.BooleanField(default=False, help_text="Cut unbinned, into many tiles at the pixels' own scale.")
    state = models.CharField(max_length=10, choices=State, default=State.NEW, db_index=True)
    error = models.TextField(blank=True)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="How often a worker began to cut it.")
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "observation_id", "product"], condition=Q(superseded_at__isnull=True), name="exposure_one_current"
            ),
            models.UniqueConstraint(fields=["survey", "observation_id", "product", "checksum"], name="exposure_once_per_checksum"),
        ]
        permissions = [("ingest", "Can bring exposures in")]

    def __str__(self) -> str:
        return f"{self.observation_id} ({self.product})" if self.product else self.observation_id


class Plane(models.Model):
    """One science extension (chip) of an exposure."""

    exposure = models.ForeignKey(Exposure, on_delete=models.CASCADE, related_name="planes")
    index = models.PositiveSmallIntegerField(help_text="Number of the header unit in the file.")
    name = models.CharField(max_length=20)
    width = models.PositiveIntegerField(help_text="px")
    height = models.PositiveIntegerField(help_text="px")
    has_wcs = models.BooleanField(default=False)
    pixel_scale_arcsec = models.FloatField(null=True, blank=True)
    ra_deg = models.FloatField(null=True, blank=True, help_text="Centre, ICRS.")
    dec_deg = models.FloatField(null=True, blank=True, help_text="Centre, ICRS.")
    footprint = models.JSONField(null=True, blank=True, help_text="Four corners [[ra, dec], ...], degrees ICRS.")

    class Meta:
        ordering = ["exposure_id", "index"]
        constraints = [models.UniqueConstraint(fields=["exposure", "index"], name="plane_once_per_exposure")]

    def __str__(self) -> str:
        return f"{self.exposure} {self.name}"


class Cutout(models.Model):
    """A box of a plane, binned, as people and the detector see it. The 16-bit image is made by a task of its own."""

    class State(models.TextChoices):
        NEW = "new"
        WORKING = "working"
        READY = "ready"
        FAILED = "failed"

    plane = models.ForeignKey(Plane, on_delete=models.CASCADE, related_name="cutouts")
    x0 = models.IntegerField(help_text="First column of the box in plane pixels.")
    y0 = models.IntegerField(help_text="First row of the box in plane pixels.")
    box_width = models.PositiveIntegerField(help_text="Plane pixels.")
    box_height = models.PositiveIntegerField(help_text="Plane pixels.")
    bin = models.PositiveSmallIntegerField(default=1)
    width = models.PositiveIntegerField(help_text="Cutout pixels.")
    height = models.PositiveIntegerField(help_text="Cutout pixels.")
    pixel_scale_arcsec = models.FloatField(null=True, blank=True, help_text="Per cutout pixel.")
    ra_deg = models.FloatField(null=True, blank=True, help_text="Centre, ICRS.")
    dec_deg = models.FloatField(null=True, blank=True, help_text="Centre, ICRS.")
    footprint = models.JSONField(null=True, blank=True, help_text="Four corners [[ra, dec], ...], degrees ICRS.")
    sky_level = models.FloatField(null=True, blank=True, help_text="Units of the exposure's pixels.")
    sky_sigma = models.FloatField(null=True, blank=True, help_text="Units of the exposure's pixels.")
    valid_fraction = models.FloatField(null=True, blank=True)
    stretch = models.JSONField(default=dict, blank=True, help_text="Version and levels of the preview's stretch.")
    preview_key = models.CharField(max_length=120, blank=True)
    thumbnail_key = models.CharField(max_length=120, blank=True, help_text="The preview again, about 340 px wide, for lists.")
    pixels_key = models.CharField(max_length=120, blank=True)
    pixels_state = models.CharField(max_length=10, choices=State, default=State.NEW)
    pixels_claimed_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["plane", "x0", "y0", "box_width", "box_height", "bin"], name="cutout_once_per_box"),
        ]
        indexes = [models.Index(fields=["pixels_state", "id"], name="cutout_pixels_state")]

    def __str__(self) -> str:
        return f"cutout {self.pk} of {self.plane}"


class IngestRecord(models.Model):
    """What became of one file that was offered: one row per path, overwritten when the same path is offered again."""

    class Outcome(models.TextChoices):
        ADDED = "added"
        SKIPPED = "skipped"
        SIDECAR = "sidecar"
        REFUSED = "refused"

    path = models.CharField(max_length=1000, unique=True)
    checksum = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, db_index=True)
    reason = models.TextField(blank=True)
    exposure = models.ForeignKey(Exposure, null=True, blank=True, on_delete=models.SET_NULL, related_name="records")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.path}: {self.outcome}"

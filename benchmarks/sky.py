"""Simulated exposures as cutouts in the archive, for the benchmarks of the detector. Import inside `temporary_site` only."""

import io
import tempfile
from pathlib import Path

from django.utils import timezone
from PIL import Image

from archive.models import Cutout, Exposure, Plane
from archive.pixels import to_png
from core import files
from ml import labels
from ml.detector.samples import Sample
from ml.detector.simulated import simulated_samples
from ml.models import TrainingSet
from sky import stretch

UNIT_SKY = stretch.Sky(0.0, 1.0)  # samples come in sky sigmas already


def samples(n_exposures: int) -> list[tuple[Sample, bytes]]:
    """Simulate exposures of 2,100 px; return their cutouts of about 1,024 px with the 16-bit PNG of each."""
    with tempfile.TemporaryDirectory() as folder:
        made = simulated_samples(n_exposures, Path(folder))
        return [(sample, to_png(stretch.encode_u16(sample.image(), UNIT_SKY))) for sample in made]


def store(number: int, png: bytes) -> Cutout:
    """Store one cutout, as an exposure of its own."""
    with Image.open(io.BytesIO(png)) as picture:
        width, height = picture.size
    now = timezone.now()
    exposure = Exposure.objects.create(
        survey="sim", observation_id=f"bench{number:05d}", product="drc", kind="single", credit="simulated", source="", checksum=f"{number:064x}",
        size_bytes=0, state="cut", simulated=True, created_at=now,
    )  # fmt: skip
    plane = Plane.objects.create(exposure=exposure, index=1, name="SCI,1", width=width, height=height)
    return Cutout.objects.create(
        plane=plane, x0=0, y0=0, box_width=width, box_height=height, width=width, height=height, preview_key="none", created_at=now,
        pixels_key=files.put(png, files.new_key("png")), pixels_state=Cutout.State.READY,
    )  # fmt: skip


def stored_set(n_exposures: int) -> TrainingSet:
    """Freeze the cutouts of some simulated exposures with their true trails, split by exposure."""
    rows = []
    for number, (sample, png) in enumerate(samples(n_exposures)):
        cutout = store(number, png)
        trails = tuple(labels.FactTrail(t.klass, tuple((float(x), float(y)) for x, y in t.points)) for t in sample.trails)
        says = "yes" if trails else "no"
        row = labels.merge([labels.Fact(cutout.pk, cutout.plane.exposure_id, "classify", says, sample.asked, f"truth {cutout.pk}", trails)])
        assert row is not None
        rows.append({**row, "split": {0: "test", 1: "val"}.get(number // 4, "train")})
    how = labels.recipe(seed=1, include_demo=False)
    return TrainingSet.objects.create(
        hash=labels.set_hash(rows, how), recipe=how, counts=labels.counts(rows), n_rows=len(rows), code_version="benchmark",
        manifest_key=files.put(labels.manifest(rows), files.new_key("jsonl", prefix="ml")), created_at=timezone.now(),
    )  # fmt: skip

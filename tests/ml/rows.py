"""Rows of the room for tests: frozen sets, models with real weights, detections."""

import json
from datetime import timedelta
from functools import lru_cache
from typing import Any

import torch
from safetensors.torch import save

from archive.models import Cutout
from core import files
from ml import labels
from ml.detector.calibrate import Calibration
from ml.detector.config import DetectorConfig
from ml.detector.net import TrailNet
from ml.detector.predict import CARD_FORMAT
from ml.models import Detection, DetectorModel, Run, TrainingSet
from ml.services import geometry, open_training, register_model
from tests import factories
from tests.factories import NOW

TINY = DetectorConfig(
    widths=(4, 4, 4, 4), depth=(1, 1, 1), line_length=5, steps=3, batch=2, crop=32, images_per_step=2, warmup_steps=1, tile=256, tile_overlap=32
)  # fmt: skip
LINE = ((20.0, 30.0), (100.0, 60.0))


def fact(cutout: Cutout, says: str = "no", *, source: str = "classify", trails: tuple[Any, ...] = (), **fields: Any) -> labels.Fact:
    """One decision of people about a cutout."""
    defaults: dict[str, Any] = {"asked": ("asteroid",), "origin": f"{source} cutout:{cutout.pk} revision 1"}
    drawn = tuple(labels.FactTrail("asteroid", line) for line in trails)
    return labels.Fact(cutout.pk, cutout.plane.exposure_id, source, says, trails=drawn, **{**defaults, **fields})  # type: ignore[arg-type]


def frozen_set(*, yes: int = 4, no: int = 4, width: int = 64) -> TrainingSet:
    """A stored set over real small images, every exposure in the training split but one."""
    rows = []
    for number in range(yes + no):
        shown = factories.cutout(width=width, height=width)
        line = ((10.0, 10.0), (50.0, 40.0))
        row = labels.merge([fact(shown, "yes" if number < yes else "no", trails=(line,) if number < yes else ())])
        assert row is not None
        row["split"] = {0: "test", yes: "val"}.get(number, "train")
        rows.append(row)
    how = labels.recipe(seed=1, include_demo=False)
    return TrainingSet.objects.create(
        hash=labels.set_hash(rows, how), recipe=how, counts=labels.counts(rows), n_rows=len(rows), code_version="test", created_at=NOW,
        manifest_key=files.put(labels.manifest(rows), files.new_key("jsonl", prefix="ml")),
    )  # fmt: skip


def training_run(*, steps: int = 3, config: dict[str, Any] | None = None, **fields: Any) -> Run:
    """An open training of a tiny network on a frozen set."""
    return open_training(training_set=frozen_set(**fields), config=run_config(steps=steps, **(config or {})), now=NOW)


def run_config(*, steps: int = 3, **fields: Any) -> dict[str, Any]:
    """What a run is to do: few steps on a network so small that a step takes milliseconds."""
    small = {**{name: value for name, value in TINY.to_json().items() if name not in {"steps", "seed"}}, "checkpoint_every_s": 0.5}
    return {"seed": 1, "steps": steps, "detector": small, **fields}


@lru_cache
def _untrained(seed: int) -> bytes:
    torch.manual_seed(seed)
    return bytes(save({name: tensor.contiguous() for name, tensor in TrailNet(TINY).state_dict().items()}))


def card(seed: int = 1, **fields: Any) -> tuple[bytes, dict[str, Any]]:
    """Weights of an untrained tiny network, and their card."""
    import hashlib

    weights = _untrained(seed)
    return weights, {
        "format": CARD_FORMAT, "weights_sha256": hashlib.sha256(weights).hexdigest(), "config": json.loads(json.dumps(TINY.to_json())),
        "calibration": Calibration().to_json(), "threshold": 0.5, "metrics": {"asteroid": {"ap": 0.5, "precision": 0.6, "recall": 0.7, "curve": []}},
        "seed": seed, **fields,
    }  # fmt: skip


def model(seed: int = 1, **fields: Any) -> DetectorModel:
    """A registered model that loads; the first one goes live."""
    weights, made = card(seed, **fields)
    training_set = TrainingSet.objects.first() or frozen_set(yes=1, no=1)
    return register_model(training_set=training_set, weights=weights, card=made, now=NOW + timedelta(seconds=seed))


def detection(cutout: Cutout, by: DetectorModel, *, line: Any = LINE, score: float = 0.9, klass: str = "asteroid") -> Detection:
    """What a model found on a cutout."""
    (x1, y1), (x2, y2) = line[0], line[-1]
    return Detection.objects.create(
        cutout=cutout, model=by, geometry=geometry(klass, x1, y1, x2, y2), klass=klass, score=score, x1=x1, y1=y1, x2=x2, y2=y2,
        points=[list(p) for p in line], width_px=2.0, created_at=NOW,
    )  # fmt: skip

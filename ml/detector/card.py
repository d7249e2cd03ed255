"""The card of a model: plain JSON that says what it is, where it came from and how good it is; needed to load it."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from ml.detector import samples as data
from ml.detector.calibrate import Calibration
from ml.detector.checkpoint import State
from ml.detector.config import DetectorConfig
from ml.detector.net import count_parameters
from ml.detector.predict import CARD_FORMAT, code_version
from ml.detector.samples import Sample


def make(
    config: DetectorConfig,
    samples: Sequence[Sample],
    calibration: Calibration,
    threshold: float,
    metrics: Mapping[str, Any],
    weights_sha256: str,
    state: State,
) -> dict[str, Any]:
    """Return the model's card, plain JSON: all that is needed to load it and to judge where it came from."""
    return {
        "format": CARD_FORMAT,
        "weights_sha256": weights_sha256,
        "config": config.to_json(),
        "calibration": calibration.to_json(),
        "threshold": threshold,
        "metrics": dict(metrics),
        "data_sha256": data.fingerprint(samples),
        "samples": {f"{split} {label}": n for (split, label), n in _counts(samples).items()},
        "code": code_version(),
        "seed": config.seed,
        "steps": state.step,
        "final_loss": state.loss,
        "parameters": count_parameters(state.net),
        "torch": torch.__version__,
    }


def _counts(samples: Sequence[Sample]) -> dict[tuple[str, str], int]:
    counted: dict[tuple[str, str], int] = {}
    for s in samples:
        counted[s.split, s.label] = counted.get((s.split, s.label), 0) + 1
    return dict(sorted(counted.items()))

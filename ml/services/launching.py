"""Opens trainings and scans: by a person's click, or by itself when something is due."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from core.models import Job
from ml import intake
from ml.labels import TooFewLabels
from ml.models import Promotion, Run
from ml.selectors import live_model
from ml.services.runs import SCAN, NothingNew, NothingToScan, open_scan, open_training, unscanned
from ml.services.trainingsets import freeze_training_set

QUIET_S = 30  # the first model waits until votes and images have stopped pouring in for so long ...
PLENTY = 200  # ... or until there are so many labels that waiting brings little
AFTER_FAILURE = timedelta(minutes=10)
DEFAULT_SEED = 1


def start_training(*, actor: Any, now: datetime, steps: int = 0, seed: int = DEFAULT_SEED) -> Run:
    """Freeze the labels of this moment and open a run on them; the caller enqueues it.

    Raises TooFewLabels or NothingNew, whose messages are for people.
    """
    chosen = freeze_training_set(now=now, actor=actor, seed=seed, include_demo=settings.DEMO)
    return open_training(training_set=chosen, config=training_config(seed=seed, steps=steps), now=now, actor=actor)


def bootstrap(*, now: datetime) -> Run | None:
    """Open the first training of an empty registry as soon as there are enough labels; None when it is not the time."""
    if not settings.ML_BOOTSTRAP or Promotion.objects.exists() or Run.objects.filter(kind=Run.Kind.TRAIN).exists():
        return None
    if not intake.settled_enough(now=now, quiet_s=QUIET_S, plenty=PLENTY):
        return None
    try:
        return start_training(actor=None, now=now)
    except (TooFewLabels, NothingNew):
        return None


def training_config(*, seed: int, steps: int = 0) -> dict[str, int]:
    """Return a run's configuration; `steps` 0 means the setting's, and that 0 the recipe's own."""
    return {"seed": seed, "steps": steps or settings.ML_STEPS}


def scan_new_cutouts(*, now: datetime) -> Run | None:
    """Open a scan when the live model has cutouts to search; None when it has not, or when its last scan failed a moment ago."""
    model = live_model()
    if model is None or not unscanned(model).exists():
        return None
    last = Job.objects.filter(kind=SCAN, key=model.name).order_by("-id").first()
    if last and (last.is_open or (last.finished_at and last.state != Job.State.DONE and last.finished_at > now - AFTER_FAILURE)):
        return None
    try:
        return open_scan(model=model, now=now)
    except NothingToScan:
        return None

"""Labels frozen for a training: rows in the storage, named by their hash."""

import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from core import files
from ml import intake
from ml.labels import build_rows, check_enough, counts, manifest, recipe, set_hash
from ml.models import TrainingSet
from ml.provenance import code_version


def freeze_training_set(*, now: datetime, actor: Any, seed: int, include_demo: bool) -> TrainingSet:
    """Freeze what people have decided until now. The same labels and recipe give the same row.

    Reads consensus, review outcomes and sets by purpose; writes one file. Raises TooFewLabels.
    """
    barred_cutouts, barred_exposures = intake.barred()
    rows, conflicts = build_rows(intake.facts(now=now, include_demo=include_demo), barred_cutouts=barred_cutouts, barred_exposures=barred_exposures)
    check_enough(rows)
    how = recipe(seed=seed, include_demo=include_demo)
    digest = set_hash(rows, how)
    existing = TrainingSet.objects.filter(hash=digest).first()
    if existing:
        return existing
    key = files.put(manifest(rows), files.new_key("jsonl", prefix="ml"))
    try:
        with transaction.atomic():
            return TrainingSet.objects.create(
                hash=digest,
                recipe=how,
                counts={**counts(rows), "conflicts_left_out": conflicts},
                n_rows=len(rows),
                manifest_key=key,
                code_version=code_version(),
                actor=actor if getattr(actor, "pk", None) else None,
                created_at=now,
            )
    except IntegrityError:  # somebody froze the same labels at the same moment
        files.delete(key)
        return TrainingSet.objects.get(hash=digest)


def read_rows(training_set: TrainingSet) -> list[dict[str, Any]]:
    """Return the rows of a set; raises ValueError when the stored file is not the one that was hashed."""
    rows = [json.loads(line) for line in files.get(training_set.manifest_key).decode().splitlines()]
    if set_hash(rows, training_set.recipe) != training_set.hash:
        raise ValueError(f"The stored rows of {training_set} are not those that were frozen: their hash differs.")
    return rows

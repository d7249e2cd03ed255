"""Writes of the room, by noun."""

from ml.services.finds import ask_finds, geometry, link_finds, link_rest, suggestion, tell_opinions, threshold_of
from ml.services.launching import DEFAULT_SEED, bootstrap, scan_new_cutouts, start_training
from ml.services.registry import NotPossible, promote, register_model, roll_back
from ml.services.runs import (
    NothingNew,
    NothingToScan,
    check_may_train,
    claim_shard,
    cutouts_done,
    finish_shard,
    open_scan,
    open_training,
    release_shard,
    renew_shard,
    shard_cutouts,
    shards_open,
    unscanned,
)
from ml.services.trainingsets import freeze_training_set, read_rows

__all__ = [
    "DEFAULT_SEED",
    "NotPossible",
    "NothingNew",
    "NothingToScan",
    "ask_finds",
    "bootstrap",
    "check_may_train",
    "claim_shard",
    "cutouts_done",
    "finish_shard",
    "freeze_training_set",
    "geometry",
    "link_finds",
    "link_rest",
    "open_scan",
    "open_training",
    "promote",
    "read_rows",
    "register_model",
    "release_shard",
    "renew_shard",
    "roll_back",
    "scan_new_cutouts",
    "shard_cutouts",
    "shards_open",
    "start_training",
    "suggestion",
    "tell_opinions",
    "threshold_of",
    "unscanned",
]

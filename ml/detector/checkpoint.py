"""Where training stands, on disk: written in one atomic step, so that kill -9 costs at most the time since the last one."""

import io
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ml.detector.net import TrailNet
from ml.detector.predict import write_atomically

NAME = "checkpoint.pt"
FORMAT = 1


class CheckpointMismatch(Exception):
    """The folder holds the checkpoint of another run, or a damaged one; the message says what to do."""


@dataclass
class State:
    """All that changes while training."""

    net: TrailNet
    averaged: TrailNet  # exponential moving average of the weights: what is kept in the end
    optimiser: torch.optim.AdamW
    step: int = 0  # steps done
    loss: float = float("nan")  # smoothed


def save(state: State, folder: Path, fingerprint: str) -> None:
    """Replace the checkpoint in a folder."""
    buffer = io.BytesIO()
    content = {
        "format": FORMAT,
        "fingerprint": fingerprint,
        "step": state.step,
        "loss": state.loss,
        "net": state.net.state_dict(),
        "averaged": state.averaged.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "rng": torch.get_rng_state(),
    }
    torch.save(content, buffer)
    write_atomically(folder / NAME, buffer.getvalue())


def load(state: State, folder: Path, fingerprint: str) -> bool:
    """Bring `state` to where the checkpoint stands; False when there is none, CheckpointMismatch if it is another's."""
    path = folder / NAME
    if not path.exists():
        return False
    stored = _read(path)
    if stored.get("format") != FORMAT or stored.get("fingerprint") != fingerprint:
        raise CheckpointMismatch(f"{path} belongs to a run with another recipe or other samples: choose an empty folder, or delete it.")
    state.net.load_state_dict(stored["net"])
    state.averaged.load_state_dict(stored["averaged"])
    state.optimiser.load_state_dict(stored["optimiser"])
    state.step, state.loss = int(stored["step"]), float(stored["loss"])
    torch.set_rng_state(stored["rng"])
    return True


def _read(path: Path) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, KeyError, pickle.UnpicklingError) as error:
        raise CheckpointMismatch(f"{path} is damaged: delete it to start again.") from error
    return stored

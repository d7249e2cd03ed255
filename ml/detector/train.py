"""The trainer: knows nothing of Django; it reports by a callback and stops when told. Read `fit` first.

Try it: `python -m ml.detector.train --simulated 40 --out /tmp/first-model`.
"""

import argparse
import copy
import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from ml.detector import card, checkpoint, losses
from ml.detector import samples as data
from ml.detector.baseline import line_finder
from ml.detector.calibrate import Calibration, calibrate
from ml.detector.checkpoint import CheckpointMismatch, State
from ml.detector.config import DetectorConfig
from ml.detector.crops import CropSampler
from ml.detector.evaluate import evaluate, judgeable, measures, search, summary
from ml.detector.net import TrailNet
from ml.detector.predict import Detector, choose_device, code_version, save_weights, write_atomically
from ml.detector.samples import Sample
from ml.detector.simulated import as_marked, simulated_samples

WEIGHTS_NAME, CARD_NAME = "weights.safetensors", "card.json"
REPORT_EVERY_STEPS = 5
FALLBACK_THRESHOLD = 0.5  # of a calibrated score: rather right than wrong
ENOUGH_TRAILS = 20  # on the validation split, to trust its best threshold
TEST_SKY_SEED = 5
MOST_JUDGED = 400  # cutouts per split; more sharpen the figures little and cost time


@dataclass(frozen=True)
class Progress:
    """Where a run stands. `phase` is train, calibrate, evaluate or done; step and total count within it."""

    step: int
    total: int
    loss: float | None
    phase: str
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class FitResult:
    """A finished run: the two files of a model, and what the card says."""

    weights: Path
    card_path: Path
    card: dict[str, Any]
    metrics: dict[str, Any]


class Stopped(Exception):
    """The run was told to stop; its checkpoint is written, and the same call goes on from there."""


class Diverged(Exception):
    """The loss is no longer a number; a smaller learning rate or better data are needed."""


def fit(
    config: DetectorConfig,
    samples: Sequence[Sample],
    out: Path,
    *,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
    fresh: bool = False,
) -> FitResult:
    """Train a detector and write weights and card into `out`, going on from a checkpoint found there.

    Raises NothingToLearn, CheckpointMismatch (`fresh=True` starts again instead), Stopped, Diverged.
    """
    out.mkdir(parents=True, exist_ok=True)
    prepare_torch(config)
    fingerprint = hashlib.sha256(f"{config.fingerprint()} {data.fingerprint(samples)} {code_version()}".encode()).hexdigest()
    sampler = CropSampler(config, samples)
    state = new_state(config)
    try:
        checkpoint.load(state, out, fingerprint)
    except CheckpointMismatch:
        if not fresh:
            raise
        state = new_state(config)
    run_steps(config, sampler, state, on_progress, _Keeper(state, out, fingerprint, config.checkpoint_every_s, should_stop))
    return _finish(config, samples, state, out, on_progress, should_stop)


def prepare_torch(config: DetectorConfig) -> None:
    """Set threads, seed and determinism of this process."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    # Some CUDA kernels have no deterministic twin: there it is a wish, on the CPU a rule.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a net for bugs; a sixth of the time
    torch.use_deterministic_algorithms(True, warn_only=choose_device(config.device).type != "cpu")


def new_state(config: DetectorConfig) -> State:
    """Return an untrained network with its optimiser, on the device."""
    device = choose_device(config.device)
    net = TrailNet(config).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(net.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    return State(net, copy.deepcopy(net).requires_grad_(False), optimiser)


class _Keeper:
    """Writes the checkpoint every so often, and when the run is told to stop."""

    def __init__(self, state: State, out: Path, fingerprint: str, every_s: float, should_stop: Callable[[], bool]) -> None:
        self._state, self._out, self._fingerprint, self._every_s = state, out, fingerprint, every_s
        self._should_stop = should_stop
        self._saved = time.monotonic()

    def after_step(self, *, last: bool) -> None:
        stop = self._should_stop()
        if stop or last or time.monotonic() - self._saved >= self._every_s:
            checkpoint.save(self._state, self._out, self._fingerprint)
            self._saved = time.monotonic()
        if stop:
            raise Stopped(f"Stopped after step {self._state.step}.")


def run_steps(config: DetectorConfig, sampler: CropSampler, state: State, on_progress: Callable[[Progress], None], keeper: _Keeper) -> None:
    """Do the optimiser steps that are left."""
    state.net.train()
    while state.step < config.steps:
        loss = one_step(config, sampler, state)
        state.loss = loss if math.isnan(state.loss) else 0.95 * state.loss + 0.05 * loss
        state.step += 1
        if state.step % REPORT_EVERY_STEPS == 0 or state.step in (1, config.steps):
            on_progress(Progress(state.step, config.steps, state.loss, "train"))
        keeper.after_step(last=state.step == config.steps)


def one_step(config: DetectorConfig, sampler: CropSampler, state: State) -> float:
    """Learn from one batch and return its loss."""
    for group in state.optimiser.param_groups:
        group["lr"] = config.learning_rate * schedule(config, state.step)
    batch = sampler.batch(state.step)
    device = next(state.net.parameters()).device
    image, ridge, weight, orientation, asked = (t.to(device) for t in batch)
    loss = losses.trail_loss(state.net(image), ridge, weight, orientation, asked, config)
    value = float(loss.detach())
    if not math.isfinite(value):
        raise Diverged(f"The loss became {value} at step {state.step + 1}.")
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(state.net.parameters(), 5.0)
    state.optimiser.step()
    _average(state, min(config.ema_decay, (1 + state.step) / (10 + state.step)))
    return value


def schedule(config: DetectorConfig, step: int) -> float:
    """Return the share (0-1) of the learning rate for a step: a linear rise, then a cosine to nothing."""
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    done = (step - config.warmup_steps) / max(config.steps - config.warmup_steps, 1)
    return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def _average(state: State, decay: float) -> None:
    with torch.no_grad():
        new = state.net.state_dict()
        for name, kept in state.averaged.state_dict().items():
            if kept.dtype.is_floating_point:
                kept.lerp_(new[name], 1 - decay)
            else:
                kept.copy_(new[name])


def _finish(
    config: DetectorConfig,
    samples: Sequence[Sample],
    state: State,
    out: Path,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
) -> FitResult:
    """Calibrate on the validation split, measure on the test split, write the files."""
    val, test = ([s for s in samples if s.split == name] for name in ("val", "test"))

    def reporter(phase: str, total: int) -> Callable[[int], None]:
        def between(done: int) -> None:
            if should_stop():
                raise Stopped(f"Stopped in phase {phase}.")
            on_progress(Progress(done, total, state.loss, phase))

        return between

    val, test = val[:MOST_JUDGED], test[:MOST_JUDGED]
    calibration, threshold = tune(Detector(state.averaged, config, Calibration()), val, reporter("calibrate", len(val)))
    detector = Detector(state.averaged, config, calibration, threshold=threshold)
    metrics = evaluate(detector, test, baseline=line_finder, between=reporter("evaluate", len(test)))
    sha = save_weights(state.averaged, out / WEIGHTS_NAME)
    described = card.make(config, samples, calibration, threshold, metrics, sha, state)
    write_atomically(out / CARD_NAME, json.dumps(described, indent=1).encode())
    on_progress(Progress(config.steps, config.steps, state.loss, "done", summary(metrics, config.classes[0])))
    return FitResult(out / WEIGHTS_NAME, out / CARD_NAME, described, metrics)


def tune(detector: Detector, val: Sequence[Sample], between: Callable[[int], None]) -> tuple[Calibration, float]:
    """Return the calibration and the score of the best F1 on the validation split (the fallback with too few trails)."""
    klass = detector.config.classes[0]
    found = list(search(detector, judgeable(val, klass), between))
    judged = [(s, s.judge([(c.probability, c.klass, c.points) for c in s.candidates], klass)) for s in found]
    checked = [
        (candidate, j.trail is not None)
        for s, result in judged
        for candidate, j in zip(sorted((c for c in s.candidates if c.klass == klass), key=lambda c: -c.probability), result.judged, strict=True)
    ]
    calibration = calibrate([c for c, _ in checked], [right for _, right in checked])
    scored = [s.judge([(calibration.score(c), c.klass, c.points) for c in s.candidates], klass) for s in found]
    enough = sum(len(r.contrasts) for r in scored) >= ENOUGH_TRAILS
    return calibration, float(measures(scored)["threshold"]) if enough else FALLBACK_THRESHOLD


def main(arguments: Sequence[str] | None = None) -> None:
    """Train on simulated frames from the command line and print how it goes."""
    a = _parser().parse_args(arguments)
    extra = {"steps": a.steps} if a.steps else {}
    config = DetectorConfig(seed=a.seed, device=a.device, threads=a.threads, **extra)
    samples = as_marked(simulated_samples(a.simulated, a.out / "frames", said=_say))
    result = fit(config, samples, a.out, on_progress=_print, fresh=a.fresh)
    _say(f"on its own test split: {json.dumps(_plain(result.metrics), indent=1)}")
    if a.test:
        other_sky = simulated_samples(a.test, a.out / "test-frames", seed=TEST_SKY_SEED, said=_say)
        started = time.process_time()
        report = evaluate(Detector.load(result.weights, result.card, threads=a.threads, device=a.device), other_sky, baseline=line_finder)
        _say(f"on another sky, with the whole truth: {json.dumps(_plain(report), indent=1)}")
        _say(f"{(time.process_time() - started) / len(other_sky):.2f} CPU seconds a cutout, the baseline included")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml.detector.train", description="Train a trail detector on simulated exposures.")
    parser.add_argument("--simulated", type=int, default=40, metavar="N", help="exposures to learn from, labelled with two marked ends")
    parser.add_argument("--test", type=int, default=0, metavar="N", help="exposures of another sky to measure it on afterwards")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint, weights and card")
    parser.add_argument("--steps", type=int, help="optimiser steps instead of the recipe's")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--fresh", action="store_true", help="start again where the folder holds another run")
    return parser


def _plain(report: Mapping[str, Any]) -> dict[str, Any]:
    return {klass: {name: value for name, value in mine.items() if name != "curve"} for klass, mine in report.items()}


def _say(line: str) -> None:
    print(line, flush=True)


def _print(p: Progress) -> None:
    print(f"{p.phase} {p.step}/{p.total}" + (f" loss {p.loss:.3f}" if p.loss is not None else "") + f" {dict(p.metrics) or ''}", flush=True)


if __name__ == "__main__":
    main()

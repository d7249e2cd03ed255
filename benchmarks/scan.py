"""Scanning: cutouts per second from the stored 16-bit image to detection rows, on 1 and 2 processes, with the limits beside it.

    python -m benchmarks.scan                      64 cutouts of about 1,024 px
    python -m benchmarks.scan --cutouts 200 --markdown

Each process is one worker with one thread, as in a real installation, and does what the task ml.scan does: claim a shard, decode the
PNG, run the network, decode trails, store. Models are loaded before the clock starts. `decode alone` and `network alone` are one
process on the same cutouts in the same run; the network's weights are untrained (speed does not depend on them), so few trails come out.
"""

import argparse
import multiprocessing
import os
import time
from typing import Any

from benchmarks.common import Lap, Table, machine, ratio, temporary_site, timed

PART = 16  # cutouts on which the parts are timed


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cutouts", type=int, default=64, help="number of cutouts")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    with temporary_site(HUNTER_ML_SHARD_CUTOUTS="8"):
        table = measure(arguments.cutouts)
    print(machine("torch", "numpy"))
    table.show(markdown=arguments.markdown)


def measure(n: int) -> Table:
    """Scan all cutouts with one worker, then with two, then time the parts."""
    ids = _store(n)
    parts = _parts(ids[:PART])
    table = Table(f"Scan of {n} cutouts of about 1,024 px", ["what", "cutouts/s", "CPU ms per cutout", "CPU against network alone"])
    network = parts["network alone"].cpu_s / PART
    for workers in (1, 2):
        lap = _scan(_model(workers), workers)
        table.add(f"scan, {workers} process{'es' if workers > 1 else ''}", n / lap.wall_s, 1000 * lap.cpu_s / n, ratio(lap.cpu_s / n, network))
    for name, lap in parts.items():
        table.add(f"{name}, 1 process", PART / lap.wall_s, 1000 * lap.cpu_s / PART, ratio(lap.cpu_s / PART, network))
    return table


def _store(n: int) -> list[int]:
    from benchmarks.sky import samples, store

    made = samples(3)
    return [store(number, made[number % len(made)][1]).pk for number in range(n)]


def _model(seed: int) -> Any:
    """Register an untrained network under today's recipe: as fast as a trained one."""
    import hashlib

    import torch
    from django.utils import timezone
    from safetensors.torch import save

    from ml import services
    from ml.detector.calibrate import Calibration
    from ml.detector.config import DetectorConfig
    from ml.detector.net import TrailNet
    from ml.detector.predict import CARD_FORMAT

    torch.manual_seed(seed)
    config = DetectorConfig()
    weights = save({name: tensor.contiguous() for name, tensor in TrailNet(config).state_dict().items()})
    sha256 = hashlib.sha256(weights).hexdigest()
    card = {
        "format": CARD_FORMAT, "weights_sha256": sha256, "config": config.to_json(), "calibration": Calibration().to_json(), "threshold": 0.5,
    }  # fmt: skip
    return services.register_model(training_set=None, weights=weights, card=card, now=timezone.now())


def _parts(ids: list[int]) -> dict[str, Lap]:
    """Time decoding alone, the network's forward pass alone, and network and trail finding, on the same cutouts."""
    from archive import selectors as archive
    from ml.jobs.scanning import load_detector

    detector = load_detector(_model(9))
    with timed() as decoded:
        images = [archive.pixels_in_sigma(pk) for pk in ids]
    detector.probabilities(images[0])
    with timed() as network:
        for image in images:
            detector.probabilities(image)
    with timed() as found:
        for image in images:
            detector.find(image)
    return {"decode alone": decoded, "network alone": network, "network and trails": found}


def _scan(model: Any, workers: int) -> Lap:
    """Open a scan and let worker processes carry it out; time from the start signal to the end of the last, CPU of all together."""
    from django.db import connections
    from django.utils import timezone

    from ml import services

    run = services.open_scan(model=model, now=timezone.now())
    connections.close_all()
    spawn = multiprocessing.get_context("spawn")
    ready, go, cpu_s = spawn.Semaphore(0), spawn.Event(), spawn.Value("d", 0.0)
    processes = [spawn.Process(target=_work, args=(run.job_id, model.pk, ready, go, cpu_s)) for _ in range(workers)]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    start = time.perf_counter()
    go.set()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - start
    run.job.refresh_from_db()
    assert run.job.state == "done", run.job.error
    return Lap(seconds, cpu_s.value)


def _work(job_id: int, model_id: int, ready: Any, go: Any, cpu_s: Any) -> None:
    """One worker: load what it needs, wait for the signal, scan."""
    import django

    django.setup()
    from django.utils import timezone

    from ml import jobs
    from ml.jobs.scanning import load_detector
    from ml.models import DetectorModel

    load_detector(DetectorModel.objects.get(pk=model_id))
    ready.release()
    go.wait()
    with timed() as lap:
        jobs.scan(job_id=job_id, worker=f"benchmark:{os.getpid()}", clock=timezone.now, ending=lambda: False)
    with cpu_s.get_lock():
        cpu_s.value += lap.cpu_s


if __name__ == "__main__":
    main()

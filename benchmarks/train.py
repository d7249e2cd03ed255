"""Training: seconds per 100 steps and crops per second of the real job, and what of it is making crops and what is the network.

    python -m benchmarks.train                     the recipe as it is, 60 steps
    python -m benchmarks.train --steps 200 --markdown

Learns from simulated frames of 1,024 px with known trails, in this process, with one thread. `job` is the Celery task's own work with
progress, checkpoints and the final judging; the other lines time its parts on the same samples in the same run.
"""

import argparse
from typing import Any

from benchmarks.common import Table, machine, peak_memory_mib, temporary_site, timed

N_EXPOSURES = 8


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=60, help="optimiser steps of the job")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    with temporary_site():
        table = measure(arguments.steps)
    print(machine("torch", "numpy"))
    table.show(markdown=arguments.markdown)


def measure(steps: int) -> Table:
    """Train once as a job, then time its parts."""
    from django.utils import timezone

    from benchmarks.sky import stored_set
    from ml import jobs, services
    from ml.jobs import training

    chosen = stored_set(N_EXPOSURES)
    run = services.open_training(training_set=chosen, config={"seed": 1, "steps": steps}, now=timezone.now())
    config = training.config_of(run)
    with timed() as whole:
        outcome = jobs.train(job_id=run.job_id, worker="benchmark", clock=timezone.now, ending=lambda: False)
    assert outcome == "done", outcome
    learnt = _network_and_crops(config, training.samples_of(chosen), min(steps, 40))
    table = Table(
        f"Training, {steps} steps of {config.batch} crops of {config.crop} px", ["part", "s per 100 steps", "crops/s", "CPU s per 100 steps"]
    )
    table.add("job, with judging at the end", *_per_100(whole, steps, config.batch))
    for name, lap in learnt.items():
        table.add(name, *_per_100(lap, min(steps, 40), config.batch))
    table.add("peak memory of the process, MiB", peak_memory_mib(), "", "")
    return table


def _per_100(lap: Any, steps: int, batch: int) -> tuple[float, float, float]:
    return 100 * lap.wall_s / steps, steps * batch / lap.wall_s, 100 * lap.cpu_s / steps


def _network_and_crops(config: Any, samples: Any, steps: int) -> dict[str, Any]:
    """Time the optimiser steps without the job around them, and the making of crops alone (images already decoded)."""
    from ml.detector.crops import CropSampler
    from ml.detector.train import new_state, one_step, prepare_torch

    prepare_torch(config)
    sampler, state = CropSampler(config, samples), new_state(config)
    for step in range(5):
        one_step(config, sampler, state)
        sampler.batch(step)
    with timed() as steps_only:
        for state.step in range(steps):
            one_step(config, sampler, state)
    with timed() as crops_only:
        for step in range(steps):
            sampler.batch(step)
    return {"steps alone": steps_only, "of which making crops": crops_only}


if __name__ == "__main__":
    main()

"""Runs one function over many items in this process or in several, a few items ahead at a time."""

import itertools
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

import django

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4  # items handed out per process, so that a list of any length costs no memory


def run(call: Callable[[Item], Result], items: Iterable[Item], *, jobs: int) -> Iterator[Result]:
    """Yield call(item) for each item, in order for one job, else as they are ready. `call` must be a module's function (or a partial of one).

    Raises concurrent.futures.process.BrokenProcessPool when a process is killed from outside (most often for want of memory).
    """
    if jobs <= 1:
        yield from map(call, items)
        return
    fresh = multiprocessing.get_context("spawn")  # a forked child would share database connections
    with ProcessPoolExecutor(jobs, mp_context=fresh, initializer=django.setup) as pool:
        waiting = iter(items)
        running: set[Future[Result]] = {pool.submit(call, item) for item in itertools.islice(waiting, AHEAD * jobs)}
        try:
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {pool.submit(call, item) for item in itertools.islice(waiting, len(done))}
                yield from (future.result() for future in done)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

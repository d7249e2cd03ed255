"""Beat asks every few seconds what is to be cut and encoded; a run stays short, so that other tasks get their turn."""

import random
import time
from collections.abc import Callable

from celery import Task, current_app, shared_task
from django.utils import timezone

from archive import selectors
from archive.services.cutouts import cut_exposure
from archive.services.encoding import encode_exposure

BUDGET_S = 4.0  # a run begins no further exposure after that
EXPIRES_S = 10


@shared_task(bind=True, name="archive.cut_new", time_limit=1800)
def cut_new(self: "Task[[], int]") -> int:
    """Cut exposures that wait for it; return how many."""
    return _for_a_while(self, find=lambda: selectors.exposures_to_cut(timezone.now()), work=lambda pk: cut_exposure(pk, now=timezone.now()))


@shared_task(bind=True, name="archive.encode_new", time_limit=1800)
def encode_new(self: "Task[[], int]") -> int:
    """Make 16-bit images that are missing; return the number of exposures looked after."""
    return _for_a_while(self, find=lambda: selectors.exposures_to_encode(timezone.now()), work=lambda pk: encode_exposure(pk, now=timezone.now()))


def _for_a_while(task: "Task[[], int]", *, find: Callable[[], list[int]], work: Callable[[int], object]) -> int:
    """Work until the budget is spent. If more waits and no other message does, go on in a new message: idle workers join in."""
    end, done = time.monotonic() + BUDGET_S, 0
    waiting = find()
    while waiting:
        random.shuffle(waiting)  # several workers seldom ask for the same exposure
        for exposure_id in waiting:
            if time.monotonic() > end:
                if _queue_is_empty():
                    task.apply_async(expires=EXPIRES_S)
                return done
            done += bool(work(exposure_id))
        waiting = find()
    return done


def _queue_is_empty() -> bool:
    queue = current_app.conf.task_default_queue
    with current_app.connection_for_read() as connection:
        return not connection.default_channel.queue_declare(queue, passive=True).message_count

"""What a run tells its row: progress, rate, heartbeat and the loss curve; and what it hears back: that it should stop."""

import time
from collections.abc import Callable
from datetime import datetime

from core.models import Job
from core.services import Cancelled, report
from ml.models import Run

Clock = Callable[[], datetime]
EVERY_S = 2.0
MOST_POINTS = 240


class Rate:
    """Units per second over about the last half minute."""

    def __init__(self) -> None:
        self._marks: list[tuple[float, int]] = []

    def at(self, done: int) -> float | None:
        """Return the rate now that `done` units are done; None until two reports lie apart."""
        now = time.monotonic()
        if self._marks and done < self._marks[-1][1]:
            self._marks = []
        self._marks = [*[m for m in self._marks if now - m[0] < 30.0][-30:], (now, done)]
        (t0, n0), (t1, n1) = self._marks[0], self._marks[-1]
        return (n1 - n0) / (t1 - t0) if t1 - t0 > 0.5 else None


class Pulse:
    """Writes a training's progress at most every two seconds. `stopped_by` is "" until somebody wants it to end."""

    def __init__(self, *, job: Job, run: Run, clock: Clock, ending: Callable[[], bool]) -> None:
        self.job, self.run, self.clock = job, run, clock
        self.history: list[list[float]] = [list(point) for point in run.history]
        self.stopped_by = ""
        self._ending = ending
        self._rate = Rate()
        self._said = ("", 0.0)

    def progress(self, *, step: int, total: int, loss: float | None, phase: str) -> bool:
        """Take a report; True when it was written to the row."""
        if loss is not None and phase == "train":
            self._remember(step, loss)
        said, at = self._said
        if phase == said and step < total and time.monotonic() - at < EVERY_S:
            return False
        if phase != said:
            self._rate = Rate()
        self._said = (phase, time.monotonic())
        try:
            report(job=self.job, now=self.clock(), done=step, total=total, phase=phase, rate=self._rate.at(step) or None)
        except Cancelled:
            self.stopped_by = "people"
        Run.objects.filter(pk=self.run.pk).update(history=self.history)
        return True

    def should_stop(self) -> bool:
        """Say whether the run should write its checkpoint and end."""
        if not self.stopped_by and self._ending():
            self.stopped_by = "worker"
        return bool(self.stopped_by)

    def _remember(self, step: int, loss: float) -> None:
        """Keep the loss curve, thinned by halves; a resumed run takes back what it repeats."""
        self.history = [point for point in self.history if point[0] < step] + [[step, round(loss, 5)]]
        if len(self.history) > MOST_POINTS:
            self.history = self.history[:1] + self.history[1:-1:2] + self.history[-1:]

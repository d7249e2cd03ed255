"""The worker's side: the only place of the Django room that loads torch. Imported by `ml.tasks` when a task runs, never by the web."""

from ml.jobs.scanning import scan
from ml.jobs.training import train

__all__ = ["scan", "train"]

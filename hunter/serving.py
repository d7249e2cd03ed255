"""What gunicorn is told beside its command line: `-c python:hunter.serving`."""

import logging
import os
from typing import Any

from prometheus_client import multiprocess

from hunter import logs

logging.captureWarnings(True)
logconfig_dict = {
    **logs.configure(form=os.environ.get("HUNTER_LOG_FORMAT") or ("line" if os.environ.get("HUNTER_EMBEDDED") == "1" else "json"), level="INFO"),
    "loggers": {"gunicorn.error": {"level": "INFO", "propagate": True}, "gunicorn.access": {"level": "CRITICAL"}},
}


def child_exit(server: Any, worker: Any) -> None:
    """Forget the live gauges of a web process that has ended."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)

"""The web process stays slim: it never loads torch."""

import subprocess
import sys

from tests.conftest import ROOT, child_environment

CODE = """
import sys
import hunter.wsgi
import hunter.urls
from django.urls import get_resolver
get_resolver().url_patterns
import ml.tasks, ml.admin
print(sorted(name for name in ("torch", "scipy", "astropy", "ml.jobs", "safetensors") if name in sys.modules))
"""


def test_the_web_process_imports_no_torch() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, env=child_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"

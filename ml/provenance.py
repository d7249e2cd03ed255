"""What a card says about where a model came from: the version of the code and the kind of machine."""

import os
import platform
import re
import subprocess
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@lru_cache
def code_version() -> str:
    """Return the newest version in CHANGELOG.md and, in a clone, the commit: `0.1.0+25e6e1a`."""
    changelog = ROOT / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8") if changelog.is_file() else ""
    found = re.search(r"^## \[?(\d+\.\d+[^\]\s]*)", text, re.MULTILINE)
    version = found[1] if found else "unreleased"
    commit = _commit()
    return f"{version}+{commit}" if commit else version


def _commit() -> str:
    if not (ROOT / ".git").exists():
        return ""
    try:
        done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


@lru_cache
def machine_kind() -> str:
    """Return processor and number of cores in words, e.g. `x86_64, Intel(R) Xeon(R) ..., 2 cores`."""
    info = Path("/proc/cpuinfo")
    named = re.search(r"^model name\s*:\s*(.+)$", info.read_text(encoding="utf-8"), re.MULTILINE) if info.is_file() else None
    words = [platform.machine(), named[1].strip() if named else platform.processor(), f"{os.cpu_count()} cores"]
    return ", ".join(word for word in words if word)

"""The pure JavaScript modules, tested by node's own runner (none of them needs a browser)."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent.parent / "static"
OLDEST_NODE = (20, 19)  # it reads a .js file with imports as a module


def node() -> str:
    """Return the path of a node that can read modules, or skip."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("node is not installed; the browser tests still run these modules")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < OLDEST_NODE:
        pytest.skip(f"node {version.strip()} is too old for modules")
    return path


def test_modules_keep_their_promises() -> None:
    done = subprocess.run([node(), "--test", *map(str, sorted(HERE.glob("*.test.js")))], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


def test_no_import_stands_in_a_comment() -> None:
    """collectstatic rewrites imports by a regular expression, in comments too, and fails on names that do not exist."""
    comment = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)

    found = [path.name for path in sorted(STATIC.glob("js/*.js")) for text in comment.findall(path.read_text()) if "import" in text]

    assert found == []

"""Every check that needs no running site: `./run lint` calls this in the virtual environment."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def checks() -> dict[str, list[str]]:
    """Return name: command."""
    python = sys.executable
    return {
        "format": [python, "-m", "ruff", "format", "--check", "."],
        "rules": [python, "-m", "ruff", "check", "."],
        "types": [python, "-m", "mypy"],
        "imports": [str(BIN / "lint-imports")],
        "migrations": [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        "translations": [python, "manage.py", "translations", "--check"],
        "templates": [str(BIN / "djlint"), "templates", "--lint", "--quiet"],
        "compose": [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        "dockerfile": [str(BIN / "hadolint"), "Dockerfile"],
    }


def main() -> int:
    """Run all (or those named), print what fails, and return how many did."""
    wanted = sys.argv[1:] or list(checks())
    failed = []
    with tempfile.TemporaryDirectory() as home:
        settings = {"HUNTER_HOME": home, "HUNTER_SECRET_KEY": "lint", "HUNTER_BROKER_URL": "redis://127.0.0.1:1/0"}
        env = {**os.environ, **settings, "DATABASE_URL": f"sqlite:///{home}/lint.sqlite3", "DJANGO_SETTINGS_MODULE": "hunter.settings"}
        for name in wanted:
            began = time.monotonic()
            done = subprocess.run(checks()[name], cwd=ROOT, env=env, capture_output=True, text=True)
            print(f"{'ok    ' if done.returncode == 0 else 'FAILED'}  {name} ({time.monotonic() - began:.1f} s)", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout + done.stderr, flush=True)
    print(f"lint: {len(wanted) - len(failed)} passed, {len(failed)} failed")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())

"""Known vulnerabilities of the locked packages: `./run audit` calls this in the virtual environment. Nothing is installed.

Exits 1 when one is known, 0 when none is or when the database of vulnerabilities cannot be reached (which it says).
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
AWAY = ("ConnectionError", "ProxyError", "SSLError", "Timeout", "Max retries", "Name or service", "HTTPError", "ServiceError", "Failed to")


def audit(lock: Path) -> dict[str, Any] | None:
    """Return pip-audit's report on one lock; None when the database could not be reached. Raises SystemExit on anything else."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--require-hashes",
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "--timeout",
        "20",
    ]
    done = subprocess.run([*command, "-r", str(lock)], capture_output=True, text=True)
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        said = done.stderr.strip().splitlines()[-3:]
        if any(word in done.stderr for word in AWAY):
            print(f"  {said[-1][:300] if said else 'no answer'}")
            return None
        raise SystemExit("\n".join([f"pip-audit failed on {lock.name}:", *said])) from None


def tell(report: dict[str, Any]) -> tuple[int, int]:
    """Print what is known of one lock's packages; return (how many the database answered for, how many flaws)."""
    packages = report["dependencies"]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    flaws = [(package, flaw) for package in packages for flaw in package.get("vulns", [])]
    for package, flaw in flaws:
        print(f"  {package['name']} {package['version']}: {flaw['id']} ({', '.join(flaw['fix_versions']) or 'no fixed version yet'})")
    print(f"  {len(packages) - len(unknown)} of {len(packages)} packages looked up")
    if unknown and len(unknown) < len(packages):
        print(f"  not found there: {', '.join(unknown)}")
    return len(packages) - len(unknown), len(flaws)


def main() -> int:
    """Ask for each lock, tell what is known, and return how the shell should end."""
    asked = found = 0
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        print(f"{lock.relative_to(ROOT)} ...", flush=True)
        report = audit(lock)
        if report is None:
            break
        n, flaws = tell(report)
        asked, found = asked + n, found + flaws
    if not asked:  # a mirror of the registry may know the packages and not their flaws
        print("The database of known vulnerabilities cannot be reached from here: NOTHING WAS CHECKED. Try again where it can be.")
    else:
        print(f"{found} known vulnerabilities" if found else "No known vulnerability in what was looked up.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

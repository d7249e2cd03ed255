"""What earlier versions of the software wrote into the rows of the seeds: what still says exactly that was never changed by the team."""

import hashlib
import json
from typing import Any

# Tutorials, entries of the field guide [title, body], and translated steps, as fingerprints.
WORDS = {
    "10b53b167f83b67c", "12ee2b9d7e9203ed", "2251251d85803b1b", "2578ca5723455f58", "2ffa249c3e44ec52", "304a882a36f614ad", "34175d65d4a3a295",
    "36485e895de46500", "4960f48f92c40ebb", "4f7c6b35347f0f7b", "71d9ab6a3b60574a", "785d2051ba8d026f", "7cb867e890ebc41f", "832388b10b3148ed",
    "89679ad2eb6be6b5", "9da515f78cab01e3", "a2c420303ed3fa45", "ac0e2d6778110672", "c315bd2e049c71f9", "c600cd1d7242bff3", "c88d8a0ea6254cb0",
    "dc47108989980d90", "dd3bcc9506162c0b", "f1fa40f2567635d0", "fc67e61fa1242441",
}  # fmt: skip


def fingerprint(value: Any) -> str:
    """Return a short name of JSON data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def is_ours(value: Any) -> bool:
    """Say whether a row still says what an earlier version of the software wrote."""
    return fingerprint(value) in WORDS


def steps_1_0(steps: dict[str, Any], instruction: str | None = None) -> dict[str, Any]:
    """Return what version 1.0 asked before there were help and a question for another trail: one drawing step for up to five trails."""
    old = {name: {key: value for key, value in step.items() if key not in {"help", "repeat"}} for name, step in steps["steps"].items()}
    kept = {name: step for name, step in old.items() if name in {"T0", "T1"}}
    kept["T1"] |= {"max": 5, "next": ""} | ({"instruction": instruction} if instruction else {})
    return {**steps, "steps": kept}

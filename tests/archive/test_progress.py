import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.models import Exposure
from archive.progress import KIND, Progress, key_of
from core import services
from core.models import Job
from tests.archive import skies

pytestmark = pytest.mark.django_db


class InterruptedOnce(io.StringIO):
    """Somebody presses Ctrl-C while the first line is written."""

    pressed = False

    def write(self, text: str) -> int:
        if not self.pressed:
            self.pressed = True
            raise KeyboardInterrupt
        return super().write(text)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return skies.write_drz(tmp_path / "jbt1a3010_drz.fits")


def ingest(*paths: Path, stdout: io.StringIO | None = None) -> None:
    call_command("ingest", *map(str, paths), "--no-cut", stdout=stdout or io.StringIO())


def test_an_ingest_is_shown_as_a_job(image: Path) -> None:
    (image.parent / "bad.fits").write_bytes(b"x")
    ingest(image.parent)
    job = Job.objects.get()
    assert (job.kind, job.key, job.title, job.unit) == (KIND, str(image.parent), "Bring in 2 files", "files")
    assert (job.state, job.done, job.total, job.result) == ("done", 2, 2, {"added": 1, "refused": 1})


def test_a_second_ingest_beside_an_open_one_goes_on_without_a_row(image: Path) -> None:
    open_one = Progress([image], 1)
    ingest(image)
    assert Exposure.objects.count() == 1
    job = Job.objects.get()
    assert (job.state, job.done, job.worker) == ("running", 0, open_one.job.worker)
    open_one.finish(1, {})
    assert Job.objects.get().state == "done"


def test_ctrl_c_marks_the_job_failed_and_the_next_run_opens_another(image: Path) -> None:
    with pytest.raises(CommandError, match=r"Stopped\. Nothing was lost") as caught:
        ingest(image, stdout=InterruptedOnce())
    assert caught.value.returncode == 130
    job = Job.objects.get()
    assert (job.state, job.error) == ("failed", "interrupted")
    ingest(image)
    assert list(Job.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "done"]


def test_nothing_usable_marks_the_job_failed(tmp_path: Path) -> None:
    (tmp_path / "bad.fits").write_bytes(b"x")
    with pytest.raises(CommandError, match="None of the 1 files"):
        ingest(tmp_path)
    assert Job.objects.get().state == "failed"


def test_a_stop_that_was_asked_for_is_raised_and_a_lost_row_is_not(image: Path) -> None:
    progress = Progress([image], 3)
    progress.tell(1)  # within the same second: not written
    assert Job.objects.get().done == 0
    services.ask_cancel(job_id=progress.job.pk, actor=None, now=timezone.now())
    progress.reported -= 5
    with pytest.raises(services.Cancelled):
        progress.tell(1)
    progress.fail("cancelled", cancelled=True)
    assert Job.objects.get().state == "cancelled"
    other = Progress([image], 3)
    services.requeue_orphans(now=timezone.now())
    other.reported -= 5
    other.tell(2)
    assert other.job is None


def test_a_key_fits_whatever_the_paths_are() -> None:
    many = [Path(f"/data/{number:04d}.fits") for number in range(100)]
    assert len(key_of(many)) == 200
    assert key_of(many) != key_of(many[:-1])
    assert key_of([Path("/data/\udcff.fits")]) == "/data/\\udcff.fits"

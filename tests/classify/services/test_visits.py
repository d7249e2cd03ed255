"""One visit, several exposures: the frames of one subject, laid upon each other by their WCS."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from archive import selectors as archive
from archive.models import Exposure
from archive.services.cutouts import cut_exposure
from archive.services.exposures import ingest_path
from classify import selectors, services
from classify.models import Consensus, ConsensusTrail, Subject, SubjectFrame
from sky.overlap import apply_affine
from sky.simulate import sample_visit, simulate_exposure, write_fits
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SIZE = 420


def visit(folder: Path, *, cut: int = 3) -> list[Exposure]:
    """Bring in three exposures of one visit, the first `cut` of them cut."""
    made = []
    for number, spec in enumerate(sample_visit(5, size=SIZE)):
        path = folder / f"{spec.rootname}_drc.fits"
        write_fits(simulate_exposure(replace(spec, cosmic_rays=0), 5), path)
        report = ingest_path(path, now=NOW)
        assert report.exposure_id is not None, report.reason
        if number < cut:
            cut_exposure(report.exposure_id, now=NOW)
        made.append(Exposure.objects.get(pk=report.exposure_id))
    return made


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of two lists of pixels, where both have data (chips have a gap between them)."""
    both = np.isfinite(a) & np.isfinite(b)
    return float(np.corrcoef(a[both], b[both])[0, 1])


def pool() -> int:
    return services.pool_new(now=NOW, rng=random.Random(1))


def test_a_visit_is_one_subject_with_registered_frames(tmp_path: Path) -> None:
    f.workflow(takes_cutouts=True)
    exposures = visit(tmp_path)

    assert pool() == 1

    frames = list(SubjectFrame.objects.select_related("cutout__plane").order_by("position"))
    assert [frame.cutout.plane.exposure_id for frame in frames] == [exposure.pk for exposure in exposures]
    assert frames[0].to_first is None
    for frame, spec in zip(frames[1:], sample_visit(5, size=SIZE)[1:], strict=True):
        assert np.allclose(frame.to_first, [1, 0, 0, 1, *spec.offset_px], atol=0.01)
    assert selectors.subjects_of_cutouts([frame.cutout_id for frame in frames]).keys() == {frame.cutout_id for frame in frames}
    assert pool() == 0


def test_registered_pixels_show_the_same_sky(tmp_path: Path) -> None:
    f.workflow(takes_cutouts=True)
    visit(tmp_path)
    pool()
    first, second = SubjectFrame.objects.select_related("cutout__plane__exposure").order_by("position")[:2]
    with archive.open_plane_pixels(first.cutout.plane_id) as a, archive.open_plane_pixels(second.cutout.plane_id) as b:
        one, two = a, b

    y, x = np.mgrid[100:300, 100:300]
    there = np.rint(apply_affine(second.to_first, np.column_stack([x.ravel(), y.ravel()]))).astype(int)
    assert likeness(one[there[:, 1], there[:, 0]], two[y, x].ravel()) > 0.8
    assert likeness(one[y, x].ravel(), two[y, x].ravel()) < 0.3


def test_a_visit_waits_for_its_last_exposure_and_what_comes_later_stands_alone(tmp_path: Path) -> None:
    f.workflow(takes_cutouts=True)
    exposures = visit(tmp_path, cut=2)
    assert pool() == 0

    Exposure.objects.filter(pk=exposures[2].pk).update(state=Exposure.State.FAILED)
    assert pool() == 1
    Exposure.objects.filter(pk=exposures[2].pk).update(state=Exposure.State.NEW)
    cut_exposure(exposures[2].pk, now=NOW)
    assert pool() == 1
    assert sorted(subject.frames.count() for subject in Subject.objects.all()) == [1, 2]


def test_what_people_agreed_on_is_told_frame_by_frame() -> None:
    flow = f.workflow(count=1)
    shown = f.subject(workflow=flow)
    for position in (1, 2):
        SubjectFrame.objects.create(subject=shown, position=position, cutout=f.cutout(), to_first=[1, 0, 0, 1, 5, 0])
    f.vote(subject=shown, workflow=flow, answer="no")
    assert [row["frame"] for row in selectors.consensus_rows(flow.slug)] == [0, 1, 2]

    row = Consensus.objects.get(subject=shown)
    Consensus.objects.filter(pk=row.pk).update(label="yes")
    ConsensusTrail.objects.create(consensus=row, position=0, frame=2, x1=1, y1=2, x2=30, y2=40, scatter_px=1, n_markers=3)
    (told,) = selectors.consensus_rows(flow.slug)
    assert told["frame"] == 2
    assert told["cutout_id"] == shown.frames.get(position=2).cutout_id
    assert [trail["x2"] for trail in told["trails"]] == [30]

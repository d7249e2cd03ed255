"""Injected trails: what is stored, that it is measured as it is told, that players cannot tell it, and that nobody takes it for real."""

import io
import json
import math
import random
from functools import cache

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from archive import pixels as archive_pixels
from archive import selectors as archive
from archive.models import Cutout, Exposure
from classify import selectors, services
from classify.exports.rows import Choice, label_rows
from classify.injecting import Recipe, photometry_of
from classify.models import Consensus, GoldKey, Subject, SubjectStatus
from core import files
from ml import intake
from sky import stretch, trails
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SIZE = 320
ZERO_POINT, SECONDS, SIGMA = 26.49, 2000.0, 0.02


@cache
def _sky() -> tuple[bytes, bytes]:
    noise = np.random.default_rng(3).standard_normal((SIZE, SIZE)).astype(np.float32)
    sky = stretch.Sky(0.0, 1.0)
    preview = io.BytesIO()
    Image.fromarray(stretch.preview_u8(noise, sky)).save(preview, "JPEG", quality=90)  # as the first version made them
    return preview.getvalue(), archive_pixels.to_png(stretch.encode_u16(noise, sky))


def empty_cutout(**exposure):
    """A cutout of empty sky with true noise, as the archive makes it."""
    preview, png = _sky()
    parent = factories.exposure(exposure_time_s=SECONDS, zero_point_ab_mag=ZERO_POINT, bunit="ELECTRONS/S", members=["a", "b"], **exposure)
    keys = {"preview_key": files.put(preview, files.new_key("jpg")), "pixels_key": files.put(png, files.new_key("png"))}
    keys["thumbnail_key"] = keys["preview_key"]
    return factories.cutout(
        exposure=parent, images=False, width=SIZE, height=SIZE, sky_sigma=SIGMA, pixels_state=Cutout.State.READY, **keys
    )  # fmt: skip


@pytest.fixture
def flow():
    return factories.workflow(count=3, policy={"negative": ["no"]}, undo_seconds=0)


def parents(n, flow, **exposure):
    return [factories.subject(workflow=flow, cutout=empty_cutout(**exposure)) for _ in range(n)]


def inject(flow, subjects, n=None, **recipe):
    order = services.InjectionOrder(flow, n or len(subjects), Recipe(**{"snr": (4.0, 8.0), "length_arcsec": (8.0, 16.0)} | recipe))
    return services.inject(order=order, parents=[subject.pk for subject in subjects], now=NOW)


def test_what_is_stored_is_measured_as_it_is_told(flow):
    """Light within 6 %, ends on the line, length within 4 px, magnitude by the zero point: all from the stored images."""
    (parent,) = parents(1, flow)
    assert inject(flow, [parent], magnitude=(20.5, 21.0)) == 1
    made = Subject.objects.get(kind=Subject.Kind.INJECTED)
    told, key = made.metadata["injection"], GoldKey.objects.get(subject=made)
    old, new = parent.frames.get().cutout, made.frames.get().cutout
    added = (archive.pixels_in_sigma(new.pk) - archive.pixels_in_sigma(old.pk)).astype(float)

    assert 20.5 <= told["magnitude"] <= 21.0
    rate = added.sum() * SIGMA  # electrons per second: the pixels are rates
    assert -2.5 * math.log10(rate) + ZERO_POINT == pytest.approx(told["magnitude"], abs=0.06)
    (mark,) = key.marks
    ends = [(mark["x1"], mark["y1"]), (mark["x2"], mark["y2"])]
    rows, cols = np.nonzero(added > 0.5 * told["snr"])
    at = np.column_stack([cols, rows])
    along = (at - at.mean(axis=0)) @ (np.subtract(*ends) / math.dist(*ends))
    assert np.ptp(along) == pytest.approx(math.dist(*ends), abs=4.0)
    assert told["length_px"] == pytest.approx(math.dist(*ends) * (1 + 8 / 3 * told["curvature"] ** 2), abs=1.0)
    assert trails.distance_to(ends, at).max() < 3.0
    sagitta = abs(told["curvature"]) * math.dist(*ends)
    assert trails.distance_to(at, ends).max() == pytest.approx(sagitta, abs=3.0)
    quiet = np.abs(added) < 1e-6
    assert quiet.mean() > 0.8, "the rest of the image is the parent's, bit by bit"


def test_a_player_cannot_tell_it_from_its_parent(flow, client):
    flow.gold_schedule = [[None, 1.0]]
    flow.save(update_fields=["gold_schedule"])
    (parent,) = parents(1, flow, credit="NASA/ESA/STScI, A. Nother", licence="CC BY 4.0")
    inject(flow, [parent])
    made = Subject.objects.get(kind=Subject.Kind.INJECTED)
    old, new = (archive.frame_payload(subject.frames.get().cutout) for subject in (parent, made))
    assert {name: new[name] for name in new if name not in {"preview", "pixels"}} == {n: old[n] for n in old if n not in {"preview", "pixels"}}
    for name in ("preview", "pixels"):
        one, two = client.get(old[name]), client.get(new[name])
        of_each = {"ETag", "Content-Length", "Content-Disposition", "X-Request-ID"}
        seen = [{name: value for name, value in answer.headers.items() if name not in of_each} for answer in (one, two)]
        assert seen[0] == seen[1]
        bodies = [b"".join(answer.streaming_content) for answer in (one, two)]
        assert len(bodies[1]) == pytest.approx(len(bodies[0]), rel=0.05)
        kinds = [Image.open(io.BytesIO(body)) for body in bodies]
        assert (kinds[0].format, kinds[0].mode, kinds[0].size, kinds[0].info) == (kinds[1].format, kinds[1].mode, kinds[1].size, kinds[1].info)
    for subject in (parent, made):  # the same kind of page and the same facts, each under its own number
        page = client.get(f"/subjects/{subject.public_id}/")
        assert str(subject.public_id) in page.content.decode()
        assert "inject" not in page.content.decode().lower()
        data = client.get(f"/api/v1/subjects/{subject.public_id}/").json()
        assert (data["id"], data["page"], data["consensus"]) == (subject.public_id, f"/subjects/{subject.public_id}/", None)
    queue = client.get(f"/api/v1/workflows/{flow.slug}/queue/?n=10").content.decode()
    assert str(made.public_id) in queue
    assert not any(word in queue.lower() for word in ("inject", "gold", "magnitude", "curvature", "kind"))


def test_its_page_is_its_own_until_it_is_opened_where_others_answers_may_be_seen_too(client):
    """In Training nothing is hidden, but that a trail was drawn in would be the answer."""
    flow = factories.workflow(blind=False, policy={"negative": ["no"]})
    (parent,) = parents(1, flow)
    inject(flow, [parent])
    made = Subject.objects.get(kind=Subject.Kind.INJECTED)
    ada = factories.volunteer(user=factories.user(username="ada"))
    client.login(username="ada", password=factories.PASSWORD)
    page, api = f"/subjects/{made.public_id}/", f"/api/v1/subjects/{made.public_id}/"
    assert client.get(api).json()["page"] == page
    assert str(parent.public_id) not in client.get(page).content.decode()
    factories.vote(subject=made, workflow=flow, volunteer=ada, answer="no")
    assert client.get(api).json()["page"] == f"/subjects/{parent.public_id}/"
    assert str(parent.public_id) in client.get(page).content.decode()


def test_the_vote_is_told_and_counts_for_nothing(flow):
    (parent,) = parents(1, flow)
    inject(flow, [parent])
    made = Subject.objects.get(kind=Subject.Kind.INJECTED)
    (mark,) = GoldKey.objects.get(subject=made).marks
    receipt = factories.vote(subject=made, workflow=flow, answer="yes", marks=[(mark["x2"], mark["y2"], mark["x1"], mark["y1"])])
    told = made.metadata["injection"]
    assert (receipt.gold["outcome"], receipt.counted) == ("right", False)
    assert receipt.gold["injected"] == {name: told[name] for name in ("length_px", "curvature", "magnitude")}
    assert receipt.gold["guide"].startswith("asteroid-")
    for _ in range(4):
        factories.vote(subject=made, workflow=flow, answer="no")
    status = SubjectStatus.objects.get(subject=made)
    assert (status.state, status.n_votes, status.tally) == ("active", 0, {})
    assert not Consensus.objects.filter(subject=made).exists()


def test_nobody_takes_it_for_real(flow, client):
    """No label, no training fact, no pool subject, no exposure to list; and the detector never sees the image."""
    flow.teaches = "asteroid"
    flow.save()
    subjects = parents(2, flow)
    for subject in subjects:
        for _ in range(3):
            factories.vote(subject=subject, workflow=flow, answer="no")
    assert inject(flow, subjects) == 2
    made = list(Subject.objects.filter(kind=Subject.Kind.INJECTED))
    for subject in made:
        for _ in range(3):
            factories.vote(subject=subject, workflow=flow, answer="yes")
    SubjectStatus.objects.filter(subject__in=made).update(state="retired")  # even if the team ends it
    ids = {cutout for subject in made for cutout in subject.frames.values_list("cutout_id", flat=True)}

    assert not {row["subject_id"] for row in label_rows(Choice(flow, everything=True, include_demo=True))} & {s.public_id for s in made}
    assert not {row["cutout_id"] for row in selectors.consensus_rows(flow.slug)} & ids
    assert not {fact.cutout_id for fact in intake.facts(now=NOW.replace(year=2027), include_demo=True)} & ids
    assert not set(archive.cutouts_ready().filter(pk__in=ids)) | set(archive.cutouts_with_pixels().filter(pk__in=ids))
    assert not archive.exposures().filter(survey="injected").exists()
    assert services.pool_new(now=NOW, rng=random.Random(1)) == 0
    assert len(client.get("/api/v1/exposures/").json()["results"]) == 2
    assert ids <= intake.barred()[0]


def test_running_it_again_makes_only_what_is_missing(flow):
    subjects = parents(4, flow)
    assert inject(flow, subjects, n=2) == 2
    first = set(Subject.objects.filter(kind=Subject.Kind.INJECTED).values_list("origin", flat=True))
    assert inject(flow, subjects, n=2) == 0
    assert inject(flow, subjects, n=10) == 2, "each image is used once"
    assert first < set(Subject.objects.filter(kind=Subject.Kind.INJECTED).values_list("origin", flat=True))
    assert Exposure.objects.filter(survey="injected").count() == 4
    assert selectors.sets_by_purpose("gold").get().members.count() == 4


def test_only_images_that_are_held_for_empty_become_parents(flow):
    empty, faint, full, open_one, known = parents(5, flow)
    said = {empty: "no no no no", faint: "no no no yes", full: "yes yes yes yes", open_one: "no"}
    flow.current_version.policy |= {"count": 4}
    flow.current_version.save()
    for subject, answers in said.items():
        for answer in answers.split():
            factories.vote(subject=subject, workflow=flow, answer=answer)
    services.add_gold(workflow=flow, subject=known, answer="no", marks=[], explanation="", source="test", now=NOW)
    assert set(services.clean_parents(workflow=flow)) == {empty}
    assert set(services.clean_parents(workflow=flow, source="any")) == {open_one}
    kept = services.make_set(slug="quiet", name="Quiet", purpose="negative", now=NOW)
    services.add_to_set(subject_set=kept, subject_ids=[full.pk, known.pk])
    assert set(services.clean_parents(workflow=flow, source="set", subject_set="quiet")) == {full}


def test_satellites_cross_the_image_and_exposures_without_photometry_have_no_magnitude(flow):
    (parent,) = parents(1, flow)
    Exposure.objects.update(bunit="COUNTS")
    inject(flow, [parent], kind="satellite", magnitude=(20, 21), snr=(5.0, 6.0))
    made = Subject.objects.get(kind=Subject.Kind.INJECTED)
    told, (mark,) = made.metadata["injection"], GoldKey.objects.get(subject=made).marks
    assert told["magnitude"] is None
    assert 5.0 <= told["snr"] <= 6.0
    for x, y in ((mark["x1"], mark["y1"]), (mark["x2"], mark["y2"])):
        assert min(abs(x + 0.5), abs(y + 0.5), abs(x - SIZE + 0.5), abs(y - SIZE + 0.5)) < 0.5
    assert GoldKey.objects.get(subject=made).guide == "satellite-trail"


def test_counts_and_rates_and_bins_give_the_same_light():
    rate = photometry_of(empty_cutout())
    cutout = empty_cutout()
    cutout.bin, cutout.sky_sigma = 2, SIGMA * SECONDS
    cutout.plane.exposure.bunit = "ELECTRONS"
    counts = photometry_of(cutout)
    assert counts.flux(22.0) == pytest.approx(rate.flux(22.0) / 4)
    assert counts.electrons_per_sigma == pytest.approx(4 * rate.electrons_per_sigma)
    assert counts.magnitude(counts.flux(22.0)) == pytest.approx(22.0)


def test_the_command_says_what_it_did_and_what_is_wrong(flow, capsys):
    parents(2, flow)
    call_command("inject", "--workflow", flow.slug, "--n", "2", "--from", "any", "--snr", "4", "8")
    assert "2 injected subjects made" in capsys.readouterr().out
    call_command("inject", "--workflow", flow.slug, "--n", "2", "--from", "any")
    assert "There are as many already" in capsys.readouterr().out
    for wrong in (["--workflow", "none"], ["--from", "set"], ["--snr", "8", "4"], ["--answer", "perhaps", "--n", "9", "--from", "any"]):
        with pytest.raises(CommandError):
            call_command("inject", *(["--workflow", flow.slug] if "--workflow" not in wrong else []), *wrong)
    assert json.loads(json.dumps(Subject.objects.filter(kind="injected").first().metadata))["injection"]["length_px"] > 0

"""Demo accounts exist only on the embedded default; simulated volunteers see what the truth allows."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from classify.models import Classification, GoldKey
from hunter.demo import accounts, people, sky
from hunter.demo.people import PEOPLE, SeenThing, vote
from hunter.demo.votes import VOTERS_PER_SUBJECT
from talk.models import Comment


@pytest.mark.django_db
def test_a_real_site_gets_no_demo_accounts() -> None:
    with pytest.raises(CommandError, match="embedded default"):
        call_command("demo")


@pytest.mark.django_db
def test_accounts_have_random_passwords_that_work_and_stay(settings: object, tmp_path: object) -> None:
    from django.contrib.auth import authenticate

    settings.EMBEDDED, settings.DEMO, settings.HOME = True, True, tmp_path  # type: ignore[attr-defined]
    made = dict(accounts.make_accounts())
    assert set(made) == {"admin", "scientist", "moderator", "volunteer"}
    assert len(set(made.values())) == 4
    assert dict(accounts.make_accounts()) == made, "a second start prints the same passwords"
    user = authenticate(username="scientist", password=made["scientist"])
    assert user is not None
    assert user.has_perm("ml.promote")
    assert accounts.password_file().stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_the_smallest_sky_teaches_and_may_grow(settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMBEDDED, settings.DEMO, settings.HOME = True, True, tmp_path  # type: ignore[attr-defined]
    monkeypatch.setattr(sky, "VISIT_FROM", 1)  # the visit's name comes last, so that others are put before it
    call_command("setup_site", verbosity=0)
    sky.folder().mkdir()
    for index, name in enumerate(["sim0001", "sim0002", "simv01", "simv02", "simv03"]):  # here: processes of their own take seconds to start
        sky.make_file(index, 2, 300, str(sky.folder() / f"{name}_drc.fits.fz"))

    def made(exposures: int) -> tuple[set[tuple[Any, Any]], ...]:
        call_command("demo", exposures=exposures, size=300, verbosity=0)
        votes, keys = Classification.objects.values_list("pk", "answer"), GoldKey.objects.values_list("workflow__slug", "subject")
        return set(votes), set(keys), set(Comment.objects.values_list("pk", "author"))

    first = made(1)
    assert "training" in {slug for slug, _subject in first[1]}
    assert made(1) == first
    more = made(2)
    assert all(before <= after for before, after in zip(first, more, strict=True)), "what was there stays as it was"
    assert len(more[0]) == len(first[0]) + VOTERS_PER_SUBJECT
    assert more[2]
    assert made(1) == more


def answers(thing: list[SeenThing], n: int = 400) -> dict[str, float]:
    rng = np.random.default_rng(1)
    given = [vote(PEOPLE[i % len(PEOPLE)], thing, valid_fraction=1.0, rng=rng) for i in range(n)]
    return {key: sum(answer == key for answer, _ in given) / n for key in ("yes", "no", "impossible")}


def test_bright_trails_are_seen_faint_ones_missed_and_empty_sky_is_no() -> None:
    line = ((100.0, 100.0), (150.0, 120.0))
    assert answers([SeenThing("asteroid", line, 8.0)])["yes"] > 0.9
    assert answers([SeenThing("asteroid", line, 0.5)])["yes"] < 0.2
    assert answers([])["no"] > 0.85
    assert 0.03 < answers([SeenThing("satellite", line, 8.0)])["yes"] < 0.25


def test_marks_lie_on_the_ends_with_the_persons_scatter() -> None:
    line = ((100.0, 100.0), (150.0, 120.0))
    rng = np.random.default_rng(2)
    person = people.SimulatedVolunteer("x", 0.1, 0.0, 0.0, 2.0)
    marks = [mark for _ in range(200) for mark in vote(person, [SeenThing("asteroid", line, 9.0)], valid_fraction=1.0, rng=rng)[1]]
    swapped = [mark["x1"] > 125 for mark in marks]
    assert 0.3 < np.mean(swapped) < 0.7, "ends come in any order"
    first = [mark["x2"] if swap else mark["x1"] for mark, swap in zip(marks, swapped, strict=True)]
    assert np.mean(first) == pytest.approx(100, abs=0.6)
    assert np.std(first) == pytest.approx(2.0, rel=0.25)

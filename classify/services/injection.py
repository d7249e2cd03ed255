"""Injected trails: a known trail drawn into a real, trail-free image becomes a subject whose answer is known."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from archive import selectors as archive
from archive import services as requests
from classify import injecting, steps
from classify.crowd import consensus
from classify.models import Consensus, GoldKey, Subject, SubjectFrame, SubjectSetMember, SubjectStatus, Workflow
from classify.services import tallies
from classify.services.gold import TOLERANCE_PX, add_gold
from classify.services.pool import fresh_public_ids

SETTLED, SET, ANY = "settled", "set", "any"
SOURCES = (SETTLED, SET, ANY)
CLEAN = 0.1  # of a settled "nothing there", at most so many said otherwise (Kruk et al. 2022: p_yes < 0.1 is clean)
SOURCE = "injection"  # of the keys

Say = Callable[[int, int], None]


class NoSuchAnswer(ValueError):
    """The workflow has no answer that says that there is something; the message says what to do."""


@dataclass(frozen=True)
class Order:
    """What is wanted: `n` injected subjects in a workflow in all, of trails like the recipe, with this known answer (empty: the first
    positive one of the workflow's policy)."""

    workflow: Workflow
    n: int
    recipe: injecting.Recipe
    answer: str = ""


def clean_parents(*, workflow: Workflow, source: str = SETTLED, subject_set: str = "") -> QuerySet[Subject]:
    """Pool subjects whose images hold no trail, as far as is known: settled as empty by people, members of a named set, or any that
    are being asked about and have no vote that says otherwise. Never one whose own answer is a known one."""
    policy = tallies.policy_of(tallies.current_version(workflow))
    rows = Subject.objects.filter(kind=Subject.Kind.POOL, ready=True).exclude(Exists(GoldKey.objects.filter(subject=OuterRef("pk"))))
    if source == SET:
        return rows.filter(Exists(SubjectSetMember.objects.filter(subject=OuterRef("pk"), subject_set__slug=subject_set)))
    if source == ANY:
        open_here = SubjectStatus.objects.filter(workflow=workflow, subject=OuterRef("pk"), state=SubjectStatus.State.ACTIVE)
        return rows.filter(Exists(open_here.filter(_hardly("tally", policy.positive, 1))))
    settled = Consensus.objects.filter(workflow=workflow, subject=OuterRef("pk"), method__in=consensus.RULES, settled=True, label__in=policy.negative)
    return rows.filter(Exists(settled.filter(_hardly("fractions", policy.positive, CLEAN))))


def _hardly(column: str, answers: Iterable[str], limit: float) -> Q:
    """Of each of these answers there is less than the limit, or none: such have no key in the column."""
    condition = Q()
    for answer in answers:
        condition &= Q(**{f"{column}__{answer}__isnull": True}) | Q(**{f"{column}__{answer}__lt": limit})
    return condition


def inject(*, order: Order, parents: Iterable[int], now: datetime, say: Say = lambda _done, _total: None) -> int:
    """Make injected subjects of these parents (primary keys of pool subjects) until the workflow has `order.n`; return how many were made.

    The order of the parents and each trail follow from the recipe's seed, and a parent is used once per workflow: running it again makes
    only what is missing. Each subject comes into being whole (files, rows, key) or not at all. A parent without room for a trail, or
    whose 16-bit image is missing, is passed over. Raises BadField and NoSuchAnswer.
    """
    answer = steps.clean_answer(tallies.current_version(order.workflow).steps, order.answer or _positive(order.workflow))
    there = Subject.objects.filter(kind=Subject.Kind.INJECTED, origin__startswith=_origin(order.workflow, ""))
    done, made = there.count(), 0
    used = set(there.values_list("root_id", flat=True))
    for parent_id in sorted(set(parents) - used, key=lambda pk: injecting.order_of(order.recipe.seed, pk)):
        if done + made >= order.n:
            break
        made += _inject_into(order, parent_id, answer, now)
        say(done + made, order.n)
    return made


def _positive(workflow: Workflow) -> str:
    policy = tallies.policy_of(tallies.current_version(workflow))
    if not policy.positive:
        raise NoSuchAnswer(f"No answer of {workflow.slug} says that there is something. Name the known answer.")
    return policy.positive[0]


def _origin(workflow: Workflow, key: Any) -> str:
    return f"injection:{workflow.slug}:{key}"


def _inject_into(order: Order, parent_id: int, answer: str, now: datetime) -> bool:
    """Draw one trail and store all that follows; False where it cannot be done or another process was first."""
    import numpy as np  # noqa: PLC0415 - the web process never draws

    from sky.simulate import known  # noqa: PLC0415

    frames = list(SubjectFrame.objects.filter(subject_id=parent_id).order_by("position"))
    cutout = archive.get_cutout(frames[0].cutout_id) if frames else None
    if cutout is None or not cutout.pixels_key:
        return False
    rng = np.random.default_rng([order.recipe.seed, parent_id])
    image, sense = archive.pixels_in_sigma(cutout.pk), injecting.photometry_of(cutout)
    trail = injecting.choose_trail(image, order.recipe, sense, members=len(cutout.plane.exposure.members), rng=rng)
    if trail is None:
        return False
    changed = known.put_in(image, trail, electrons_per_sigma=sense.electrons_per_sigma, rng=rng)
    try:
        with transaction.atomic():
            new = requests.store_image(parent_id=cutout.pk, image=changed, source=_origin(order.workflow, parent_id), now=now)
            subject = _subject(order, parent_id, [new, *(frame.cutout_id for frame in frames[1:])], frames, _told(trail, sense), now)
            _key(order, subject, trail, answer, now)
    except IntegrityError:  # two runs at the same time
        return False
    return True


def _told(trail: Any, sense: injecting.Photometry) -> dict[str, Any]:
    """What is remembered of a trail, and disclosed after the vote."""
    magnitude = sense.magnitude(trail.flux)
    names = ("x", "y", "length_px", "angle_deg", "curvature", "flux", "width_px", "snr", "pieces", "gap")
    return {"magnitude": None if magnitude is None else round(magnitude, 3), **{name: round(getattr(trail, name), 4) for name in names}}


def _subject(order: Order, parent_id: int, cutouts: Sequence[int], frames: Sequence[SubjectFrame], told: dict[str, Any], now: datetime) -> Subject:
    """The new subject: the changed image first, then the parent's other frames as they are."""
    (number,) = fresh_public_ids(1)
    subject = Subject.objects.create(
        public_id=number, kind=Subject.Kind.INJECTED, origin=_origin(order.workflow, parent_id), root_id=parent_id, ready=True,
        metadata={"injection": told}, created_at=now,
    )  # fmt: skip
    SubjectFrame.objects.bulk_create(
        SubjectFrame(subject=subject, position=frame.position, cutout_id=cutout, to_first=frame.to_first)
        for frame, cutout in zip(frames, cutouts, strict=True)
    )
    return subject


def _key(order: Order, subject: Subject, trail: Any, answer: str, now: datetime) -> GoldKey:
    (x1, y1), (x2, y2) = trail.points[0], trail.points[-1]
    return add_gold(
        workflow=order.workflow, subject=subject, answer=answer, marks=[{"x1": x1, "y1": y1, "x2": x2, "y2": y2}], explanation="",
        guide=injecting.guide_of(order.recipe, trail), tolerance_px=TOLERANCE_PX, source=SOURCE, now=now,
        rng=random.Random(f"{order.recipe.seed}:{subject.origin}"),
    )  # fmt: skip

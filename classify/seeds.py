"""The four workflows that come with the software. Only this file knows what "yes" means. Running it again changes nothing that exists."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from classify.consensus import policy_from
from classify.models import FieldGuide, FieldGuideText, Tutorial, Workflow, WorkflowText, WorkflowVersion
from classify.steps import answer_keys, check_steps
from classify.texts import FIELD_GUIDE, REVIEW_TUTORIAL, TUTORIAL
from classify.texts_es import FIELD_GUIDE_ES, WORKFLOWS_ES

MARKS = 5
LANGUAGES = {"es": (WORKFLOWS_ES, FIELD_GUIDE_ES)}  # of the seeds, besides the one they are written in


def _ask(question: str, answers: list[tuple[str, str, bool]], instruction: str, *, blind: tuple[str, str] | None = None) -> dict[str, Any]:
    """One question; answers are (key, label, whether ends are marked after it). `blind`: the words where nothing is suggested."""
    blind_question, blind_instruction = ({"blind_question": blind[0]}, {"blind_instruction": blind[1]}) if blind else ({}, {})
    options = [{"key": key, "label": label, "next": "T1" if marked else ""} for key, label, marked in answers]
    return {
        "first": "T0",
        "steps": {
            "T0": {"type": "single", "question": question, "answers": options, **blind_question},
            "T1": {"type": "segment", "instruction": instruction, "max": MARKS, "next": "", **blind_instruction},
        },
    }


_TRAIL = _ask(
    "Is there an asteroid trail visible in the images?",
    [("yes", "Yes", True), ("no", "No", False), ("impossible", "Impossible to tell", False)],
    "Click one end of the trail, then the other, or drag along it. If there are several trails, mark each of them.",
)
_REVIEW = _ask(
    "What is this?",
    [
        ("asteroid", "Asteroid trail", True),
        ("satellite", "Satellite trail", True),
        ("arc", "Gravitational arc", False),
        ("cosmic_ray", "Cosmic ray", False),
        ("artefact", "Spike, edge or other artefact", False),
        ("nothing", "Nothing there", False),
    ],
    "Keep the suggested line if it lies on the trail, or mark both ends.",
    blind=("Is there a trail here, and what is it?", "Mark both ends of what you see."),
)
_SATELLITES = _ask(
    "Is there a satellite trail visible in the images?",
    [("yes", "Yes", True), ("no", "No", False), ("impossible", "Impossible to tell", False)],
    "Mark both ends of the trail, where it enters and leaves the image.",
)


@dataclass(frozen=True)
class Seed:
    """One workflow as it is first made."""

    slug: str
    name: str
    summary: str
    steps: dict[str, Any]
    policy: dict[str, Any]
    tutorial: list[dict[str, str]]
    fields: dict[str, Any] = field(default_factory=dict)


SEEDS = (
    Seed(
        "training", "Training", "Images whose answer is known: you see at once whether you were right. Nothing you say here counts.",
        _TRAIL, {"rule": "fractions", "count": 0, "min_votes": 3, "positive": ["yes"], "negative": ["no"]}, TUTORIAL,
        {"purpose": "training", "blind": False, "audit_fraction": 0.0, "lease_minutes": 10},
    ),
    Seed(
        "classify", "Find asteroids", "Images that nobody has searched for asteroids yet. Ten people look at each.",
        _TRAIL, {"rule": "fractions", "count": 10, "min_votes": 3, "majority": 0.5, "positive": ["yes"], "negative": ["no"]}, TUTORIAL,
        {"purpose": "search", "teaches": "asteroid", "takes_cutouts": True},
    ),
    Seed(
        "review", "Check the machine", "A program that learnt from people's answers found something. Three people say what it is.",
        _REVIEW, {"rule": "fractions", "count": 3, "min_votes": 2, "majority": 0.5, "positive": ["asteroid", "satellite"]}, REVIEW_TUTORIAL,
        {"purpose": "review", "blind": False, "order": Workflow.Order.PRIORITY},
    ),
    Seed(
        "satellites", "Find satellites", "How often do satellites cross Hubble's view? Ten people look at each image.",
        _SATELLITES, {"rule": "fractions", "count": 10, "min_votes": 3, "majority": 0.5, "positive": ["yes"], "negative": ["no"]}, TUTORIAL[:1],
        {"teaches": "satellite"},
    ),
)  # fmt: skip


@transaction.atomic
def seed_workflows(now: datetime) -> list[Workflow]:
    """Make what is missing of the four workflows, their versions 1.0, tutorials, field guide and translations; return the workflows in order."""
    made = [_seed(position, seed, now) for position, seed in enumerate(SEEDS)]
    entries = [
        FieldGuide.objects.get_or_create(slug=entry["slug"], defaults={**entry, "position": position})[0]
        for position, entry in enumerate(FIELD_GUIDE)
    ]
    for language, (workflows, guide) in LANGUAGES.items():
        for workflow in made:
            WorkflowText.objects.get_or_create(workflow=workflow, language=language, defaults=workflows[workflow.slug])
        for entry in entries:
            FieldGuideText.objects.get_or_create(entry=entry, language=language, defaults=guide[entry.slug])
    return made


def _seed(position: int, seed: Seed, now: datetime) -> Workflow:
    check_steps(seed.steps)
    policy_from(seed.policy, answer_keys(seed.steps))
    workflow, _ = Workflow.objects.get_or_create(
        slug=seed.slug,
        defaults={"name": seed.name, "summary": seed.summary, "position": position, "created_at": now, **seed.fields},
    )
    if workflow.current_version_id is None:
        version, _ = WorkflowVersion.objects.get_or_create(
            workflow=workflow, major=1, minor=0, defaults={"steps": seed.steps, "policy": seed.policy, "created_at": now}
        )
        Workflow.objects.filter(pk=workflow.pk).update(current_version=version)
        workflow.current_version = version
    Tutorial.objects.get_or_create(workflow=workflow, defaults={"pages": seed.tutorial, "updated_at": now})
    return workflow

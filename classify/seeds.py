"""The four workflows that come with the software. Only this file knows what "yes" means. Running it again changes nothing that exists."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from classify import texts
from classify.crowd.consensus import policy_from
from classify.former import is_ours, steps_1_0
from classify.guide_texts import FIELD_GUIDE
from classify.guide_texts_es import FIELD_GUIDE_ES
from classify.models import FieldGuide, FieldGuideText, Tutorial, Workflow, WorkflowText, WorkflowVersion
from classify.steps import answer_keys, check_steps
from classify.texts_es import WORKFLOWS_ES

MARKS = 5
LANGUAGES = {"es": (WORKFLOWS_ES, FIELD_GUIDE_ES)}  # of the seeds, besides the one they are written in
YES_NO = [("yes", "Yes", True), ("no", "No", False), ("impossible", "Impossible to tell", False)]
FORMER_MARK = "Click one end of the trail, then the other, or drag along it. If there are several trails, mark each of them."


def _question(question: str, answers: list[tuple[str, str, bool]], text: str) -> dict[str, Any]:
    """Answers are (key, label, whether ends are marked after it)."""
    options = [{"key": key, "label": label, "next": "T1" if marked else ""} for key, label, marked in answers]
    return {"type": "single", "question": question, "help": text, "answers": options}


def _draw(instruction: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": "segment", "instruction": instruction, "help": text, **more}


# The original project's: a trail? its ends; another one? its ends, up to five in all.
_TRAIL = {
    "first": "T0",
    "steps": {
        "T0": _question("Is there an asteroid trail visible in the images?", YES_NO, texts.QUESTION_HELP),
        "T1": _draw("Mark the beginning and the end of the trail.", texts.MARK_HELP, max=1, next="T2"),
        "T2": {
            "type": "single",
            "question": "Is there any other asteroid trail visible?",
            "help": texts.ANOTHER_HELP,
            "answers": [{"key": "yes", "label": "Yes", "next": "T3"}, {"key": "no", "label": "No", "next": ""}],
        },
        "T3": _draw("Mark the beginning and the end of this trail.", texts.MARK_HELP, max=1, repeat=MARKS - 1, next="T2"),
    },
}
_FINDS = [
    ("asteroid", "Asteroid trail", True),
    ("satellite", "Satellite trail", True),
    ("arc", "Gravitational arc", False),
    ("cosmic_ray", "Cosmic ray", False),
    ("artefact", "Spike, edge or other artefact", False),
    ("nothing", "Nothing there", False),
]
_KEEP = "Keep the suggested line if it lies on the trail, or mark both ends."
_REVIEW = {
    "first": "T0",
    "steps": {
        "T0": _question("What is this?", _FINDS, texts.REVIEW_HELP) | {"blind_question": "Is there a trail here, and what is it?"},
        "T1": _draw(_KEEP, texts.REVIEW_MARK_HELP, max=MARKS, next="") | {"blind_instruction": "Mark both ends of what you see."},
    },
}
_SATELLITES = {
    "first": "T0",
    "steps": {
        "T0": _question("Is there a satellite trail visible in the images?", YES_NO, texts.SATELLITE_HELP),
        "T1": _draw("Mark both ends of the trail, where it enters and leaves the image.", texts.SATELLITE_MARK_HELP, max=MARKS, next=""),
    },
}


@dataclass(frozen=True)
class Seed:
    """One workflow as it is first made."""

    slug: str
    name: str
    summary: str
    steps: dict[str, Any]
    policy: dict[str, Any]
    tutorial: list[dict[str, str]]
    former: dict[str, Any]  # the steps of version 1.0 as an earlier version of the software made it
    fields: dict[str, Any] = field(default_factory=dict)


SEEDS = (
    Seed(
        "training", "Training", "Images whose answer is known: you see at once whether you were right. Nothing you say here counts.",
        _TRAIL, {"rule": "fractions", "count": 0, "min_votes": 3, "positive": ["yes"], "negative": ["no"]},
        texts.TRAINING_TUTORIAL, steps_1_0(_TRAIL, FORMER_MARK),
        {"purpose": "training", "blind": False, "audit_fraction": 0.0, "lease_minutes": 10, "gold_schedule": []},
    ),
    Seed(
        "classify", "Find asteroids", "Images that nobody has searched for asteroids yet. Ten people look at each.",
        _TRAIL, {"rule": "fractions", "count": 10, "min_votes": 3, "majority": 0.5, "positive": ["yes"], "negative": ["no"]},
        texts.TUTORIAL, steps_1_0(_TRAIL, FORMER_MARK),
        {"purpose": "search", "teaches": "asteroid", "takes_cutouts": True},
    ),
    Seed(
        "review", "Check the machine", "A program that learnt from people's answers found something. Three people say what it is.",
        _REVIEW, {"rule": "fractions", "count": 3, "min_votes": 2, "majority": 0.5, "positive": ["asteroid", "satellite"]},
        texts.REVIEW_TUTORIAL, steps_1_0(_REVIEW),
        {"purpose": "review", "blind": False, "selection": [["priority", 1]]},
    ),
    Seed(
        "satellites", "Find satellites", "How often do satellites cross Hubble's view? Ten people look at each image.",
        _SATELLITES, {"rule": "fractions", "count": 10, "min_votes": 3, "majority": 0.5, "positive": ["yes"], "negative": ["no"]},
        texts.SATELLITE_TUTORIAL, steps_1_0(_SATELLITES),
        {"teaches": "satellite"},
    ),
)  # fmt: skip


@transaction.atomic
def seed_workflows(now: datetime) -> list[Workflow]:
    """Make what is missing of the four workflows, their versions, tutorials, field guide and translations; return the workflows in order.

    Rows that still say exactly what an earlier version of the software wrote are brought up to date; what the team changed stays.
    """
    made = [_seed(position, seed, now) for position, seed in enumerate(SEEDS)]
    entries = [_seed_entry(position, entry) for position, entry in enumerate(FIELD_GUIDE)]
    for language, (workflows, guide) in LANGUAGES.items():
        for workflow in made:
            _seed_text(workflow, language, workflows[workflow.slug])
        for entry in entries:
            text, new = FieldGuideText.objects.get_or_create(entry=entry, language=language, defaults=guide[entry.slug])
            if not new and is_ours([text.title, text.body]):
                FieldGuideText.objects.filter(pk=text.pk).update(**guide[entry.slug])
    return made


def _seed(position: int, seed: Seed, now: datetime) -> Workflow:
    check_steps(seed.steps)
    policy_from(seed.policy, answer_keys(seed.steps))
    workflow, _ = Workflow.objects.get_or_create(
        slug=seed.slug,
        defaults={"name": seed.name, "summary": seed.summary, "position": position, "created_at": now, **seed.fields},
    )
    if workflow.current_version is None:
        _publish(workflow, seed.steps, seed.policy, 0, now)
    elif workflow.current_version.label == "1.0" and workflow.current_version.steps == seed.former:
        _publish(workflow, seed.steps, workflow.current_version.policy, 1, now)
    tutorial, new = Tutorial.objects.get_or_create(workflow=workflow, defaults={"pages": seed.tutorial, "updated_at": now})
    if not new and is_ours(tutorial.pages):
        Tutorial.objects.filter(pk=tutorial.pk).update(pages=seed.tutorial, updated_at=now)
    return workflow


def _publish(workflow: Workflow, steps: dict[str, Any], policy: dict[str, Any], minor: int, now: datetime) -> None:
    """Make version 1.<minor> the current one."""
    made = {"steps": steps, "policy": policy, "created_at": now}
    version, _ = WorkflowVersion.objects.get_or_create(workflow=workflow, major=1, minor=minor, defaults=made)
    Workflow.objects.filter(pk=workflow.pk).update(current_version=version)
    workflow.current_version = version


def _seed_entry(position: int, words: dict[str, str]) -> FieldGuide:
    entry, new = FieldGuide.objects.get_or_create(slug=words["slug"], defaults={**words, "position": position})
    if not new and is_ours([entry.title, entry.body]):
        FieldGuide.objects.filter(pk=entry.pk).update(**words, position=position)
    return entry


def _seed_text(workflow: Workflow, language: str, words: dict[str, Any]) -> None:
    text, new = WorkflowText.objects.get_or_create(workflow=workflow, language=language, defaults=words)
    stale = {} if new else {name: words[name] for name in ("steps", "tutorial") if is_ours(getattr(text, name))}
    if stale:
        WorkflowText.objects.filter(pk=text.pk).update(**stale)

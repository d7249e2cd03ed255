"""Words of a workflow in another language laid over the words it was written in, piece by piece. Pure; answer keys never change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SAID = ("question", "instruction", "help", "blind_question", "blind_instruction")


class BadWords(ValueError):
    """A translation names something that the workflow does not have; the message says what."""


@dataclass(frozen=True)
class Words:
    """What a workflow is called and what it asks, in the reader's language."""

    name: str
    summary: str
    steps: dict[str, Any]

    @property
    def question(self) -> str:
        return str(self.steps["steps"][self.steps["first"]]["question"])

    @property
    def labels(self) -> dict[str, str]:
        """{answer key: label} of the first step."""
        return {answer["key"]: answer["label"] for answer in self.steps["steps"][self.steps["first"]]["answers"]}


def steps_in(data: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a version's steps with the words of `given` where it has some."""
    steps = {name: _step_in(step, given.get(name) or {}) for name, step in data["steps"].items()}
    return {**data, "steps": steps}


def _step_in(step: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    made = {**step, **{name: given[name] for name in SAID if step.get(name) and given.get(name)}}
    if "answers" in step:
        labels = given.get("answers") or {}
        made["answers"] = [{**answer, "label": labels.get(answer["key"]) or answer["label"]} for answer in step["answers"]]
    return made


def pages_in(pages: Sequence[Mapping[str, str]], given: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return a tutorial's pages with the titles and bodies of `given`, which are in the same order."""
    made = []
    for number, page in enumerate(pages):
        words = given[number] if number < len(given) else {}
        made.append({**page, **{name: words[name] for name in ("title", "body") if words.get(name)}})
    return made


def check_steps_text(data: Mapping[str, Any], given: Any) -> None:
    """Raise BadWords unless `given` has only steps, sayings and answer keys that the version has, and texts for them."""
    if not isinstance(given, Mapping):
        raise BadWords("Steps are an object: {step: {question, instruction, answers}}.")
    for name, words in given.items():
        step = data["steps"].get(name)
        if step is None:
            raise BadWords(f"There is no step {name}; there are: {', '.join(data['steps'])}.")
        if not isinstance(words, Mapping):
            raise BadWords(f"The words of step {name} are an object.")
        _check_step(name, step, words)


def _check_step(name: str, step: Mapping[str, Any], words: Mapping[str, Any]) -> None:
    known = [said for said in SAID if step.get(said)] + (["answers"] if "answers" in step else [])
    for said, text in words.items():
        if said not in known:
            raise BadWords(f"Step {name} has no {said}; it has: {', '.join(known)}.")
        if said != "answers" and not isinstance(text, str):
            raise BadWords(f"{said} of step {name} is a text.")
    labels = words.get("answers", {})
    keys = [answer["key"] for answer in step.get("answers", [])]
    if not isinstance(labels, Mapping) or not all(isinstance(label, str) for label in labels.values()):
        raise BadWords(f"Answers of step {name} are an object: {{key: label}}.")
    if wrong := [key for key in labels if key not in keys]:
        raise BadWords(f"Step {name} has no answer {wrong[0]}; its keys are: {', '.join(keys)}.")


def check_pages_text(pages: Sequence[Any], given: Any) -> None:
    """Raise BadWords unless `given` is a list of at most as many pages as there are, each with title and body as texts."""
    if not isinstance(given, list) or not all(isinstance(page, Mapping) for page in given):
        raise BadWords("A tutorial is a list of pages: [{title, body}].")
    if len(given) > len(pages):
        raise BadWords(f"The tutorial has {len(pages)} pages; these are {len(given)}.")
    for number, page in enumerate(given, start=1):
        if wrong := [name for name, text in page.items() if name not in {"title", "body"} or not isinstance(text, str)]:
            raise BadWords(f"Page {number}: {wrong[0]} is not a title or body in words.")

"""What differs between a version of a workflow and what the team would publish next, and whether it may. Pure functions.

Words may change at any time (minor). Answers, steps and the policy change what votes mean (major). Once there are votes, neither a
question nor an answer key may come or go: the votes of all versions are counted together.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from classify.crowd.consensus import Policy, policy_from
from classify.crowd.policies import Retirement

MAX_KEY = 40
_WORDS = ("question", "help", "blind_question", "instruction", "blind_instruction")
_RULES = {"max": 5, "repeat": 1, "next": ""}  # of a drawing step, with what stands for a missing one


@dataclass
class Changes:
    """Sentences about what changed: in words, in rules, and what votes forbid."""

    words: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)

    @property
    def level(self) -> str:
        """major, minor, or empty where nothing changed."""
        return "major" if self.rules or self.forbidden else "minor" if self.words else ""

    def next_after(self, major: int, minor: int) -> tuple[int, int]:
        """The number of the version that would be published after this one."""
        return (major + 1, 0) if self.level == "major" else (major, minor + 1)


def fingerprint(value: Any) -> str:
    """Return a short name of JSON data: who saves on top of another one has not seen what stands there."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def make_key(label: str, taken: Sequence[str]) -> str:
    """Return a key for an answer: its label in small ASCII letters, or a number where the label has none, unlike those taken.

    static/js/answer-key.js does the same while one types.
    """
    stem = slugify(re.sub(r"<[^>]*>", " ", label)).replace("-", "_")[: MAX_KEY - 3].strip("_") or "answer"
    number, key = 1, stem
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key


def changes(old: Mapping[str, Any], old_policy: Mapping[str, Any], new: Mapping[str, Any], new_policy: Mapping[str, Any]) -> Changes:
    """Compare what is asked now with what would be asked next."""
    found = Changes()
    before, after = old["steps"], new["steps"]
    if old["first"] != new["first"]:
        found.forbidden.append(_("The first question is another one."))
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            found.forbidden.append(_("Step %(step)s is gone.") % {"step": name})
        elif name not in before:
            found.rules.append(_("Step %(step)s is new.") % {"step": name})
        else:
            _compare_step(name, before[name], after[name], found)
    _compare_policies(policy_from(old_policy), policy_from(new_policy), found)
    return found


def _compare_step(name: str, old: Mapping[str, Any], new: Mapping[str, Any], found: Changes) -> None:
    if old["type"] != new["type"]:
        found.forbidden.append(_("Step %(step)s asks in another way.") % {"step": name})
        return
    for word in _WORDS:
        if old.get(word, "") != new.get(word, ""):
            found.words.append(_("Step %(step)s: other words (%(part)s).") % {"step": name, "part": _part(word)})
    if old["type"] == "single":
        _compare_answers(name, old["answers"], new["answers"], found)
    elif any(old.get(rule, usual) != new.get(rule, usual) for rule, usual in _RULES.items()):
        found.rules.append(_("Step %(step)s: how many lines, or what follows.") % {"step": name})


def _part(word: str) -> str:
    parts = {
        "question": _("question"),
        "help": _("help"),
        "blind_question": _("question without a suggestion"),
        "instruction": _("instruction"),
        "blind_instruction": _("instruction without a suggestion"),
    }
    return parts[word]


def _compare_answers(name: str, old: Sequence[Mapping[str, str]], new: Sequence[Mapping[str, str]], found: Changes) -> None:
    before, after = ({answer["key"]: answer for answer in answers} for answers in (old, new))
    for key in [key for key in before if key not in after]:
        found.forbidden.append(_("Step %(step)s: the answer %(key)s is gone.") % {"step": name, "key": key})
    for key in [key for key in after if key not in before]:
        found.forbidden.append(_("Step %(step)s: the answer %(key)s is new.") % {"step": name, "key": key})
    both = [key for key in before if key in after]
    if both != [key for key in after if key in before]:
        found.words.append(_("Step %(step)s: the order of the answers.") % {"step": name})
    for key in both:
        if before[key]["label"] != after[key]["label"]:
            found.words.append(_("Step %(step)s: the answer %(key)s is called otherwise.") % {"step": name, "key": key})
        if before[key].get("next", "") != after[key].get("next", ""):
            found.rules.append(_("Step %(step)s: what follows the answer %(key)s.") % {"step": name, "key": key})


def _compare_policies(old: Policy, new: Policy, found: Changes) -> None:
    said = {
        "rule": _("How the label is found: %(old)s, then %(new)s."),
        "count": _("Votes that retire a subject: %(old)s, then %(new)s."),
        "min_votes": _("Votes that a label needs: %(old)s, then %(new)s."),
        "majority": _("Share that makes a label: %(old)s, then %(new)s."),
        "certainty": _("Chance that makes a label: %(old)s, then %(new)s."),
        "min_marks": _("Marks that make a trail: %(old)s, then %(new)s."),
        "mark_share": _("Share of people who mark a trail: %(old)s, then %(new)s."),
        "tolerance_px": _("Distance in which marks agree: %(old)s px, then %(new)s px."),
    }
    _say(old, new, said, found)
    if old.machine != new.machine:
        found.rules.append(_("Whether the detector's score helps to say when a subject is done."))
    if old.labels != new.labels:
        found.rules.append(_("The rules by which single answers become the label."))
    if set(old.positive) != set(new.positive) or set(old.negative) != set(new.negative):
        found.rules.append(_("Which answers say that there is something, or nothing."))
    _compare_ends(old.ends, new.ends, found)


def _compare_ends(old: Retirement, new: Retirement, found: Changes) -> None:
    said = {
        "rule": _("When a subject is done: %(old)s, then %(new)s."),
        "default_sure": _("Chance at which an answer is sure: %(old)s, then %(new)s."),
        "markers": _("People who must have marked a find: %(old)s, then %(new)s."),
        "empties": _("First votes for nothing that end a subject early: %(old)s, then %(new)s."),
        "flags": _("Reports that end a subject: %(old)s, then %(new)s."),
    }
    _say(old, new, said, found)
    for before, after, sentence in (
        (old.sure, new.sure, _("The answer %(key)s is sure at a chance of: %(old)s, then %(new)s.")),
        (old.excluded, new.excluded, _("The answer %(key)s is ruled out at a chance of: %(old)s, then %(new)s.")),
    ):
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                values = {"old": before.get(key, _("as any answer")), "new": after.get(key, _("as any answer"))}
                found.rules.append(sentence % {"key": key, **values})
    if set(old.flagging) != set(new.flagging):
        found.rules.append(_("Which answers report an image."))


def _say(old: Any, new: Any, said: Mapping[str, str], found: Changes) -> None:
    words = {
        "fractions": _("by shares of the votes"),
        "bayes": _("the most probable answer"),
        "count": _("after a number of votes"),
        "consensus": _("as soon as its answer is sure"),
        "hand": _("only when somebody says so"),
    }
    for name, sentence in said.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            found.rules.append(sentence % {"old": words.get(before, before), "new": words.get(after, after)})

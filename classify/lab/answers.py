"""What a policy says of single answers, as lines of text that may still be wrong. Shares are percentages on the page and 0 to 1 in a policy.

A policy that a form shows and stores again is the same as before: percentages are written in full, and rules for which a line has no room
travel with it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

MAX_RULES = 8
POLICY_WORDS = ("meaning", "rule", "share", "rank", "rest", "sure", "excluded", "flagging")


@dataclass
class Answer:
    """One answer of a question. The words of POLICY_WORDS belong to the policy and stand with the first question only.

    `rest`: further rules of this answer as JSON, [[rank, {"above": share}], ...]; the line has room for one.
    """

    key: str = ""
    label: str = ""
    next: str = ""
    meaning: str = ""
    rule: str = ""
    share: str = ""
    rank: str = ""
    rest: str = ""
    sure: str = ""
    excluded: str = ""
    flagging: str = ""
    error: str = ""
    key_error: str = ""
    rule_error: str = ""
    fixed: bool = False  # its key stands in a published version
    fresh: bool = False

    @property
    def further(self) -> str:
        """The further rules in words."""
        words = {"above": _("more than %(share)s %%"), "at_least": _("at least %(share)s %%")}
        return ", ".join(words[name] % {"share": percent(share)} for _rank, name, share in _further(self))

    @property
    def n(self) -> str:
        """What the answer is called in what a screen reader says of its fields."""
        return self.label or self.key


def percent(share: float) -> str:
    """Write a share as a percentage: without the noise of binary fractions, and so that `share_of` gives the same share again."""
    return f"{(Decimal(repr(float(share))) * 100).normalize():f}"


def share_of(text: str | float) -> float | None:
    """Read a percentage as a share; None for what is no number."""
    try:
        share = float(Decimal(str(text).strip().replace(",", ".")) / 100)
    except InvalidOperation:
        return None
    return share if share == share and abs(share) != float("inf") else None


def lay(answers: Sequence[Answer], policy: Mapping[str, Any]) -> None:
    """Write beside the answers what the policy says of them, in the place of what stood there."""
    ends = policy.get("retirement", {})
    for answer in answers:
        for word in POLICY_WORDS:
            setattr(answer, word, "")
        answer.meaning = next((word for word in ("positive", "negative") if answer.key in policy.get(word, ())), "")
        answer.sure, answer.excluded = (percent(ends[word][answer.key]) if answer.key in ends.get(word, {}) else "" for word in ("sure", "excluded"))
        answer.flagging = "1" if answer.key in ends.get("flagging", ()) else ""
        rules = [(rank, _limit(rule)) for rank, rule in enumerate(policy.get("labels", ())) if rule["answer"] == answer.key]
        if rules:
            (rank, (answer.rule, share)), *others = rules
            answer.share, answer.rank = percent(share), str(rank)
            answer.rest = json.dumps([[rank, {name: share}] for rank, (name, share) in others]) if others else ""


def read_over(answers: Sequence[Answer], post: Mapping[str, str]) -> None:
    """Put what a form says of the first question's answers in the place of what stands there; keys and labels stay."""
    for number, answer in enumerate(answers):
        for word in POLICY_WORDS:
            setattr(answer, word, " ".join(post.get(f"step-0-answer-{number}-{word}", "").replace("\x00", "").split()))


def _limit(rule: Mapping[str, Any]) -> tuple[str, float]:
    name = "above" if rule.get("above") is not None else "at_least"
    return name, rule[name]


def _further(answer: Answer) -> list[tuple[int, str, float]]:
    try:
        read = [(int(rank), str(name), float(share)) for rank, limit in json.loads(answer.rest or "[]") for name, share in limit.items()]
    except (ValueError, TypeError, AttributeError):
        return []
    return [row for row in read[:MAX_RULES] if row[1] in {"above", "at_least"} and 0 <= row[2] <= 1]


def said(answers: Sequence[Answer]) -> dict[str, Any]:
    """The policy's part of the answers: what each means, and rules of single answers in their order. What is wrong is written beside it."""
    rules: list[tuple[int, dict[str, Any]]] = []
    for place, answer in enumerate(answers):
        if answer.rule in {"above", "at_least"}:
            rank = int(answer.rank) if answer.rank.isdecimal() else len(answers) * MAX_RULES + place
            mine = [(rank, answer.rule, _label_share(answer)), *_further(answer)]
            _check_rules(answer, mine)
            rules += [(rank, {"answer": answer.key, name: share}) for rank, name, share in mine]
    return {
        "positive": [answer.key for answer in answers if answer.meaning == "positive"],
        "negative": [answer.key for answer in answers if answer.meaning == "negative"],
        "labels": [rule for _rank, rule in sorted(rules, key=lambda row: row[0])],
    }


def said_of_ends(answers: Sequence[Answer]) -> dict[str, Any]:
    """The same of what ends a subject: {"sure": {answer: P}, "excluded": {answer: P}, "flagging": [answers]}, each only where there is any."""
    least = 1 / max(2, len(answers))
    sure = {answer.key: _chance(answer, answer.sure, 0.5, 1.0, _SURE) for answer in answers if answer.sure}
    excluded = {answer.key: _chance(answer, answer.excluded, 0.0, least, _EXCLUDED) for answer in answers if answer.excluded}
    flagging = [answer.key for answer in answers if answer.flagging]
    return {name: value for name, value in (("sure", sure), ("excluded", excluded), ("flagging", flagging)) if value}


_SURE, _EXCLUDED = "sure", "excluded"


def _chance(answer: Answer, text: str, above: float, below: float, which: str) -> float:
    share = share_of(text)
    if share is None or not above < share < below:
        words = {
            _SURE: _("Sure: above 50 %, or two answers could both be sure, and below 100 %, which is never reached."),
            _EXCLUDED: _("Ruled out: above 0 %%, which is never reached, and below %(most)s %%, where nothing is known yet.")
            % {"most": f"{100 * below:.3g}"},
        }
        answer.rule_error = words[which]
        return above
    return share


def _check_rules(answer: Answer, rules: Sequence[tuple[int, str, float]]) -> None:
    if answer.rule_error:
        return
    if any((name, share) in {("at_least", 0.0), ("above", 1.0)} for _rank, name, share in rules):
        answer.rule_error = _("A share of at least 0 always holds, and one of more than 100 never does.")
    elif len({name for _rank, name, _share in rules}) < len(rules):
        answer.rule_error = _("There are two rules of one kind for this answer. Choose another kind, or no rule.")


def _label_share(answer: Answer) -> float:
    share = share_of(answer.share)
    if share is None or not 0 <= share <= 1:
        answer.rule_error = _("The share is a number from 0 to 100.")
        return 0.0
    return share

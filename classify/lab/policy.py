"""The form of a policy: how votes become a label, when a subject is done, and how marks become a trail.

What a form says of single answers stands beside them (classify/lab/answers.py). All that `classify.crowd.consensus.policy_from` refuses is
found here first and said in the reader's language beside its field.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classify.crowd.consensus import BAYES, FRACTIONS, MOST_MARKS, MOST_PX, BadPolicy, Policy, ends_too_early, policy_from, unlabelled_sure
from classify.crowd.policies import MOST_VOTES, Retirement
from classify.lab.answers import Answer, lay, percent, said, said_of_ends, share_of
from classify.presets import CERTAINTY, FIRST_LOOK, TEN_VOTES, Answers, preset

PRESETS = {
    FIRST_LOOK: _("The original's first look: a find by more than 0.3 of 20 votes"),
    TEN_VOTES: _("The original's ten votes: a find by 5 of 10"),
    CERTAINTY: _("As soon as it is sure: 3 to 15 votes"),
}
_LABEL = ("rule", "min_votes", "majority", "certainty")
_END = ("ends", "count", "default_sure", "markers", "empties", "flags", "machine")
_MARKS = ("min_marks", "mark_share", "tolerance_px")


class ShareField(forms.FloatField):
    """A share, typed as a percentage."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 100, **options})

    def prepare_value(self, value: Any) -> Any:
        return percent(value) if isinstance(value, float) else value

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return None if found is None else share_of(found)


def _votes(label: Any, help_text: Any = "", least: int = 0) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=MOST_VOTES, help_text=help_text)


class PolicyForm(forms.Form):
    """All settings of a policy that are not of single answers."""

    rule = forms.ChoiceField(
        label=_("The label of an image is"),
        choices=[(FRACTIONS, _("what a share of the votes says")), (BAYES, _("the most probable answer"))],
        help_text=_("The most probable answer weighs each vote by how its voter has answered so far; a share counts all votes alike."),
    )
    min_votes = _votes(_("Votes at least"), _("With fewer there is no label, and nothing is taken for sure."), 1)
    majority = ShareField(label=_("Majority: more than (%)"), help_text=_("For answers without a rule of their own."))
    certainty = ShareField(label=_("Chance of the label: more than (%)"), help_text=_("An answer that is less likely stays without a label."))
    ends = forms.ChoiceField(
        label=_("A subject is done"),
        choices=[
            ("count", _("after a number of votes")),
            ("consensus", _("as soon as its answer is sure")),
            ("hand", _("only when somebody says so")),
        ],
        help_text=_("Nobody is asked about it any more; its label stands. A member of the team can always open or end one by hand."),
    )
    count = _votes(_("Votes at most"), _("It ends then, however people differ. 0: without a limit, where only people end it."))
    default_sure = ShareField(label=_("Sure is a chance of (%)"), help_text=_("Of any answer, unless another chance stands beside it."))
    markers = _votes(_("A find waits until marked by (people)"), _("Or for the most votes. 0: it does not wait."))
    empties = _votes(_("First votes that end it when all say nothing is there"), _("0: it does not."))
    flags = _votes(_("Votes reporting the image that end it"), _("By an answer that is said to report it. 0: it does not."))
    machine = forms.BooleanField(
        required=False,
        label=_("The detector's score helps to be sure"),
        help_text=_("As one more vote, from what people said of its other finds. The label and its chance stay those of people alone."),
    )
    min_marks = forms.IntegerField(label=_("Marks that make a trail"), min_value=1, max_value=MOST_MARKS)
    mark_share = ShareField(label=_("... and at least this share of those who marked (%)"))
    tolerance_px = forms.FloatField(label=_("Ends of two marks agree within (px)"), min_value=0.1, max_value=MOST_PX)

    def __init__(self, *arguments: Any, marks: bool = True, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in () if marks else (*_MARKS, "machine"):  # what votes alone know nothing of
            del self.fields[name]

    @property
    def label_fields(self) -> list[BoundField]:
        """How votes become a label."""
        return [self[name] for name in _LABEL]

    @property
    def end_fields(self) -> list[BoundField]:
        """When a subject is done."""
        return [self[name] for name in _END if name in self.fields]

    @property
    def mark_fields(self) -> list[BoundField]:
        """How marks become a trail."""
        return [self[name] for name in _MARKS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        count, least = data.get("count"), data.get("min_votes")
        if count and least and least > count:
            self.add_error("min_votes", gettext("A subject retires before it has so many votes."))
        if (data.get("majority") or 0) >= 1:
            self.add_error("majority", gettext("No answer can have more than 100 %."))
        if (data.get("certainty") or 0) >= 1:
            self.add_error("certainty", gettext("No answer can have more than 100 %."))
        if data.get("mark_share") == 0:
            self.add_error("mark_share", gettext("This must be more than 0."))
        self._check_ends(data)
        return data

    def _check_ends(self, data: Mapping[str, Any]) -> None:
        ends, count = data.get("ends"), data.get("count")
        if ends in {"count", "consensus"} and count == 0:
            self.add_error("count", gettext("Without a limit a subject on which people differ never ends. Give one, or let only people end it."))
        if not 0.5 < data.get("default_sure", 0.9) < 1:
            self.add_error("default_sure", gettext("Above 50 %, or two answers could both be sure, and below 100 %, which is never reached."))
        for name in ("empties", "flags", "markers"):
            if ends != "hand" and count and (data.get(name) or 0) > count:
                self.add_error(name, gettext("The most votes end the subject before."))

    def policy(self, answers: Sequence[Answer], *, marked: bool) -> dict[str, Any] | None:
        """The policy's JSON of the form and the answers, or None where something is wrong: it stands beside its field by then.

        `marked`: the workflow has a drawing step.
        """
        if not self.is_valid():
            said(answers), said_of_ends(answers)  # what is wrong there is said at once
            return None
        data = {name: self.cleaned_data[name] for name in (*_LABEL, "count", *_MARKS) if name in self.fields}
        made = {**data, **said(answers), "retirement": self._retirement(answers)}
        if self.cleaned_data.get("machine"):
            made["machine"] = True
        self._check_needs(made, marked)
        if self.errors or any(answer.rule_error for answer in answers):
            return None
        try:
            self._check_together(made, keys := [answer.key for answer in answers])
            if not self.errors:
                policy_from(made, keys)
        except BadPolicy:  # in English, and of something that is looked at above; none is known
            self.add_error(None, gettext("These settings do not go together, so the rule cannot be followed."))
        return None if self.errors else made

    def _retirement(self, answers: Sequence[Answer]) -> dict[str, Any]:
        data, usual = self.cleaned_data, Retirement()
        numbers = {name: data[name] for name in ("default_sure", "markers", "empties", "flags") if data[name] != getattr(usual, name)}
        return {"rule": data["ends"], **numbers, **said_of_ends(answers)}

    def _check_needs(self, made: Mapping[str, Any], marked: bool) -> None:
        ends = made["retirement"]
        if ends.get("empties") and not made["negative"]:
            self.add_error("empties", gettext("Say beside an answer that it means nothing is there."))
        if ends.get("flags") and not ends.get("flagging"):
            self.add_error("flags", gettext("Say beside an answer that it reports the image."))
        if ends.get("markers") and not made["positive"]:
            self.add_error("markers", gettext("Say beside an answer that it means something is there."))
        elif ends.get("markers") and not marked:
            self.add_error(
                "markers", gettext("Nobody is asked to mark anything, so each find would wait for the most votes. Add a drawing step, or say 0.")
            )

    def _check_together(self, made: Mapping[str, Any], keys: Sequence[str]) -> None:
        policy = policy_from(made)
        if unlabelled_sure(policy, keys):
            words = gettext("An answer is sure at less than this chance, so its subjects would end without a label. Lower this, or raise that.")
            self.add_error("certainty", words)
        for name in ends_too_early(policy.ends):
            words = gettext("With fewer than %(votes)s votes there is no label, so the subject would end without one.") % {"votes": policy.min_votes}
            self.add_error(name, words)

    @staticmethod
    def begun(policy: Mapping[str, Any]) -> dict[str, Any]:
        """What the form begins with."""
        whole, usual, ends = Policy(), Retirement(), policy.get("retirement", {})
        names = (*_LABEL, "count", *_MARKS)
        found = {name: policy.get(name, getattr(whole, name)) for name in names}
        found |= {name: ends.get(name, getattr(usual, name)) for name in ("default_sure", "markers", "empties", "flags")}
        found["machine"] = bool(policy.get("machine", whole.machine))
        found["ends"] = ends.get("rule", "count" if found["count"] else "hand")
        return {name: float(value) if name in _SHARES else value for name, value in found.items()}


_SHARES = ("majority", "certainty", "default_sure", "mark_share", "tolerance_px")


def begin_with(name: str, answers: Sequence[Answer], *, marked: bool) -> dict[str, Any] | None:
    """Write what a ready-made policy says beside the answers and return the rest for the form, but for how marks become a trail.

    None, and nothing changed, where no answer says that there is something: what would it be sure of?
    """
    for number, answer in enumerate(answers):
        answer.key = answer.key or f" {number}"  # a new one has none yet
    positive, negative, others = ([answer.key for answer in answers if answer.meaning == word] for word in ("positive", "negative", ""))
    try:
        made: dict[str, Any] | None = preset(name, Answers(positive, negative, others, marked))
    except LookupError:
        made = None
    if made:
        lay(answers, made)
    for answer in answers:
        answer.key = "" if answer.key.startswith(" ") else answer.key
    return {name: value for name, value in PolicyForm.begun(made).items() if name not in _MARKS} if made else None

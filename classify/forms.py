"""Forms of the admin: the words of a workflow in another language, checked against what the workflow asks."""

from typing import Any

from django import forms
from django.conf import settings

from classify.models import Tutorial, WorkflowText
from classify.wording import BadWords, check_pages_text, check_steps_text


class WorkflowTextForm(forms.ModelForm):  # type: ignore[type-arg]
    """One language of a workflow. Steps, sayings and answer keys must be those of its current version."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)

    class Meta:
        model = WorkflowText
        fields = ["language", "name", "summary", "steps", "tutorial"]

    def clean_steps(self) -> Any:
        given = self.cleaned_data["steps"] or {}
        version = self.instance.workflow.current_version
        if version is not None:
            _checked(check_steps_text, version.steps, given)
        return given

    def clean_tutorial(self) -> Any:
        given = self.cleaned_data["tutorial"] or []
        tutorial = Tutorial.objects.filter(workflow=self.instance.workflow).first()
        _checked(check_pages_text, tutorial.pages if tutorial else [], given)
        return given


def _checked(check: Any, *arguments: Any) -> None:
    try:
        check(*arguments)
    except BadWords as error:
        raise forms.ValidationError(str(error)) from error

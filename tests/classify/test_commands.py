"""Commands and the task of the same meaning."""

import pytest
from django.core.management import CommandError, call_command

from classify.models import SubjectStatus
from classify.tasks import pool_new
from tests import factories as f

pytestmark = pytest.mark.django_db


def test_pool_says_how_many(capsys):
    f.workflow(takes_cutouts=True)
    f.cutout()
    call_command("pool")
    assert capsys.readouterr().out == "1 subjects opened.\n"
    assert pool_new() == 0


def test_pool_opens_a_named_workflow_as_well():
    f.workflow(takes_cutouts=True)
    other = f.workflow()
    f.cutout()
    call_command("pool", workflow=other.slug)
    assert SubjectStatus.objects.filter(workflow=other).count() == 1
    with pytest.raises(CommandError, match="nowhere"):
        call_command("pool", workflow="nowhere")


def test_subjects_are_retired_and_taken_back_by_hand(capsys):
    flow, boss = f.workflow(), f.user()
    shown = f.subject(workflow=flow)
    for options, state in ((["--reason", "flagged"], "retired"), (["--back"], "active"), (["--pause"], "paused"), (["--resume"], "active")):
        call_command("retire", flow.slug, str(shown.public_id), "--by", boss.username, *options)
        assert capsys.readouterr().out == f"{shown.public_id}: {state}\n"


def test_what_cannot_be_retired_is_said():
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    for arguments in ([flow.slug, "7"], [flow.slug, str(shown.public_id), "--reason", "boredom"], [flow.slug, "7", "--by", "nobody"]):
        with pytest.raises(CommandError):
            call_command("retire", *arguments)

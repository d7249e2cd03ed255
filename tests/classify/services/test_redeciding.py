"""A new policy decides about the votes that are there; what people decided stays."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from classify import services, tasks
from classify.models import Consensus, SubjectStatus, Workflow, WorkflowVersion
from classify.services import workflows as lab
from classify.services.redeciding import KIND, redecide_batch
from core.models import AuditEntry, Job
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Workflow:
    """Ten votes end a subject: one with four votes, one with two, one retired by ten, one without votes, one retired by hand."""
    made = f.workflow(slug="trails")
    for n_votes in (4, 2, 10, 0, 4):
        shown = f.subject(workflow=made)
        for _ in range(n_votes):
            f.vote(subject=shown, workflow=made, answer="no")
    services.retire_subject(workflow="trails", public_id=shown.public_id, reason="other", actor=None, now=NOW)
    return made


def publish(flow: Workflow, **policy: Any) -> None:
    """Make another policy the current one."""
    old = flow.current_version
    assert old
    made = WorkflowVersion.objects.create(workflow=flow, major=old.major + 1, minor=0, steps=old.steps, policy=old.policy | policy, created_at=NOW)
    Workflow.objects.filter(pk=flow.pk).update(current_version=made)
    flow.refresh_from_db()


def states() -> list[str]:
    return list(SubjectStatus.objects.order_by("pk").values_list("state", flat=True))


def test_open_subjects_end_by_the_new_policy_and_those_that_ended_open_only_when_asked(flow: Workflow, capsys: Any) -> None:
    publish(flow, count=3)
    call_command("redecide", "trails", "--dry-run")
    assert "2 subjects looked at: 1 would end, 0 would open again." in capsys.readouterr().out
    assert states() == ["active", "active", "retired", "active", "retired"]
    call_command("redecide", "trails")
    assert "2 subjects looked at: 1 ended, 0 opened again (done)." in capsys.readouterr().out
    assert states() == ["retired", "active", "retired", "active", "retired"]
    assert set(Consensus.objects.order_by("subject").values_list("policy", flat=True)[:2]) == {"2.0 fractions"}
    publish(flow, count=20)
    call_command("redecide", "trails")
    assert states() == ["retired", "active", "retired", "active", "retired"]
    call_command("redecide", "trails", "--reopen")
    assert "3 subjects looked at: 0 ended, 2 opened again (done)." in capsys.readouterr().out.splitlines()[-1]
    assert states() == ["active", "active", "active", "active", "retired"]
    assert SubjectStatus.objects.order_by("pk")[2].reason == ""
    services.ask_redecision(workflow=flow, reopen=False, actor=None, now=NOW)
    with pytest.raises(CommandError, match="goes on by itself"):
        call_command("redecide", "trails")


def test_a_stopped_job_leaves_each_subject_before_or_after_it(flow: Workflow) -> None:
    publish(flow, count=1, min_votes=1)
    job, created = services.ask_redecision(workflow=flow, reopen=False, actor=None, now=NOW)
    assert (created, services.ask_redecision(workflow=flow, reopen=True, actor=None, now=NOW)) == (True, (job, False))
    Job.objects.filter(pk=job.pk).update(cancel_asked=True)
    tasks.redecide(job.pk)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert redecide_batch(workflow_id=flow.pk, reopen=False, after=0, now=NOW).looked == 0, "its first batch had been done"
    assert states() == ["retired", "retired", "retired", "active", "retired"]


def test_the_lab_asks_for_it_when_it_publishes(flow: Workflow) -> None:
    boss = Client()
    boss.force_login(f.user(permissions=["classify.change_workflow"]))
    version = flow.current_version
    assert version
    lab.save_draft(workflow=flow, steps=version.steps, policy=version.policy | {"count": 3}, base=lab.base_of(flow), actor=None, now=NOW)
    page = boss.get("/lab/trails/publish/").content.decode()
    assert "Decide anew about 2 open subjects" in page
    boss.post("/lab/trails/publish/", {"base": lab.base_of(flow), "redecide": "1"})
    assert Job.objects.get(kind=KIND).params["reopen"] is False
    assert AuditEntry.objects.filter(verb="decide anew", object_id="trails").exists()

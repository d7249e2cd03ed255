"""One label for each subject from all votes: stored whole, told of as a job, and the same again from an export alone."""

import gzip
import json
from datetime import timedelta
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from classify import selectors, services, tasks
from classify.crowd.dawid_skene import dawid_skene
from classify.exports import manifest_path
from classify.models import AggregatedLabel, Aggregation, Classification, Volunteer
from classify.selectors import science
from core.models import Job
from core.services import ask_cancel
from tests import factories as f
from tests.classify.services.test_learning import cast
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def run_command(*arguments):
    out = StringIO()
    call_command("consensus", *arguments, stdout=out)
    return out.getvalue()


def test_labels_are_stored_whole_and_computed_again_from_an_export_alone(tmp_path):
    flow = f.workflow()
    _, subjects, people = cast(flow)
    first, second = subjects[:2]
    f.gold_key(workflow=flow, subject=first, answer="impossible")
    Classification.objects.filter(subject=first).update(counted=False)
    unsure = Classification.objects.filter(subject=second).first()
    Classification.objects.filter(pk=unsure.pk).update(counted=False, flag="fast")
    Volunteer.objects.filter(pk=people[0].pk).update(kind="demo")
    call_command("consensus", flow.slug, stdout=StringIO())  # whose labels make room
    told = json.loads(run_command(flow.slug, "--json"))

    run = Aggregation.objects.order_by("-pk").first()
    votes = selectors.votes_of(flow)
    fit = dawid_skene(votes.table, known=votes.known)
    rows = AggregatedLabel.objects.order_by("subject__public_id")
    assert [row.aggregation for row in rows] == [run] * len(votes.subjects)
    assert np.array([row.posterior for row in rows]) == pytest.approx(fit.posterior, abs=1e-9)
    assert [row.label for row in rows] == [votes.answers[best] for best in fit.posterior.argmax(axis=1)]
    assert all(row.low - 1e-9 <= row.chance <= row.high + 1e-9 for row in rows)
    held = rows.get(subject=first)
    assert (held.label, held.chance, held.n_votes) == ("impossible", 1.0, Classification.objects.filter(subject=first).count())
    assert rows.get(subject=second).n_votes == Classification.objects.filter(subject=second).count() - 1
    assert (told["labels"], told["without"], told["converged"]) == (run.result["labels"], len(rows), True)
    assert sum(run.result["labels"].values()) == run.n_subjects == len(rows)

    call_command("export", "votes", "--workflow", flow.slug, "--output", str(tmp_path / "votes.csv.gz"), stderr=StringIO())
    again = json.loads(run_command("--from", str(tmp_path / "votes.csv.gz"), "--json"))
    same = ("votes_sha256", "labels_sha256", "n_votes", "n_subjects", "n_volunteers", "labels", "prior", "pooled", "log_likelihood")
    assert {name: again[name] for name in same} == {name: told[name] for name in same}
    assert again["labels_sha256"] == run.labels_sha256
    text = run_command("--from", str(tmp_path / "votes.csv.gz"), "--answers", "yes,no,impossible")
    assert run.labels_sha256 in text
    (tmp_path / "bare.csv").write_text("subject_id,volunteer\n")
    for wrong in (["--from", str(tmp_path / "bare.csv")], ["--from", str(tmp_path / "bare.csv"), "--answers", "yes,no"], [], ["nothing"]):
        with pytest.raises(CommandError):
            run_command(*wrong)


HEAD = "subject_id,volunteer,answer,used,known_answer"


@pytest.mark.parametrize(
    ("answers", "rows", "said"),
    [
        ("yes", "1,a,yes,true,", "must be 2 to 8 different ones"),
        ("yes,yes,no", "1,a,yes,true,", "must be 2 to 8 different ones"),
        ("yes,no", "1,a,yes,true,\n1,b,perhaps,true,", r"'perhaps' \(line 3\): not among the answers yes, no"),
        ("yes,no", "1,a,yes,true,neither", r"'neither' \(line 2\)"),
        ("yes,no", "1,a,yes,true,\n1,a,no,True,", "a stands beside subject 1 twice"),
        ("yes,no", "1,a,yes,1,", "line 2: used is '1'"),
        ("yes,no", f"{2**63},a,yes,true,", "line 2: not 5 columns with the number of a subject"),
        ("yes,no", f"{'9' * 5000},a,yes,true,", "line 2: not 5 columns"),
        ("yes,no", f"1,a,{'x' * 140_000},true,", "field larger than field limit"),
    ],
)
def test_a_file_that_cannot_be_followed_is_refused_in_words(tmp_path, answers, rows, said):
    path = tmp_path / "votes.csv"
    path.write_text(f"{HEAD}\n{rows}\n")
    with pytest.raises(CommandError, match=said):
        run_command("--from", str(path), "--answers", answers)


def test_a_file_cut_short_is_refused_and_what_the_manifest_does_not_ask_is_said(tmp_path):
    path, err = tmp_path / "votes.csv.gz", StringIO()
    votes = "".join(f"{n},{who},{answer},TRUE,\n" for n in range(20) for who, answer in (("a", "yes"), ("b", "no"), ("c", "older")))
    path.write_bytes(gzip.compress(f"{HEAD}\n{votes}".encode()))
    manifest_path(path).write_text('{"answers": ["yes", "no"]}')
    call_command("consensus", "--from", str(path), stdout=StringIO(), stderr=err)
    assert "'older' (line 4)" in err.getvalue()
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CommandError, match="damaged or not whole"):
        run_command("--from", str(path))


def test_a_job_labels_at_night_what_has_new_votes_and_can_be_stopped(monkeypatch):
    flow = f.workflow()
    f.workflow()  # without votes
    cast(flow, n_subjects=20, n_people=10)
    monkeypatch.setattr(tasks.aggregate, "delay", lambda _job: None)
    assert (tasks.aggregate_new(), tasks.aggregate_new()) == (1, 0)
    job = Job.objects.get()
    assert tasks.aggregate(job.pk) == Aggregation.objects.get().n_subjects == AggregatedLabel.objects.count()
    job.refresh_from_db()
    assert (job.state, job.result["labels_sha256"]) == ("done", Aggregation.objects.get().labels_sha256)
    assert tasks.aggregate_new() == 0

    kept = list(AggregatedLabel.objects.values_list("pk", flat=True))
    job, _ = services.ask_aggregation(workflow=flow, actor=None, now=NOW)
    Job.objects.filter(pk=job.pk).update(state="running")
    ask_cancel(job_id=job.pk, actor=None, now=NOW)
    Job.objects.filter(pk=job.pk).update(state="queued")  # as when its worker died
    assert tasks.aggregate(job.pk) == 0
    assert Job.objects.get(pk=job.pk).state == "cancelled"
    assert list(AggregatedLabel.objects.values_list("pk", flat=True)) == kept


def test_the_newest_run_is_the_one_whose_labels_stand_whatever_the_clock_says():
    flow = f.workflow()
    cast(flow, n_subjects=20, n_people=10)
    ahead = services.aggregate(workflow=flow, now=NOW + timedelta(days=30))
    last = services.aggregate(workflow=flow, now=NOW)  # it began first and ended last, or the clock was set right
    assert last.n_subjects == AggregatedLabel.objects.filter(aggregation=last).count() == AggregatedLabel.objects.count()
    assert (science.newest_aggregation(flow), science.newest_aggregations([flow.pk])) == (last, {flow.pk: last})
    assert sum(bool(row.batch_label) for row in science.subject_rows(flow, science.Sought())) == last.n_subjects
    assert services.aggregations_due(now=NOW + timedelta(hours=1)) == [flow]  # the votes of the last minute may have been missed
    Classification.objects.update(created_at=NOW - timedelta(hours=1))
    assert services.aggregations_due(now=NOW + timedelta(hours=1)) == []
    last.delete()
    assert (science.newest_aggregation(flow), services.aggregations_due(now=NOW)) == (ahead, [flow])

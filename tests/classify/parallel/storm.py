"""Votes from several processes at once. A script, run by test_parallel.py on PostgreSQL and on SQLite with the product's settings.

storm.py prepare                    makes a workflow, subjects and volunteers; prints their ids
storm.py vote PLAN                  lets its volunteers vote from four threads; prints what each said last
storm.py ask PLAN                   lets its volunteers ask the queue from four threads, and answer some; prints how much each got
storm.py held                       prints votes and live leases of each subject
storm.py check                      prints what the database holds
"""

import json
import random
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import django

THREADS = 4


def prepare(count: int, n_subjects: int, n_volunteers: int) -> dict[str, Any]:
    """A workflow that retires after `count` votes, and who and what there is."""
    from tests import factories as f

    flow = f.workflow(slug="storm", count=count, undo_seconds=3600)  # a busy machine may take its time
    cutout = f.cutout(images=False)
    subjects = [f.subject(workflow=flow, cutout=cutout, origin=f"import:{n}", kind="imported").public_id for n in range(n_subjects)]
    return {"subjects": subjects, "volunteers": [f.volunteer().pk for _ in range(n_volunteers)]}


def vote(plan: dict[str, Any]) -> dict[str, str]:
    """Every volunteer of this process votes on every subject, in an order of their own; returns {"volunteer/subject": answer}."""
    pairs = [(volunteer, subject) for volunteer in plan["volunteers"] for subject in plan["subjects"]]
    random.Random(plan["seed"]).shuffle(pairs)
    with ThreadPoolExecutor(THREADS) as pool:
        answers = pool.map(lambda pair: _one(*pair, plan), pairs)
        if plan["seed"] == 0:
            _look_at_all()
        said = list(answers)
    return {f"{volunteer}/{subject}": answer for (volunteer, subject), answer in zip(pairs, said, strict=True)}


def _look_at_all() -> None:
    """Learn the crowd and label all subjects twice, while the others vote."""
    from django.utils import timezone

    from classify import services
    from classify.models import Workflow

    flow = Workflow.objects.select_related("current_version").get(slug="storm")
    for _ in range(2):
        services.learn_crowd(workflow=flow, now=timezone.now())
        with suppress(LookupError):  # nobody has voted yet
            services.aggregate(workflow=flow, now=timezone.now())


def _in_columns() -> tuple[dict[str, str], bool]:
    """{"volunteer/subject": answer} as the batch methods read it, and whether an export of the votes gives the same labels."""
    from django.utils import timezone

    from classify import selectors, services
    from classify.crowd import batch
    from classify.exports import read_votes, vote_lines
    from classify.models import Workflow

    flow = Workflow.objects.select_related("current_version").get(slug="storm")
    votes, run = selectors.votes_of(flow), services.aggregate(workflow=flow, now=timezone.now())
    rows = zip(votes.table.subject, votes.table.person, votes.table.answer, strict=True)
    said = {f"{votes.people[person]}/{votes.public_ids[subject]}": votes.answers[answer] for subject, person, answer in rows}
    read = read_votes("".join(vote_lines(flow, "csv")).splitlines(), votes.answers)
    labels = batch.label_all(read.table, read.known)
    again = batch.labels_sha256(labels, answers=read.answers, public_ids=read.public_ids)
    return said, again == run.labels_sha256 and run.labels.count() == len(votes.subjects)


def _one(volunteer_pk: int, subject: int, plan: dict[str, Any]) -> str:
    """Vote, send the same again, and (in a wild storm) change one's mind or take it back first."""
    from django.utils import timezone

    from classify import services
    from classify.models import Volunteer

    rng = random.Random(f"{plan['seed']} {volunteer_pk} {subject}")
    volunteer = Volunteer.objects.get(pk=volunteer_pk)

    line = {"x1": 10 + rng.random(), "y1": 20, "x2": 90, "y2": 60}

    def send(answer: str, ident: uuid.UUID, **more: Any) -> None:
        marks = [line] if answer == "yes" else []
        body = {"id": str(ident), "workflow": "storm", "subject": subject, "answer": answer, "marks": marks, **more}
        services.record_classification(volunteer=volunteer, body=body, now=timezone.now())

    first, answer = uuid.UUID(int=rng.getrandbits(128), version=4), rng.choice(["yes", "yes", "no"])
    send(answer, first)
    send(answer, first)
    mood = rng.random() if plan["wild"] else 1.0
    if mood < 0.3:
        services.undo_classification(volunteer=volunteer, classification_id=first, now=timezone.now())
        answer = rng.choice(["yes", "no", ""])
        if answer:
            send(answer, uuid.UUID(int=rng.getrandbits(128), version=4))
    elif mood < 0.6:
        answer = rng.choice(["yes", "no", "impossible"])
        send(answer, uuid.UUID(int=rng.getrandbits(128), version=4), revises=str(first))
    return answer


def ask(plan: dict[str, Any]) -> list[int]:
    """Every volunteer of this process asks three times, now for a page, now for a pack, and answers the first subject of each."""
    turns = [(volunteer, turn) for turn in range(3) for volunteer in plan["volunteers"]]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda each: _ask(*each, plan), turns))


def _ask(volunteer_pk: int, turn: int, plan: dict[str, Any]) -> int:
    from django.utils import timezone

    from classify import services
    from classify.models import Volunteer, Workflow
    from classify.services.receipts import Conflict

    rng = random.Random(f"{plan['seed']} {volunteer_pk} {turn}")
    volunteer, flow = Volunteer.objects.get(pk=volunteer_pk), Workflow.objects.select_related("current_version").get()
    page = services.next_page(volunteer=volunteer, workflow=flow, n=plan["n"], now=timezone.now(), rng=rng, pack=rng.random() < 0.5)
    for item in page.results[:1]:
        body = {"id": str(uuid.UUID(int=rng.getrandbits(128), version=4)), "workflow": flow.slug, "subject": item.subject.public_id}
        with suppress(Conflict):  # another turn of the same person was given the subject again, and was quicker
            services.record_classification(volunteer=volunteer, body={**body, "serve": item.serve, "answer": "no"}, now=timezone.now())
    return len(page.results)


def held() -> list[list[int]]:
    """[votes, live leases of people who have not answered] of each subject."""
    from django.utils import timezone

    from classify.models import Classification, Serve, SubjectStatus

    rows = []
    for status in SubjectStatus.objects.order_by("pk"):
        answered = Classification.objects.filter(subject=status.subject, superseded_by=None).values("volunteer")
        leases = Serve.objects.filter(subject=status.subject, lease_until__gt=timezone.now()).exclude(volunteer__in=answered)
        rows.append([status.n_votes, leases.values("volunteer").distinct().count()])
    return rows


def check() -> list[dict[str, Any]]:
    """Per subject: standing votes, and what status, consensus and totals make of them."""
    from django.db.models import Sum

    from classify.models import Classification, Consensus, HourlyTotal, SubjectStatus

    rows = []
    columns, same_labels = _in_columns()
    for status in SubjectStatus.objects.select_related("subject").order_by("pk"):
        standing = Classification.objects.filter(subject=status.subject, superseded_by=None).exclude(answer="")
        consensus = Consensus.objects.get(subject=status.subject)
        vectors: dict[str, float] = {}
        for vector in standing.values_list("log_likelihood", flat=True):
            vectors = {key: vectors.get(key, 0.0) + value for key, value in vector.items()}
        rows.append(
            {
                "subject": status.subject.public_id,
                "standing": {f"{vote.volunteer_id}/{status.subject.public_id}": vote.answer for vote in standing},
                "columns": {pair: answer for pair, answer in columns.items() if pair.endswith(f"/{status.subject.public_id}")},
                "same_labels": same_labels,
                "late": standing.filter(late=True).count(),
                "state": status.state,
                "tally": status.tally,
                "n_votes": status.n_votes,
                "log_posterior_is_exact": status.log_posterior == vectors,
                "counts": consensus.counts,
                "label": consensus.label,
                "settled": consensus.settled,
                "revisions_agree": consensus.revision == status.revision,
                "markers": [trail.n_markers for trail in consensus.trails.all()],
                "total_of_all": HourlyTotal.objects.aggregate(n=Sum("n"))["n"],
            }
        )
    return rows


if __name__ == "__main__":
    django.setup()
    arguments = [json.loads(argument) for argument in sys.argv[2:]]
    print(json.dumps({"prepare": prepare, "vote": vote, "ask": ask, "held": held, "check": check}[sys.argv[1]](*arguments)))

"""Subjects with what people said of them: what each filter keeps, and that every order is one list, whichever page one is on."""

from typing import Any

import pytest

from classify.models import AggregatedLabel, Aggregation
from classify.selectors import science
from classify.selectors.science import NO_LABEL, Sought
from tests import factories as f

pytestmark = pytest.mark.django_db
SAID = {"all": ["no"] * 4, "split": ["yes", "no", "yes", "no"], "three": ["yes", "no", "impossible"], "seen": ["yes"] * 5, "few": ["no"]}


@pytest.fixture
def flow() -> Any:
    return f.workflow(count=5, policy={"min_votes": 2}, audit_fraction=0.1)


@pytest.fixture
def subjects(flow: Any) -> dict[str, Any]:
    made = {name: f.subject(workflow=flow) for name in (*SAID, "none")}
    for name, answers in SAID.items():
        for answer in answers:
            f.vote(subject=made[name], workflow=flow, answer=answer, marks=[(10, 20, 40, 40)] if name == "seen" else None)
    f.gold_key(workflow=flow, subject=f.subject(workflow=flow))
    made["few"].statuses.update(lot=0.05)
    return made


def aggregated(flow: Any, labels: dict[Any, str]) -> None:
    about = {"votes_sha256": "0" * 64, "labels_sha256": "0" * 64, "software": "test", "seconds": 1.0, "created_at": f.NOW}
    run = Aggregation.objects.create(workflow=flow, method="dawid_skene", n_votes=9, n_subjects=2, n_volunteers=9, **about)
    for subject, label in labels.items():
        AggregatedLabel.objects.create(aggregation=run, subject=subject, label=label, chance=0.9, low=0.8, high=1, posterior=[], n_votes=4)


def test_each_filter_keeps_what_it_says(flow: Any, subjects: dict[str, Any]) -> None:
    aggregated(flow, {subjects["all"]: "no", subjects["seen"]: "no"})
    names = {subject.public_id: name for name, subject in subjects.items()}

    def kept(**wanted: Any) -> set[str]:
        found = {names[row.public_id] for row in science.subject_rows(flow, Sought(**wanted))}
        assert len(found) == science.count_subjects(flow, Sought(**wanted))
        return found

    assert kept() == set(names.values()), "all but the one whose answer is known"
    assert kept(label="no") == {"all"}
    assert kept(label=NO_LABEL) == {"split", "three", "few", "none"}
    assert kept(labelled=True) == {"all", "seen"}
    assert kept(state="retired") == {"seen"} == kept(state="retired", reason="classification_count")
    assert kept(least_votes=1, most_votes=3) == {"three", "few"}
    assert kept(least_chance=0.95) == {"all", "seen"}
    assert kept(most_chance=0.5, least_votes=1) == {"split", "three"}
    assert kept(differs=True) == {"seen"} == kept(marked=True)
    assert kept(audit=True) == {"few"}
    assert kept(number=str(subjects["three"].public_id)) == {"three"}
    f.vote(subject=subjects["none"], workflow=flow, volunteer=f.volunteer(kind="demo"))
    assert kept(people_only=True) == set(names.values()) - {"none"}


@pytest.mark.parametrize("order", [sign + name for name in science.ORDERS for sign in ("", "-")])
def test_an_order_is_one_list_from_page_to_page_and_back(flow: Any, subjects: dict[str, Any], order: str) -> None:
    whole = [row.public_id for row in science.subject_rows(flow, Sought(), order=order)]
    first = science.subject_page(flow, Sought(), order=order, size=2)
    second = science.subject_page(flow, Sought(), order=order, size=2, after=first.after)
    third = science.subject_page(flow, Sought(), order=order, size=2, after=second.after)

    assert [row.public_id for page in (first, second, third) for row in page.rows] == whole
    assert (first.before, third.after) == ("", "")
    back = science.subject_page(flow, Sought(), order=order, size=2, before=third.before)
    assert [row.public_id for row in back.rows] == whole[2:4]
    assert science.subject_page(flow, Sought(), order=order, size=2, before=second.before).rows == first.rows
    assert science.subject_page(flow, Sought(), order=order, size=2, after="nonsense_9").rows == first.rows


def test_numbers_of_a_row_are_those_of_its_votes(flow: Any, subjects: dict[str, Any]) -> None:
    aggregated(flow, {subjects["seen"]: "no"})
    rows = {row.public_id: row for row in science.subject_rows(flow, Sought())}
    split, three, seen, none = (rows[subjects[name].public_id] for name in ("split", "three", "seen", "none"))

    assert (split.entropy, split.agreement, split.margin) == (pytest.approx(1.0), 0.5, 0.0), "half is not more than half: on the limit"
    assert three.entropy == pytest.approx(1.585, abs=0.001)
    assert three.margin == pytest.approx(1 / 6)
    assert (seen.entropy, seen.margin, seen.label, seen.batch_label, seen.differs) == (0.0, 0.5, "yes", "no", True)
    assert seen.chance == pytest.approx(seen.posterior["yes"])
    assert (none.chance, none.agreement, none.margin, none.n_votes, none.label) == (None, None, None, 0, "")

"""The table of votes."""

import numpy as np
import pytest

from classify.crowd.table import arrival, by_subject, counts, first_votes, from_labels, vote_table


def small():
    return vote_table([1, 0, 1, 1, 3], [0, 0, 1, 2, 2], [2, 0, 1, 2, 1], n_subjects=4, n_people=3, n_answers=3)


def test_votes_are_counted_by_answer():
    assert counts(small()).tolist() == [[1, 0, 0], [0, 1, 2], [0, 0, 0], [0, 1, 0]]
    assert counts(small()).dtype == np.int32


def test_the_first_votes_are_those_that_came_first():
    assert arrival(small()).tolist() == [0, 0, 1, 2, 0]
    two = first_votes(small(), 2)
    assert two.subject.tolist() == [1, 0, 1, 3]
    assert two.answer.tolist() == [2, 0, 1, 1]
    assert (two.n_subjects, two.n_people, two.n_answers) == (4, 3, 3)
    assert len(first_votes(small(), 0)) == 0
    with pytest.raises(ValueError, match="n: -1"):
        first_votes(small(), -1)


def test_labels_become_their_places_in_the_lists():
    table = from_labels(
        ["b", "a", "b"], [70, 12, 12], ["no", "no", "yes"], subject_list=["c", "b", "a"], person_list=[70, 12], answer_list=["yes", "no"]
    )
    assert (table.subject.tolist(), table.person.tolist(), table.answer.tolist()) == ([1, 2, 1], [0, 1, 1], [1, 1, 0])
    assert (table.n_subjects, table.n_people, table.n_answers) == (3, 2, 2)


def test_no_votes_are_a_table_too():
    empty = from_labels([], [], [], subject_list=[5], person_list=[], answer_list=["yes", "no"])
    assert counts(empty).tolist() == [[0, 0]]
    assert len(by_subject(first_votes(empty, 3))) == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"subject": [0, 4]}, "subject: 4 is not from 0 to 3"),
        ({"person": [0, -1]}, "person: -1"),
        ({"answer": [0.0, 1.5]}, "answer: not a flat list of whole numbers"),
        ({"answer": [[0], [1]]}, "answer: not a flat list"),
        ({"answer": [0]}, "2, 2 and 1 rows"),
        ({"n_answers": 1}, "n_answers: 1"),
        ({"n_answers": 9}, "n_answers: 9"),
        ({"n_people": -1}, "person: there cannot be -1"),
    ],
)
def test_a_wrong_table_is_refused_with_the_reason(wrong, says):
    right = {"subject": [0, 1], "person": [0, 1], "answer": [0, 1], "n_subjects": 4, "n_people": 2, "n_answers": 2}
    with pytest.raises(ValueError, match=says):
        vote_table(**right | wrong)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"answers": ["maybe"]}, "answer: maybe is not in the list"),
        ({"subjects": [9]}, "subject: 9 is not in the list"),
        ({"subjects": ["5"]}, "subject: 5 is not in the list"),
        ({"person_list": [1, 2, 1]}, "person: 1 stands in the list twice"),
    ],
)
def test_labels_that_are_not_listed_are_named(wrong, says):
    right = {"subjects": [5], "people": [1], "answers": ["a"], "subject_list": [5], "person_list": [1], "answer_list": ["a", "b"]}
    with pytest.raises(ValueError, match=says):
        from_labels(**right | wrong)

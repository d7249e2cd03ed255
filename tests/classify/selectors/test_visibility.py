"""The one guard."""

import pytest

from classify import selectors, services
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def check(volunteer, root, expected):
    """`may_see` and `hidden_roots` are one rule in two forms."""
    assert selectors.may_see(volunteer, root) is expected
    assert (root not in selectors.hidden_roots(volunteer)) is expected


def test_what_is_still_asked_blind_is_hidden_until_opened():
    flow, alice, bob = f.workflow(), f.volunteer(), f.volunteer()
    shown = f.subject(workflow=flow)
    check(alice, shown, False)
    check(None, shown, False)
    services.reveal(volunteer=alice, root=shown, now=NOW)
    check(alice, shown, True)
    check(bob, shown, False)
    check(None, shown, False)


def test_voting_does_not_open():
    flow, alice = f.workflow(), f.volunteer()
    shown = f.subject(workflow=flow)
    f.vote(subject=shown, workflow=flow, volunteer=alice)
    check(alice, shown, False)


@pytest.mark.parametrize(("state", "expected"), [("active", False), ("paused", False), ("retired", True)])
def test_retired_is_open_to_all(state, expected):
    shown = f.subject()
    f.status(subject=shown, workflow=f.workflow(), state=state)
    check(None, shown, expected)
    check(f.volunteer(), shown, expected)


def test_a_workflow_that_is_not_blind_hides_nothing():
    check(None, f.subject(workflow=f.workflow(blind=False)), True)
    check(None, f.subject(), True)


def test_what_is_asked_of_a_derived_subject_hides_its_root():
    root = f.subject()
    derived = f.find(root=root, workflow=f.workflow())
    alice = f.volunteer()
    check(alice, root, False)
    assert not selectors.may_see(alice, derived)
    services.reveal(volunteer=alice, root=derived, now=NOW)
    check(alice, root, True)
    assert selectors.may_see(alice, derived)

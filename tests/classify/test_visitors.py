"""The volunteer of a request. How cookies travel over HTTP is tried in api/test_votes.py."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from classify.models import Volunteer
from classify.visitors import VisitorMiddleware, volunteer_of
from tests import factories as f

pytestmark = pytest.mark.django_db


def request_of(user=None, cookies=None):
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()
    request.COOKIES.update(cookies or {})
    return request


def cookies_of(request):
    """What a browser keeps after this request."""
    response = VisitorMiddleware(lambda _: HttpResponse())(request)
    return {name: morsel.value for name, morsel in response.cookies.items()}


def test_nobody_is_made_up_unless_asked():
    assert volunteer_of(request_of()) is None
    assert volunteer_of(request_of(user=f.user())) is None
    assert Volunteer.objects.count() == 0


def test_a_visitor_is_made_once_per_request_and_found_by_the_next():
    request = request_of()
    guest = volunteer_of(request, create=True)
    assert volunteer_of(request, create=True) == guest
    kept = cookies_of(request)
    following = request_of(cookies=kept)
    assert volunteer_of(following) == guest
    assert cookies_of(following) == {}


def test_an_account_keeps_its_volunteer(django_assert_num_queries):
    alice = f.user()
    person = volunteer_of(request_of(user=alice), create=True)
    again = request_of(user=type(alice).objects.get(pk=alice.pk))
    with django_assert_num_queries(1):
        assert volunteer_of(again) == person
        assert volunteer_of(again) == person


def test_a_cookie_is_used_up_by_signing_in():
    request = request_of()
    guest = volunteer_of(request, create=True)
    kept = cookies_of(request)
    alice = f.user()
    f.volunteer(user=alice)
    signed_in = request_of(user=alice, cookies=kept)
    assert volunteer_of(signed_in) == alice.volunteer
    assert cookies_of(signed_in) == {"hunter_visitor": ""}
    guest.refresh_from_db()
    assert guest.merged_into == alice.volunteer
    back = request_of(cookies=kept)  # another tab still had it
    assert volunteer_of(back) is None
    assert cookies_of(back) == {"hunter_visitor": ""}


@pytest.mark.parametrize("value", ["", "x", "abc:def:ghi", "a" * 5000])
def test_a_cookie_that_is_not_ours_is_taken_away(value):
    request = request_of(cookies={"hunter_visitor": value})
    assert volunteer_of(request) is None
    assert cookies_of(request) == {"hunter_visitor": ""}
    assert volunteer_of(request, create=True).kind == "visitor"

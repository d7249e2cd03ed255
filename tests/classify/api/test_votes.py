"""Votes over HTTP: receipts, problem documents, cookies."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from classify import flagging
from classify.models import Classification, Consensus, HourlyTotal, Serve, SubjectStatus, Volunteer, WorkflowVersion
from core import throttles
from tests import factories as f

pytestmark = pytest.mark.django_db
URL = "/api/v1/classifications/"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def body_of(subject, workflow, /, **fields):
    return {"id": str(uuid.uuid4()), "workflow": workflow.slug, "subject": subject.public_id, "answer": "yes", **fields}


def post(client, body, url=URL, **headers):
    return client.post(url, body, content_type="application/json", headers=headers)


def test_a_visitor_votes_and_is_known_by_a_signed_cookie(client):
    flow = f.workflow()
    first, second = f.subject(workflow=flow), f.subject(workflow=flow)
    answer = post(client, body_of(first, flow))
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "subject", "undo_until", "blind", "counted", "flag", "note", "late", "gold"}
    assert post(client, body_of(second, flow)).status_code == 201
    guest = Volunteer.objects.get()
    assert guest.kind == "visitor"
    assert Classification.objects.filter(volunteer=guest).count() == 2
    cookie = client.cookies["hunter_visitor"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie.value.startswith(guest.public_id)


def test_a_forged_cookie_names_nobody(client):
    flow = f.workflow()
    post(client, body_of(f.subject(workflow=flow), flow))
    client.cookies["hunter_visitor"] = Volunteer.objects.get().public_id + ":forged"
    post(client, body_of(f.subject(workflow=flow), flow))
    assert Volunteer.objects.count() == 2


def test_looking_makes_no_visitor(client):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    client.get("/api/v1/workflows/")
    client.get(f"/api/v1/workflows/{flow.slug}/")
    client.get(f"/api/v1/subjects/{shown.public_id}/")
    client.get("/classify/")
    assert Volunteer.objects.count() == 0


def test_signing_in_brings_the_votes_along_and_takes_the_cookie_away(client):
    flow, alice = f.workflow(), f.user()
    shown, other = f.subject(workflow=flow), f.subject(workflow=flow)
    post(client, body_of(shown, flow))
    client.force_login(alice)
    assert post(client, body_of(shown, flow)).status_code == 409
    assert client.cookies["hunter_visitor"].value == ""
    assert post(client, body_of(other, flow)).status_code == 201
    assert Volunteer.objects.get(user=alice).classifications.count() == 2


def test_the_same_vote_again_gives_the_same_receipt(client):
    flow = f.workflow()
    body = body_of(f.subject(workflow=flow), flow)
    first, again = post(client, body), post(client, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Classification.objects.count() == 1


LINE = {"x1": 1, "y1": 2, "x2": 30, "y2": 40}
WRONG = [
    ({"id": "x"}, "id"),
    ({"id": None}, "id"),
    ({"workflow": "nowhere"}, "workflow"),
    ({"workflow": 5}, "workflow"),
    ({"subject": 7}, "subject"),
    ({"subject": "one"}, "subject"),
    ({"subject": 2**63}, "subject"),
    ({"subject": True}, "subject"),
    ({"version": "7.3"}, "version"),
    ({"version": "1.00000000"}, "version"),
    ({"serve": str(uuid.uuid4())}, "serve"),
    ({"answer": "maybe"}, "answer"),
    ({"answer": ["yes"]}, "answer"),
    ({"answer": ""}, "answer"),
    ({"marks": {}}, "marks"),
    ({"marks": [LINE] * 6}, "marks"),
    ({"marks": [LINE], "answer": "no"}, "marks"),
    ({"marks": [LINE, [1, 2, 3, 4]]}, "marks[1]"),
    ({"marks": [{"x1": 1}]}, "marks[0].x2"),
    ({"marks": [LINE | {"y2": 10**400}]}, "marks[0].y2"),
    ({"marks": [LINE | {"y1": "2"}]}, "marks[0].y1"),
    ({"marks": [LINE | {"frame": 1}]}, "marks[0].frame"),
    ({"marks": [LINE | {"suggestion": "t1"}]}, "marks[0].suggestion"),
    ({"annotations": []}, "annotations"),
    ({"annotations": {"T9": "x" * 20_001}}, "annotations"),
    ({"annotations": {"T0": "no"}}, "annotations.T0"),
    ({"annotations": {"T1": [LINE, LINE]}}, "annotations.T1"),
    ({"viewer": {"a": "\x00"}}, "viewer"),
    ({"viewer": {"a": "x" * 4_001}}, "viewer"),
    ({"revises": "me"}, "revises"),
    ({"started_at": "yesterday"}, "started_at"),
    ({"started_at": "2026-03-01T12:00:00"}, "started_at"),
    ({"started_at": "2026-03-01T12:00:09Z", "finished_at": "2026-03-01T12:00:00Z"}, "finished_at"),
    ({"colour": "red"}, "colour"),
]


def test_whatever_is_wrong_is_named_in_a_problem_document_and_nothing_is_stored_or_lost(client):
    flow, other = f.workflow(), f.workflow()
    f.subject(workflow=flow)
    (body,) = handed(client, flow)
    body |= {"answer": "yes", "marks": [LINE]}
    elsewhere = f.subject(workflow=other)
    for change, field in [*WRONG, ({"subject": elsewhere.public_id}, "subject")]:
        answer = post(client, json.dumps({**body, **change}))
        assert (answer.status_code, answer["Content-Type"], change) == (400, "application/problem+json", change)
        assert list(answer.json()["errors"]) == [field]
    assert (
        Classification.objects.count()
        == Consensus.objects.count()
        == HourlyTotal.objects.count()
        == SubjectStatus.objects.get(workflow=flow).n_votes
        == 0
    )
    assert post(client, body).status_code == 201


def test_an_id_that_comes_again_with_another_body_is_refused_by_what_differs(client):
    flow = f.workflow()
    one, two = f.subject(workflow=flow), f.subject(workflow=flow)
    WorkflowVersion.objects.create(workflow=flow, major=1, minor=1, steps=f.STEPS, policy=flow.current_version.policy, created_at=f.NOW)
    body = body_of(one, flow, marks=[LINE], version="1.0", viewer={"zoom": 1})
    first = post(client, body)
    for change, fields in [
        ({"answer": "no", "marks": []}, ["answer"]),
        ({"subject": two.public_id}, ["subject"]),
        ({"version": "1.1"}, ["version"]),
        ({"marks": []}, ["marks", "annotations"]),
        ({"marks": [LINE | {"x2": 31}]}, ["marks", "annotations"]),
        ({"annotations": {"T7": 1}}, ["annotations"]),
    ]:
        answer = post(client, {**body, **change})
        assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
        assert list(answer.json()["errors"]) == ["id", *fields]
    foreign = post(Client(), body)
    assert (foreign.status_code, list(foreign.json()["errors"])) == (409, ["id"])
    again = post(client, {**body, "viewer": {"zoom": 2}, "annotations": {"T0": "yes", "T1": [LINE]}})
    assert (again.status_code, again.json()) == (200, first.json())
    assert Classification.objects.get().viewer == {"zoom": 1}


def test_steps_that_the_version_does_not_have_are_kept_and_named(client):
    flow = f.workflow()
    body = body_of(f.subject(workflow=flow), flow, annotations={"T9": "q", "T0": "yes", "T10": [1]})
    for _ in range(2):
        assert post(client, body).json()["note"].endswith(" No step of version 1.0, kept as it was sent: T10, T9.")
    assert Classification.objects.get().annotations["T9"] == "q"


@pytest.mark.parametrize("raw", [b"", b"[1]", b"{", b'"yes"', b"\xff\xfe", b'{"id": NaN}', b'{"a":' * 5000, b"[" * 100_000, b"9" * 5000])
def test_a_body_that_is_no_classification_is_refused(client, raw):
    answer = client.post(URL, raw, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ('"marks": [{"x1": 1, "y1": 2, "x2": NaN, "y2": 4}]', "marks[0].x2"),
        ('"viewer": {"window": [1, Infinity]}', "viewer.window[1]"),
        ('"annotations": {"T9": -1e999}', "annotations.T9"),
    ],
)
def test_what_is_no_number_is_named_and_not_stored(client, change, field):
    flow = f.workflow()
    body = json.dumps(body_of(f.subject(workflow=flow), flow))
    answer = client.post(URL, f"{body[:-1]}, {change}}}", content_type="application/json")
    assert (answer.status_code, answer.json()["errors"]) == (400, {field: ["This must be a finite number."]})
    assert not Classification.objects.exists()


def test_a_conflict_says_what_stands(client):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    first = post(client, body_of(shown, flow)).json()
    problem = post(client, body_of(shown, flow)).json()
    assert (problem["status"], problem["existing"]) == (409, first["id"])


def test_undo_over_http(client):
    flow = f.workflow()
    f.subject(workflow=flow)
    first = post(client, handed(client, flow)[0]).json()
    assert SubjectStatus.objects.get().n_votes == 1
    url = f"{URL}{first['id']}/"
    assert client.delete(url).json()["id"] == first["id"]
    assert client.delete(url).status_code == 200
    assert SubjectStatus.objects.get().n_votes == 0
    assert Client().delete(url).status_code == 404
    assert client.delete(f"{URL}{uuid.uuid4()}/").status_code == 404
    assert client.get(url).status_code == 405


def test_a_vote_is_revised_over_http_by_a_whole_new_one(client):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    first = post(client, handed(client, flow)[0]).json()
    url, body = f"{URL}{first['id']}/", body_of(shown, flow)
    answer, again = (client.put(url, body, content_type="application/json") for _ in range(2))
    assert (answer.status_code, again.status_code, answer.json()) == (201, 200, again.json())
    assert SubjectStatus.objects.get().tally == {"yes": 1}
    wrong = [({"id": first["id"]}, "id"), ({"revises": str(uuid.uuid4())}, "revises"), ({"answer": "maybe"}, "answer"), ({"subject": 1}, "subject")]
    for change, field in wrong:
        refused = client.put(url, {**body_of(shown, flow), **change}, content_type="application/json")
        assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])
    assert client.put(url, [1], content_type="application/json").status_code == 400
    assert client.put(url, body_of(shown, flow), content_type="application/json").status_code == 409  # another stands by now
    assert client.put(f"{URL}{uuid.uuid4()}/", body_of(shown, flow), content_type="application/json").status_code == 404
    assert Client().put(url, body_of(shown, flow), content_type="application/json").status_code == 404


def test_a_signed_in_vote_needs_the_csrf_token():
    flow = f.workflow()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(f.user())
    assert post(strict, body_of(f.subject(workflow=flow), flow)).status_code == 403
    page = strict.get(f"/classify/{flow.slug}/")
    assert page.status_code == 200
    token = strict.cookies["csrftoken"].value
    assert post(strict, body_of(f.subject(workflow=flow), flow), **{"X-CSRFToken": token}).status_code == 201


def test_gold_is_told_only_after_the_vote(client):
    flow = f.workflow()
    shown = f.gold(workflow=flow, answer="no")
    queue = client.get(f"/api/v1/workflows/{flow.slug}/queue/")
    page = client.get(f"/classify/{flow.slug}/")
    facts = client.get(f"/api/v1/subjects/{shown.public_id}/")
    for answer in (queue, page, facts):
        assert b"A trail curves" not in answer.content
        assert f"gold-{flow.slug}".encode() not in answer.content
    assert b"gold" not in queue.content + facts.content
    receipt = post(client, body_of(shown, flow, answer="no")).json()
    assert receipt["gold"]["right"] is True
    assert receipt["undo_until"] is None


def test_the_serve_of_a_queue_is_accepted(client):
    flow = f.workflow()
    f.subject(workflow=flow)
    (item,) = client.get(f"/api/v1/workflows/{flow.slug}/queue/?n=1").json()["results"]
    body = {"id": str(uuid.uuid4()), "workflow": flow.slug, "subject": item["id"], "serve": item["serve"], "version": item["version"], "answer": "no"}
    assert post(client, body).status_code == 201
    assert Classification.objects.get().serve == Serve.objects.get()


# --- votes that wait for the team ----------------------------------------------------------------


def times(n, seconds):
    """When n answers were given, so far apart, the last one now."""
    now = timezone.now()
    return [(now - timedelta(seconds=seconds * (n - 1 - i))).isoformat() for i in range(n)]


def handed(client, flow, n=1, minutes_ago=0, more=""):
    """Bodies of votes on what the queue hands out, as the page sends them."""
    items = client.get(f"/api/v1/workflows/{flow.slug}/queue/?n={n}{more}").json()["results"]
    Serve.objects.filter(pk__in=[item["serve"] for item in items]).update(served_at=timezone.now() - timedelta(minutes=minutes_ago))
    return [{"id": str(uuid.uuid4()), "workflow": flow.slug, "subject": item["id"], "serve": item["serve"], "answer": "no"} for item in items]


def flags(client, bodies, **headers):
    """Send votes one after the other; their flags."""
    return [post(client, body, **headers).json()["flag"] for body in bodies]


def test_nobody_decides_on_what_was_not_handed_out(client):
    """Each request without a cookie would be somebody new; the browser's name is easily written."""
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    answers = [post(Client(), body_of(shown, flow), **{"User-Agent": BROWSER}) for _ in range(12)]
    client.force_login(f.user())
    answers += [post(client, body_of(shown, flow), **{"User-Agent": BROWSER})]

    assert {(answer.status_code, answer.json()["flag"], answer.json()["counted"]) for answer in answers} == {(201, "script", False)}
    assert (SubjectStatus.objects.get().n_votes, SubjectStatus.objects.get().state) == (0, "active")


def test_what_was_handed_out_counts_with_and_without_its_number(client):
    flow = f.workflow()
    for _ in range(2):
        f.subject(workflow=flow)
    named, unnamed = handed(client, flow, 2)
    del unnamed["serve"]

    assert flags(client, [named, unnamed], **{"User-Agent": BROWSER}) == ["", ""]


def test_a_class_may_begin_and_an_army_may_not(client, monkeypatch):
    monkeypatch.setattr(flagging, "NEW_MOST", 3)
    flow, old, browsers = f.workflow(), Client(), [Client() for _ in range(5)]
    for _ in range(2):
        f.subject(workflow=flow)
    early = handed(old, flow, 1)
    Volunteer.objects.update(created_at=timezone.now() - 2 * flagging.NEW)
    bodies = [handed(browser, flow, 2) for browser in browsers]

    first = [flags(browser, mine[:1]) for browser, mine in zip(browsers, bodies, strict=True)]
    second = [flags(browser, mine[1:]) for browser, mine in zip(browsers, bodies, strict=True)]
    assert first == second == [[""], [""], [""], ["script"], ["script"]]
    assert flags(old, early) == [""]  # who has been here longer is not touched
    client.force_login(f.user())
    assert flags(client, handed(client, flow)) == [""]


def test_haste_is_not_hidden_by_times_that_cannot_be(client):
    """Twenty-four arrive at once, with claims spread over the hour before they were handed out."""
    flow = f.workflow()
    for _ in range(24):
        f.subject(workflow=flow)
    bodies = handed(client, flow, 24)
    spread = [{**body, "finished_at": at} for body, at in zip(bodies, times(25, 20)[:24], strict=True)]

    assert flags(client, spread) == [""] * 15 + ["fast"] * 9


def test_a_pack_and_an_outbox_after_a_day_offline_are_no_haste(client):
    """Thirty that were taken along and fifteen that were in hand, answered yesterday, all sent within seconds."""
    flow, cutout = f.workflow(), f.cutout(images=False)
    for number in range(45):
        f.subject(workflow=flow, cutout=cutout, origin=f"import:{number}")
    bodies = handed(client, flow, 15, minutes_ago=26 * 60) + handed(client, flow, 30, minutes_ago=26 * 60, more="&pack=1")
    Serve.objects.update(lease_until=timezone.now() - timedelta(hours=2))
    yesterday = [(timezone.now() - timedelta(hours=25) + timedelta(seconds=4 * n)).isoformat() for n in range(45)]
    receipts = [post(client, {**body, "finished_at": at}).json() for body, at in zip(bodies, yesterday, strict=True)]

    assert {(receipt["flag"], receipt["counted"], receipt["late"]) for receipt in receipts} == {("", True, True)}
    assert SubjectStatus.objects.filter(n_votes=1).count() == 45


def test_a_program_is_told_that_its_vote_waits(client):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    answer = post(client, body_of(shown, flow), **{"User-Agent": "python-requests/2.32"})

    assert (answer.status_code, answer.json()["counted"], answer.json()["flag"]) == (201, False, "script")
    assert "counts once somebody of the team has looked" in answer.json()["note"]
    assert SubjectStatus.objects.get().n_votes == 0


def test_a_loop_is_flagged_and_a_quick_person_is_not():
    flow, quick, loop = f.workflow(), Client(), Client()
    for _ in range(40):
        f.subject(workflow=flow)
    calm, hasty = (
        [{**body, "finished_at": at} for body, at in zip(handed(browser, flow, 40, minutes_ago=5), times(40, seconds), strict=True)]
        for browser, seconds in ((quick, 1.0), (loop, 0.25))
    )
    assert flags(quick, calm) == [""] * 40
    assert flags(loop, reversed(hasty)) == [""] * 15 + ["fast"] * 25  # in whatever order they are sent


def test_the_plain_form_says_it_too(client):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    page = client.post(f"/classify/{flow.slug}/", body_of(shown, flow), headers={"User-Agent": "curl/8.5"}, follow=True)

    assert "This answer looks as if it came from a program" in page.content.decode()
    assert Classification.objects.get().counted is False


def test_over_the_limit_the_plain_form_loses_nothing(client, monkeypatch):
    monkeypatch.setitem(throttles.LIMITS, "votes", throttles.Limit((throttles.Window(1, 60),), ()))
    flow = f.workflow()
    first, second = f.subject(workflow=flow), f.subject(workflow=flow)
    client.get(f"/classify/{flow.slug}/")
    client.post(f"/classify/{flow.slug}/", body_of(first, flow))
    page = client.post(f"/classify/{flow.slug}/", body_of(second, flow), follow=True)

    assert "Your answer was not stored" in page.content.decode()
    assert str(second.public_id) in page.content.decode()  # the same image again

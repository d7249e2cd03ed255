"""Blind by construction: before somebody's vote is stored, no answer of the site tells them what others, the machine or the team know.

Secrets that are easily told from all else are planted in the rows of two subjects, one that is asked about and a known one; then every
address is opened, and each body and header searched.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import classify.services
from classify.models import Workflow
from classify.selectors import any_workflow
from core import identity
from talk.services import About, make_collection
from tests import factories
from tests.factories import NOW
from tests.hunter import site, walk
from tests.hunter.test_tokens import key_of
from tests.ml import rows
from tests.talk.conftest import person, write

pytestmark = pytest.mark.django_db
OTHERS = "231.4159"  # where others drew their line
SCORE, OPINION = 0.86420, 0.97531
SAID, TAG, COLLECTED = "Quokkas were here", "numbat", "Bandicoots"
EXPLAINED, KNOWN_AT, LENGTH, MAGNITUDE, FILE, SOURCE = "Wombats curve", "157.625", "371.25", "23.4567", "wallaby_injected", "potoroo"
HIDDEN = ("231.4", "0.864", "86.4", "0.975", "97.5", SAID, EXPLAINED, "157.6", "371.2", "23.45", FILE, SOURCE, "gold_key", "injection:")
BESIDES = ("accounts/", "static/", "api/schema", "lab/", "dashboard", "healthz", "metrics", "<place", "contact", "robots", ".well-known", "favicon")
QUERIES = {  # more of some addresses
    "api/v1/labels/": ["?workflow=classify", "?workflow=review", "?workflow=classify&all=1"],
    "api/v1/exports/labels/": ["?workflow=classify&format=csv", "?workflow=classify&format=jsonl"],
    "api/v1/workflows/<slug:slug>/queue/": ["?n=50", "?n=30&pack=1"],
    "api/v1/talk/comments/": ["?subject={public_id}"],
    "api/v1/ml/detections/": ["?limit=100", "?cutout={cutout_id}"],
}


class Setting:
    """The site, a subject that is asked about (`open`), and a known one (`known`)."""

    def __init__(self) -> None:
        self.values, flow = site.build(), any_workflow("classify")
        assert flow is not None
        self.flow, self.author = flow, person("teller")
        self.visitor = site.visitor()  # gives an answer, about none of the two below
        self.open, self.known = self._open(), self._known()
        shared = About(COLLECTED, public=True)
        self.collection = make_collection(viewer=self.author, about=shared, roots=[self.open.pk], now=NOW).public_id

    def _open(self) -> Any:
        cutout = factories.cutout(exposure=factories.exposure(source=f"/data/{FILE}.fits"))
        shown = factories.subject(workflow=self.flow, cutout=cutout)
        for _ in range(3):
            factories.vote(subject=shown, workflow=self.flow, answer="yes", marks=[(float(OTHERS), 20, 90, 60)], now=timezone.now())
        classify.services.reveal(volunteer=self.author.volunteer, root=shown, now=NOW)
        write(self.author, shown, f"{SAID}, a #{TAG} if ever there was one.")
        model = rows.model(2)
        rows.detection(cutout, model, line=((231.4, 20.0), (90.0, 60.0)), score=SCORE)
        opinion = {"workflow": "classify", "subject_id": shown.pk, "model": model.name, "probabilities": {"yes": OPINION}, "now": NOW}
        classify.services.set_machine_opinion(**opinion)
        trail = {"id": "t1", "klass": "asteroid", "score": SCORE, "points": [[231.4, 20.0], [90.0, 60.0]]}
        classify.services.offer_find(origin="find:9", cutout_id=cutout.pk, suggestions=[trail], priority=SCORE, model=model.name, now=NOW)
        return shown

    def _known(self) -> Any:
        cutout = factories.cutout(exposure=factories.exposure(source=f"/data/{FILE}_2.fits"))
        told = {"length_px": float(LENGTH), "curvature": 0.1, "magnitude": float(MAGNITUDE)}
        parent = factories.subject()
        made = {"kind": "injected", "origin": "injection:5", "root": parent, "metadata": {"injection": told}}
        shown = factories.subject(cutout=cutout, **made)
        ends = {"x1": float(KNOWN_AT), "y1": 20.0, "x2": 200.0, "y2": 60.0}
        classify.services.add_gold(workflow=self.flow, subject=shown, answer="yes", marks=[ends], explanation=EXPLAINED, source=SOURCE, now=NOW)
        return shown

    def paths(self) -> Iterator[str]:
        """Every address that is no form of an account, for both subjects."""
        for address in walk.addresses():
            if address.route.startswith(("admin/", *BESIDES)):
                continue
            for values in self._values(address.route):
                path = address.path(values)
                yield path
                yield from (path + query.format(**values) for query in QUERIES.get(address.route, ()))

    def _values(self, route: str) -> list[dict[Any, Any]]:
        if not any(name in route for name in ("public_id", "cutout_id", "exposure_id", "observation_id", "tag", "collection_id")):
            return [self.values]
        mine = []
        for shown in (self.open, self.known):
            cutout = shown.frames.get().cutout
            exposure = cutout.plane.exposure
            own = {"public_id": shown.public_id, "cutout_id": cutout.pk, "exposure_id": exposure.pk, "observation_id": exposure.observation_id}
            mine.append({**self.values, **own, "tag": TAG, "collection_id": self.collection})
        return mine


def found_in(answer: Any, setting: Setting) -> list[str]:
    """The secrets in one answer, headers included. Pixels are no words."""
    if answer.get("Content-Type", "").startswith("image/"):
        return []
    body = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8", "replace")
    text = body + json.dumps(dict(answer.headers))
    # With what stands around it; a number begins where no other goes on.
    words = [found[0] for word in HIDDEN if (found := re.search(rf".{{0,20}}(?<![\w.]){re.escape(word)}.{{0,20}}", text, re.IGNORECASE))]
    # Tags and collections stand in lists of their own; of which subjects they are is what would tell something.
    return words + [word for word in (TAG, COLLECTED) if word in text and str(setting.open.public_id) in text]


def leaks(setting: Setting, client: Client, **headers: str) -> dict[str, list[str]]:
    """{path: secrets} of all that a client can open."""
    client.raise_request_exception = False
    found, opened = {}, 0
    for path in setting.paths():
        if headers and not path.startswith("/api/"):
            continue
        answer = client.get(path, headers=headers)
        assert answer.status_code < 500, path
        opened += answer.status_code == 200
        if words := found_in(answer, setting):
            found[path] = words
    assert opened > 20
    return found


def test_nothing_is_told_before_the_vote(settings: Any) -> None:
    settings.THROTTLES = False
    setting = Setting()
    account = factories.user()
    volunteer = site.signed_in(account)
    assert leaks(setting, volunteer) == {}
    assert leaks(setting, setting.visitor) == {}
    assert leaks(setting, Client(), Authorization=f"Bearer {key_of(account, 'read', 'classify', 'talk')}") == {}


def test_after_the_vote_and_its_reveal_it_is_told(settings: Any) -> None:
    settings.THROTTLES = False
    setting = Setting()
    Workflow.objects.update(gold_schedule=[])
    client = site.signed_in(factories.user())
    receipts = {}
    for item in client.get("/api/v1/workflows/classify/queue/?n=50").json()["results"]:
        body = {"id": str(identity.random_uuid()), "workflow": "classify", "subject": item["id"], "serve": item["serve"], "answer": "no"}
        answer = client.post("/api/v1/classifications/", body, content_type="application/json")
        receipts[item["id"]] = answer.json()
    assert receipts[setting.open.public_id]["gold"] is None
    page = f"/subjects/{setting.open.public_id}/"
    assert SAID not in client.get(page).content.decode()
    client.post(f"{page}reveal/")
    told = client.get(page).content.decode()
    assert [word for word in (SAID, TAG) if word not in told] == []
    (trail,) = client.get(f"/api/v1/subjects/{setting.open.public_id}/").json()["consensus"][0]["trails"]
    assert float(OTHERS) in (trail["x1"], trail["x2"])

    body = {"id": str(identity.random_uuid()), "workflow": "classify", "subject": setting.known.public_id, "answer": "no"}
    gold = client.post("/api/v1/classifications/", body, content_type="application/json").json()["gold"]
    assert (gold["outcome"], gold["explanation"], gold["marks"][0]["x1"]) == ("missed", EXPLAINED, float(KNOWN_AT))
    assert gold["injected"] == {"length_px": float(LENGTH), "curvature": 0.1, "magnitude": float(MAGNITUDE)}


def test_a_suggestion_that_is_shown_is_no_blind_vote(settings: Any) -> None:
    """The one exception: in the review, where the machine's line is drawn; its score is not told there either."""
    settings.THROTTLES = False
    Setting()
    client = site.signed_in(factories.user())
    Workflow.objects.filter(slug="review").update(suggest_fraction=1.0)
    answer = client.get("/api/v1/workflows/review/queue/")
    (item,) = [each for each in answer.json()["results"] if each["suggestions"][0]["x1"] == 231.4]
    assert "0.864" not in answer.content.decode()
    body = {"id": str(identity.random_uuid()), "workflow": "review", "subject": item["id"], "serve": item["serve"], "answer": "nothing"}
    assert client.post("/api/v1/classifications/", body, content_type="application/json").json()["blind"] is False

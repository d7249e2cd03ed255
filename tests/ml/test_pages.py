"""The pages and the API: who may do what, what they show, how many queries they take."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from classify.seeds import seed_workflows
from core.models import Job
from ml import services
from ml.models import DetectorModel, Run
from tests import factories
from tests.factories import NOW
from tests.ml import rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def flows() -> dict[str, Any]:
    return {flow.slug: flow for flow in seed_workflows(NOW)}


@pytest.fixture
def signed_in(client: Client) -> Callable[..., Client]:
    def sign_in(*permissions: str) -> Client:
        client.force_login(factories.user(permissions=list(permissions)))
        return client

    return sign_in


def test_the_page_of_an_empty_registry_says_what_comes(client: Client) -> None:
    page = client.get("/ml/").content.decode()
    assert "No model yet" in page
    assert reverse("ml_train") not in page


def test_everybody_reads_and_operators_act(client: Client, signed_in: Callable[..., Client]) -> None:
    first, second = rows.model(1), rows.model(2)
    page = client.get("/ml/").content.decode()
    assert first.name in page
    assert reverse("ml_promote", args=[second.name]) not in page
    page = signed_in("ml.train", "ml.promote").get("/ml/").content.decode()
    assert reverse("ml_promote", args=[second.name]) in page
    assert reverse("ml_train") in page


def test_acting_needs_the_permission(client: Client, signed_in: Callable[..., Client]) -> None:
    model = rows.model(1)
    run = rows.training_run()
    addresses = [
        *(reverse(name) for name in ("ml_train", "ml_scan", "ml_rollback")),
        reverse("ml_promote", args=[model.name]),
        reverse("ml_cancel", args=[run.pk]),
    ]
    assert [client.post(address).status_code for address in addresses] == [302] * 5
    assert all(client.post(address).url.startswith("/accounts/login") for address in addresses)  # type: ignore[attr-defined]
    someone = signed_in()
    assert [someone.post(address).status_code for address in addresses] == [403] * 5
    assert [someone.get(address).status_code for address in addresses] == [405] * 5


def test_put_live_and_roll_back_by_click(signed_in: Callable[..., Client]) -> None:
    first, second = rows.model(1), rows.model(2)
    client = signed_in("ml.promote")
    client.post(reverse("ml_promote", args=[second.name]))
    assert DetectorModel.objects.get(state="live") == second
    page = client.post(reverse("ml_rollback"), follow=True).content.decode()
    assert DetectorModel.objects.get(state="live") == first
    assert f"{first.name} is live." in page


def test_training_without_labels_is_refused_in_words(signed_in: Callable[..., Client]) -> None:
    page = signed_in("ml.train").post(reverse("ml_train"), follow=True).content.decode()
    assert "Too few labels to train on: 0 of 5 cutouts with agreed trails" in page
    assert Run.objects.count() == 0


def test_scanning_by_click_opens_a_run(signed_in: Callable[..., Client], django_capture_on_commit_callbacks: Any) -> None:
    rows.model(1)
    factories.cutout(width=64, height=64)
    with django_capture_on_commit_callbacks() as callbacks:
        answer = signed_in("ml.train").post(reverse("ml_scan"))
    run = Run.objects.get(kind="scan")
    assert answer.url == reverse("ml_run", args=[run.pk])  # type: ignore[attr-defined]
    assert len(callbacks) == 1
    assert "Waits for a free worker" in signed_in().get(answer.url).content.decode()  # type: ignore[attr-defined]


def test_a_run_is_followed_and_cancelled(signed_in: Callable[..., Client]) -> None:
    run = rows.training_run()
    Run.objects.filter(pk=run.pk).update(history=[[1, 2.5], [5, 1.5]])
    Job.objects.filter(pk=run.job_id).update(state="running", done=5, total=100, rate=2.0, phase="train")
    client = signed_in("ml.train")
    part = client.get(reverse("ml_run_progress", args=[run.pk])).content.decode()
    assert 'hx-trigger="every 2s"' in part
    assert "about 47 seconds left" in part
    assert "<svg" in part
    client.post(reverse("ml_cancel", args=[run.pk]))
    assert Job.objects.get(pk=run.job_id).cancel_asked


def test_the_page_of_a_model_shows_its_card_and_lineage(client: Client) -> None:
    model = rows.model(1, code_version="0.1.0+abc", machine="x86_64", torch="2.13.0", demo_votes=True)
    page = client.get(reverse("ml_model", args=[model.name])).content.decode()
    assert "0.1.0+abc" in page
    assert "simulated volunteers" in page
    assert "went live as the first model" in page
    assert client.get(reverse("ml_model", args=["nothing"])).status_code == 404


def examples(client: Client, model: DetectorModel) -> int:
    return client.get(reverse("ml_model", args=[model.name])).content.decode().count('class="trail trail-machine" points')


def test_finds_on_open_subjects_are_hidden_from_volunteers(flows: dict[str, Any], client: Client, signed_in: Callable[..., Client]) -> None:
    model = rows.model(1)
    hidden, free = factories.cutout(), factories.cutout()
    factories.subject(workflow=flows["classify"], cutout=hidden)
    for cutout in (hidden, free):
        rows.detection(cutout, model)
    assert examples(client, model) == 1
    listed = client.get("/api/v1/ml/detections/").json()["results"]
    assert [row["cutout"] for row in listed] == [free.pk]
    team = signed_in("core.view_dashboard")
    assert examples(team, model) == 2
    assert len(team.get("/api/v1/ml/detections/").json()["results"]) == 2


def test_detections_are_filtered(client: Client) -> None:
    model, shown = rows.model(1), factories.cutout()
    rows.detection(shown, model, score=0.9)
    rows.detection(shown, model, score=0.4, line=((5.0, 5.0), (50.0, 90.0)), klass="satellite")
    address = "/api/v1/ml/detections/"
    assert [d["klass"] for d in client.get(address, {"min_score": 0.5}).json()["results"]] == ["asteroid"]
    assert [d["klass"] for d in client.get(address, {"klass": "satellite"}).json()["results"]] == ["satellite"]
    assert client.get(address, {"model": "none"}).json()["results"] == []
    assert client.get(address, {"cutout": "x"}).status_code == 400


def test_the_api_lists_models_and_runs(client: Client) -> None:
    model, run = rows.model(1), rows.training_run()
    (listed,) = client.get("/api/v1/ml/models/").json()["results"]
    assert (listed["name"], listed["state"], "card" in listed) == (model.name, "live", False)
    assert client.get(f"/api/v1/ml/models/{model.name}/").json()["card"]["weights_sha256"] == model.weights_sha256
    (shown,) = client.get("/api/v1/ml/runs/").json()["results"]
    assert (shown["id"], shown["state"], shown["kind"]) == (run.pk, "queued", "train")
    assert client.get(f"/api/v1/ml/runs/{run.pk}/").json() == shown
    assert client.get("/api/v1/ml/runs/999999/").status_code == 404


def test_launching_by_api_needs_the_permission_and_enough_labels(signed_in: Callable[..., Client], client: Client) -> None:
    def post() -> Any:
        return client.post("/api/v1/ml/runs/", data={"seed": 1}, content_type="application/json")

    assert post().status_code == 401
    signed_in("ml.train")
    answer = post()
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["have"] == {"yes": 0, "no": 0, "exposures": 0}


def _fill(n: int) -> None:
    for seed in range(n):
        model = rows.model(seed + 1)
        rows.detection(factories.cutout(), model)
    chosen = rows.frozen_set(yes=1, no=1)
    for seed in range(n):
        services.open_training(training_set=chosen, config={"seed": seed, "steps": 1}, now=NOW + timedelta(seconds=seed))
        Job.objects.filter(state="queued").update(state="failed", finished_at=NOW)


@pytest.mark.parametrize("address", ["/ml/", "/ml/running/", "/api/v1/ml/models/", "/api/v1/ml/runs/", "/api/v1/ml/detections/"])
def test_lists_take_the_same_number_of_queries_for_1_3_and_30_rows(client: Client, address: str) -> None:
    counted = []
    for n in (1, 2, 27):
        _fill(n)
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1] == counted[2]

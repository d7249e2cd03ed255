"""Which model is live, who decided it, and how it is undone."""

import threading
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection

from core import files
from core.models import AuditEntry
from ml import selectors, services
from ml.models import DetectorModel, Promotion
from tests import factories
from tests.factories import NOW
from tests.ml import rows

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(DetectorModel.objects.order_by("pk").values_list("state", flat=True))


def operator() -> Any:
    return factories.user(permissions=["ml.promote"])


def test_the_first_model_of_an_empty_registry_goes_live_by_itself() -> None:
    first = rows.model(1)
    assert states() == ["live"]
    promotion = Promotion.objects.get()
    assert (promotion.model, promotion.previous, promotion.reason, promotion.actor) == (first, None, "bootstrap", None)
    assert AuditEntry.objects.get(verb="put live").detail == {"reason": "bootstrap", "previous": None}


def test_later_models_wait_for_a_person() -> None:
    first = rows.model(1)
    second = rows.model(2)
    assert states() == ["live", "candidate"]
    assert (second.parent, Promotion.objects.count()) == (first, 1)


def test_a_person_with_the_permission_puts_a_model_live() -> None:
    first, second, person = rows.model(1), rows.model(2), operator()
    promotion = services.promote(model=second, actor=person, now=NOW)
    assert states() == ["retired", "live"]
    assert (promotion.previous, promotion.reason, promotion.actor) == (first, "click", person)
    entry = AuditEntry.objects.order_by("-pk").first()
    assert entry is not None
    assert (entry.actor, entry.object_id, entry.detail) == (person, second.name, {"reason": "click", "previous": first.name})


def test_without_the_permission_nothing_changes() -> None:
    rows.model(1)
    second = rows.model(2)
    for person in (factories.user(), factories.user(permissions=["ml.train"]), AnonymousUser()):
        with pytest.raises(PermissionDenied):
            services.promote(model=second, actor=person, now=NOW)
        with pytest.raises(PermissionDenied):
            services.roll_back(actor=person, now=NOW)
    assert states() == ["live", "candidate"]


def test_promoting_the_live_model_is_refused_in_words() -> None:
    first = rows.model(1)
    with pytest.raises(services.NotPossible, match="is live already"):
        services.promote(model=first, actor=operator(), now=NOW)


def test_roll_backs_go_back_step_by_step() -> None:
    person = operator()
    models = [rows.model(seed) for seed in (1, 2, 3)]
    services.promote(model=models[1], actor=person, now=NOW)
    services.promote(model=models[2], actor=person, now=NOW)
    assert services.roll_back(actor=person, now=NOW).model == models[1]
    assert states() == ["retired", "live", "retired"]
    assert services.roll_back(actor=person, now=NOW).model == models[0]
    assert selectors.live_model() == models[0]
    with pytest.raises(services.NotPossible, match="nothing to roll back to"):
        services.roll_back(actor=person, now=NOW)
    assert [p.reason for p in selectors.promotions()] == ["rollback", "rollback", "click", "click", "bootstrap"]


def test_after_a_roll_back_a_new_promotion_can_be_rolled_back_again() -> None:
    person = operator()
    first, second = rows.model(1), rows.model(2)
    services.promote(model=second, actor=person, now=NOW)
    services.roll_back(actor=person, now=NOW)
    services.promote(model=second, actor=person, now=NOW)
    assert services.roll_back(actor=person, now=NOW).model == first


def test_the_weights_lie_in_the_storage_under_a_name_that_tells_nothing() -> None:
    model = rows.model(1)
    assert files.get(model.weights_key) == rows.card(1)[0]
    assert model.weights_key.startswith("ml/")
    assert model.name == f"trailnet-1-{model.weights_sha256[:8]}"


@pytest.mark.django_db(transaction=True)
def test_two_first_models_at_the_same_moment_leave_exactly_one_live() -> None:
    rows.frozen_set(yes=1, no=1)
    start = threading.Barrier(2)

    def register(seed: int) -> None:
        start.wait()
        rows.model(seed)
        connection.close()

    threads = [threading.Thread(target=register, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states()) == ["candidate", "live"]
    assert Promotion.objects.count() == 1

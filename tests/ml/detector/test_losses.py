import pytest
import torch

from ml.detector.config import DetectorConfig
from ml.detector.losses import trail_loss
from ml.detector.net import Maps

CONFIG = DetectorConfig()


def maps(value=0.0, cells=8):
    return Maps(torch.full((2, 2, cells, cells), value, requires_grad=True), torch.zeros(2, 2, cells, cells, requires_grad=True))


def truth(cells=8):
    shape = (2, 2, cells, cells)
    return {"ridge": torch.zeros(shape), "weight": torch.ones(shape), "orientation": torch.zeros(shape), "asked": torch.ones(2, 2)}


@pytest.mark.parametrize("value", [-90.0, 0.0, 90.0])
@pytest.mark.parametrize("judged", [0.0, 1.0])
def test_loss_and_gradient_are_finite_without_any_trail(value, judged):
    answer, target = maps(value), truth()
    target["weight"] *= judged

    loss = trail_loss(answer, **target, config=CONFIG)
    loss.backward()

    assert torch.isfinite(loss)
    assert torch.isfinite(answer.ridge.grad).all()


def test_the_right_answer_costs_less_than_the_wrong_one():
    target = truth()
    target["ridge"][:, 0, 3] = 1

    right = trail_loss(Maps(torch.where(target["ridge"] > 0, 9.0, -9.0), target["orientation"]), **target, config=CONFIG)
    wrong = trail_loss(Maps(torch.where(target["ridge"] > 0, -9.0, 9.0), target["orientation"]), **target, config=CONFIG)

    assert right < 0.1 < 5 < wrong


def test_a_firm_find_of_a_class_nobody_was_asked_about_costs_nothing():
    target = truth()
    firm = Maps(torch.full((2, 2, 8, 8), -9.0), target["orientation"])
    firm.ridge[:, 1] = 5.0

    judged = trail_loss(firm, **target, config=CONFIG)
    target["asked"][:, 1] = 0
    unjudged = trail_loss(firm, **target, config=CONFIG)

    assert unjudged < 0.01 < judged


def test_doubling_the_batch_hardly_changes_the_loss():
    target = truth()
    target["ridge"][:, 0, 3] = 1
    answer = Maps(*(m.detach() for m in maps(0.3)))
    twice = Maps(*(torch.cat([m, m]) for m in answer))
    doubled = {name: torch.cat([t, t]) for name, t in target.items()}

    assert abs(float(trail_loss(answer, **target, config=CONFIG)) - float(trail_loss(twice, **doubled, config=CONFIG))) < 0.2

"""What is minimised: focal cross-entropy and dice on the ridges (Lin+ 2017, Milletari+ 2016), squared error of the direction."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ml.detector.config import DetectorConfig
from ml.detector.net import Maps

FIRM = 0.5  # a cell above this, of a class nobody was asked about, is not counted as a false find


def trail_loss(maps: Maps, ridge: Tensor, weight: Tensor, orientation: Tensor, asked: Tensor, config: DetectorConfig) -> Tensor:
    """Return one number, finite also where no trail or no judged cell is in the batch.

    ridge, weight (B, K, h, w); orientation (B, 2, h, w); asked (B, K).
    """
    p = torch.sigmoid(maps.ridge)
    unasked = (asked[:, :, None, None] == 0) & (ridge == 0) & (p.detach() > FIRM)
    w = torch.where(unasked, torch.zeros_like(weight), weight)
    cross = F.binary_cross_entropy_with_logits(maps.ridge, ridge, reduction="none")
    missed = torch.where(ridge > 0, 1 - p, p).clamp_min(1e-6)
    boost = 1 + (config.positive_weight - 1) * ridge
    # Divided by the trail cells, not by all cells: an empty batch must not drown what the others teach.
    positives = (w * ridge).sum()
    focal = (w * boost * missed**config.focal_gamma * cross).sum() / (positives + 200 * len(ridge) / 16)
    overlap, total = (w * p * ridge).sum(dim=(0, 2, 3)), (w * (p + ridge)).sum(dim=(0, 2, 3))  # (K,)
    dice = (1 - (2 * overlap + 20) / (total + 20)).mean()
    known = (orientation**2).sum(dim=1) > 0  # (B, h, w)
    off = ((maps.orientation - orientation) ** 2).sum(dim=1)
    turn = (off * known).sum() / (known.sum() + 1)
    loss: Tensor = focal + dice + config.orientation_weight * turn
    return loss

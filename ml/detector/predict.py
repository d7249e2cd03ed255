"""The detector as others use it: `Detector.load(weights, card).find(image)`."""

import copy
import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ml.detector.calibrate import Calibration
from ml.detector.config import DetectorConfig
from ml.detector.decode import Candidate, Detection, decode
from ml.detector.net import STRIDE, TrailNet
from ml.detector.samples import Image

CARD_FORMAT = 1


class BadWeights(Exception):
    """Weights and card do not belong together, or one of them is damaged; the message says which."""


def code_version() -> str:
    """Hash the sources of this package (12 hex digits): what a card names as the code that made it."""
    return _code_version(Path(__file__).parent)


@lru_cache
def _code_version(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def save_weights(net: TrailNet, path: Path) -> str:
    """Write the weights as safetensors in one atomic step and return their sha256."""
    state = {name: t.detach().cpu().contiguous() for name, t in net.state_dict().items()}
    data = safetensors.torch.save(state)
    write_atomically(path, data)
    return hashlib.sha256(data).hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file so that a crash leaves the old or the new one, never half."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


class Detector:
    """A trained network with its calibration. Not thread-safe; one per process."""

    def __init__(self, net: TrailNet, config: DetectorConfig, calibration: Calibration, *, threshold: float = 0.5) -> None:
        """Take a network in hand; `threshold` is the score from which finds are worth showing (best F1 on the validation split)."""
        self.config, self.calibration, self.threshold = config, calibration, threshold
        self._device = choose_device(config.device)
        self._net = folded(net).to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @classmethod
    def load(cls, weights: bytes | Path, card: Mapping[str, Any], *, threads: int = 1, device: str = "auto") -> Self:
        """Load a detector; raises BadWeights when the hash, the names or the shapes differ."""
        torch.set_num_threads(threads)
        data = weights if isinstance(weights, bytes) else weights.read_bytes()
        if card.get("format") != CARD_FORMAT or hashlib.sha256(data).hexdigest() != card.get("weights_sha256"):
            raise BadWeights("The weights are not those that the card describes.")
        config = DetectorConfig.from_json({**card["config"], "device": device, "threads": threads})
        net = TrailNet(config)
        try:
            net.load_state_dict(safetensors.torch.load(data))
        except (RuntimeError, safetensors.SafetensorError) as error:
            raise BadWeights("The weights do not fit the network that the card describes.") from error
        return cls(net, config, Calibration.from_json(card["calibration"]), threshold=float(card["threshold"]))

    def find(self, image: Image) -> list[Detection]:
        """Return the trails of one image, best first, in the image's own pixels.

        `image` is float32 (H, W), any size, in units of the sky sigma above the sky, NaN = no data.
        """
        found = [self._scored(c) for c in self.candidates(image)]
        return sorted(found, key=lambda d: -d.score)

    def candidates(self, image: Image) -> list[Candidate]:
        """Return what the calibration is fitted to."""
        return decode(self.probabilities(image), self.config, image=image)

    def probabilities(self, image: Image) -> NDArray[np.float32]:
        """Return (K, ceil(H / 2), ceil(W / 2)) probabilities; large images go through in overlapping tiles."""
        height, width = image.shape
        c = self.config
        if max(height, width) <= c.tile:
            return self._forward(image)
        whole = np.zeros((len(c.classes), -(-height // STRIDE), -(-width // STRIDE)), np.float32)
        for y0, top, bottom in _spans(height, c.tile, c.tile_overlap):
            for x0, left, right in _spans(width, c.tile, c.tile_overlap):
                part = self._forward(image[y0 : y0 + c.tile, x0 : x0 + c.tile])
                target = whole[:, top // STRIDE : -(-bottom // STRIDE), left // STRIDE : -(-right // STRIDE)]
                r, k = (top - y0) // STRIDE, (left - x0) // STRIDE
                target[:] = part[:, r : r + target.shape[1], k : k + target.shape[2]]
        return whole

    def _forward(self, image: Image) -> NDArray[np.float32]:
        x = torch.from_numpy(np.ascontiguousarray(image, dtype=np.float32))[None, None].to(self._device)
        with torch.inference_mode():
            p = torch.sigmoid(self._net(x).ridge)[0].cpu()
        return np.asarray(p.numpy(), dtype=np.float32)

    def _scored(self, c: Candidate) -> Detection:
        (x1, y1), (x2, y2) = c.points[0].tolist(), c.points[-1].tolist()
        return Detection(c.klass, self.calibration.score(c), c.points, c.width_px, x1, y1, x2, y2)


def folded(net: TrailNet) -> TrailNet:
    """Return a copy for prediction, its batch normalisations folded into the convolutions before them."""
    copied = copy.deepcopy(net).eval()
    for module in copied.modules():
        match list(module.children()):
            case [nn.Conv2d() as conv, nn.BatchNorm2d() as norm] if isinstance(module, nn.Sequential):
                module[0], module[1] = fuse_conv_bn_eval(conv, norm), nn.Identity()
    return copied.requires_grad_(False)


def choose_device(wanted: str) -> torch.device:
    """Turn "auto" into cuda where there is one, else cpu."""
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(wanted)


def _spans(size: int, tile: int, overlap: int) -> list[tuple[int, int, int]]:
    """Return (start of the tile, from, to): each pixel is taken from the tile whose edge is farthest, on even pixels."""
    if size <= tile:
        return [(0, 0, size)]
    starts = [*range(0, size - tile, tile - overlap), -(-(size - tile) // 32) * 32]
    cuts = [(b + a + tile) // 64 * 32 for a, b in pairwise(starts)]
    return list(zip(starts, [0, *cuts], [*cuts, size], strict=True))

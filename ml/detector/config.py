"""Every knob of the detector in one frozen dataclass, stored as JSON beside the weights."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Self

# These say where and how fast a run goes, not what it learns: a run may be resumed with other values.
RUNTIME_FIELDS = frozenset({"threads", "device", "checkpoint_every_s", "cache_mb"})


@dataclasses.dataclass(frozen=True)
class DetectorConfig:
    """What the detector is and how it is trained. Lengths are in pixels of the cutout unless the name says otherwise."""

    # --- what it looks for ---
    classes: tuple[str, ...] = ("asteroid", "satellite")  # change with the question asked of people; order = channel order

    # --- network (a change makes old weights unusable) ---
    widths: tuple[int, ...] = (16, 32, 48, 64)  # channels at strides 2, 4, 8, 16; widen when > 5,000 positives are labelled
    depth: tuple[int, ...] = (1, 2, 2)  # residual blocks at strides 4, 8, 16; raise together with steps
    line_length: int = 21  # length of the fixed oriented line filters in front; longer sees fainter straight trails

    # --- training ---
    steps: int = 550  # optimiser steps; about 0.4 CPU seconds each with the values here
    batch: int = 12  # crops per step
    crop: int = 192  # side of a crop, a multiple of 16; larger sees longer trails whole and costs its square
    images_per_step: int = 6  # images opened per step; fewer when decoding the images is slow
    learning_rate: float = 3e-3  # peak, after warm-up, then cosine to nothing; halve it if the loss becomes nan
    warmup_steps: int = 30  # linear rise of the learning rate
    weight_decay: float = 1e-2  # raise if the test recall stays far below the training recall
    ema_decay: float = 0.99  # averaging of the weights that are kept; about 1 - 5 / steps
    seed: int = 1  # same seed, samples, machine and one thread: same weights bit for bit

    # --- what a crop shows ---
    on_trail_share: float = 0.4  # share of crops centred near a labelled trail, where there is one
    on_bright_share: float = 0.4  # share of the other crops centred near a bright pixel; raise if spikes and cosmic rays are found
    inject_share: float = 0.6  # share of the trail-free crops that get simulated trails; lower once > 1,000 trails are labelled
    inject_satellite_share: float = 0.3  # share of the injected trails that are satellites
    inject_snr: tuple[float, float] = (1.2, 12.0)  # ridge brightness over sky sigma, drawn log-uniformly; lower = fainter and more false finds
    inject_into_unknown: bool = False  # True only for a cold start without any "no" image: their real trails are taught as sky
    gain_jitter: float = 0.15  # log-normal width of the brightness jitter

    # --- labels ---
    ridge_half_width: float = 2.0  # a cell is "trail" when its centre is this close to the labelled line
    ignore_px: float = 4.0  # ring around a trail that is not judged; about the scatter of people's marks
    trace_labels: bool = True  # bend two-point marks onto the light between them (trails seen from HST are curved)

    # --- loss ---
    positive_weight: float = 3.0  # weight of trail cells in the cross-entropy; raise for recall
    focal_gamma: float = 1.0  # > 0 gives hard cells more say
    orientation_weight: float = 0.2  # the direction helps linking only

    # --- decoding ---
    high: float = 0.55  # a component needs one cell above this
    low: float = 0.35  # ... and consists of the cells above this
    min_length: float = 8.0  # shorter finds are dropped
    link_gap: float = 60.0  # dashes of one composite are joined over at most this many pixels
    straight: tuple[str, ...] = ("satellite",)  # classes whose trails are straight: what bends is dropped
    max_finds: int = 20  # per cutout, best first
    tile: int = 1536  # larger images are searched in tiles of this side
    tile_overlap: int = 256  # multiple of 32, at least the reach of the network

    # --- where it runs (free to change when a run is resumed) ---
    threads: int = 1  # torch threads; more than the free cores makes it slower
    device: str = "auto"  # "cpu", "cuda", or "auto": cuda if there is one
    checkpoint_every_s: float = 30.0  # what kill -9 may cost
    cache_mb: int = 600  # decoded images kept in memory as 16-bit floats

    def __post_init__(self) -> None:
        """Refuse values that cannot work, by name."""
        if self.crop % 16 or self.tile % 32 or self.tile_overlap % 32:
            raise ValueError("crop must be a multiple of 16, tile and tile_overlap multiples of 32")
        if not self.classes or len(set(self.classes)) != len(self.classes):
            raise ValueError("classes must be distinct and not empty")
        if not 0 < self.low <= self.high < 1:
            raise ValueError("thresholds must satisfy 0 < low <= high < 1")

    def to_json(self) -> dict[str, Any]:
        """Return a dict that `json.dumps` takes and `from_json` reads back."""
        plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return plain

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Rebuild a config; unknown names raise TypeError, missing ones take today's default."""
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
        return cls(**values)

    def fingerprint(self) -> str:
        """Hash all that decides what is learnt (64 hex digits)."""
        learnt = {k: v for k, v in self.to_json().items() if k not in RUNTIME_FIELDS}
        return hashlib.sha256(json.dumps(learnt, sort_keys=True).encode()).hexdigest()

"""TrailNet: a small fully convolutional network that says for each cell of two pixels whether it lies on a trail.

Why dense: on the same images and budget, segmentation followed by components found 4.5 times as much (AP) as a centre head
(docs/explanation/detector.md). The encoder-decoder shape is that of U-Net (Ronneberger+ 2015, arXiv 1505.04597).
Everything is local (batch normalisation, no global pooling), so a tile answers as the whole image would.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.detector.config import DetectorConfig

STRIDE = 2  # of the outputs: cell (i, j) covers pixels 2i..2i+1, its centre is at 2 * j + 0.5, 2 * i + 0.5
LARGEST_STRIDE = 16
LINE_ANGLES = 8
LOCAL_CELL_PX, LOCAL_CELLS = 8, 5  # the window of the local sky: 40 px
ROOT_OF_NOISE = 0.822  # mean of sqrt|z| of a normal z


class Maps(NamedTuple):
    """Dense answers on the stride-2 grid."""

    ridge: Tensor  # (B, K, h, w) logits, one channel a class
    orientation: Tensor  # (B, 2, h, w) cos 2t, sin 2t of the trail's direction t (x right, y down)


def line_filters(length: int) -> NDArray[np.float32]:
    """Return (LINE_ANGLES, 1, length, length) filters: a soft line minus its two sides, unit noise gain."""
    half = length // 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(float)
    bank = []
    for k in range(LINE_ANGLES):
        t = math.pi * k / LINE_ANGLES
        along, across = x * math.cos(t) + y * math.sin(t), -x * math.sin(t) + y * math.cos(t)
        window = np.exp(-0.5 * (along / (length / 4)) ** 2) * (np.hypot(x, y) <= half + 0.5)
        line = window * np.exp(-0.5 * (across / 1.2) ** 2)
        sides = window * np.exp(-0.5 * (across / 3.5) ** 2)
        f = line / line.sum() - sides / sides.sum()
        bank.append(f / np.sqrt((f**2).sum()))
    return np.stack(bank)[:, None].astype(np.float32)


def stretch(image: Tensor) -> Tensor:
    """Turn sigma units (B, 1, H, W), NaN = no data, into (B, 3, H, W): faint, bright and "has data".

    The faint channel is flat: a galaxy's glow and its photon noise, or a slope of the sky, are divided out over
    LOCAL_CELLS * LOCAL_CELL_PX pixels. H and W are multiples of LARGEST_STRIDE.
    """
    known = (~torch.isnan(image)).to(image.dtype)
    x = torch.nan_to_num(image)
    # Means of logarithms and of roots: a star in the window hardly moves them.
    level = _soft_exp(_local_mean(_soft_log(x), known))
    spread = _local_mean((x - level).abs().sqrt(), known) ** 2 / ROOT_OF_NOISE**2
    flat = (x - level) / spread.clamp_min(1.0)
    return torch.cat([_soft_log(flat) * known, _soft_log(x / 20), known], dim=1)


def _local_mean(x: Tensor, known: Tensor) -> Tensor:
    """Return the mean of the known pixels around each pixel."""

    def smooth(a: Tensor) -> Tensor:
        return F.avg_pool2d(F.avg_pool2d(a, LOCAL_CELL_PX), LOCAL_CELLS, 1, LOCAL_CELLS // 2, count_include_pad=False)

    mean = smooth(x * known) / smooth(known).clamp_min(1e-3)
    return F.interpolate(mean, scale_factor=LOCAL_CELL_PX, mode="bilinear")


def _soft_log(x: Tensor) -> Tensor:
    # Linear below one, logarithmic above, like asinh at a tenth of its cost.
    return torch.sign(x) * torch.log1p(x.abs())


def _soft_exp(x: Tensor) -> Tensor:
    return torch.sign(x) * torch.expm1(x.abs())


class Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut; the second may look further (dilation)."""

    def __init__(self, width: int, dilation: int = 1) -> None:
        """Make a block of `width` channels."""
        super().__init__()
        self.first = conv_bn(width, width)
        self.second = conv_bn(width, width, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (B, width, h, w)."""
        y: Tensor = self.second(relu(self.first(x)))
        return relu(x + y)


def conv_bn(n_in: int, n_out: int, *, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """Return a 3x3 convolution followed by batch normalisation."""
    conv = nn.Conv2d(n_in, n_out, 3, stride, padding=dilation, dilation=dilation, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(n_out))


class TrailNet(nn.Module):
    """Image in sky sigmas -> ridge logits and orientation at stride 2. About 0.4 million parameters by default."""

    lines: Tensor

    def __init__(self, config: DetectorConfig) -> None:
        """Build the network; weights come from torch's global generator."""
        super().__init__()
        c2, c4, c8, c16 = config.widths
        self.register_buffer("lines", torch.from_numpy(line_filters(config.line_length)), persistent=False)
        self.stem = conv_bn(3 * STRIDE**2 + LINE_ANGLES, c2)
        self.down4, self.down8, self.down16 = conv_bn(c2, c4, stride=2), conv_bn(c4, c8, stride=2), conv_bn(c8, c16, stride=2)
        n4, n8, n16 = config.depth
        self.stage4 = nn.Sequential(*[Residual(c4) for _ in range(n4)])
        self.stage8 = nn.Sequential(*[Residual(c8, 1 + i % 2) for i in range(n8)])
        self.stage16 = nn.Sequential(*[Residual(c16, 1 + i % 2) for i in range(n16)])
        self.lateral8, self.lateral4, self.lateral2 = nn.Conv2d(c16, c8, 1), nn.Conv2d(c8, c4, 1), nn.Conv2d(c4, c2, 1)
        self.merge8, self.merge4, self.merge2 = Residual(c8), conv_bn(c4, c4), conv_bn(2 * c2, c2)
        self.head = nn.Conv2d(c2, len(config.classes) + 2, 1)
        nn.init.constant_(self.head.bias[: len(config.classes)], -3.0)  # type: ignore[index]  # trails are rare

    def forward(self, image: Tensor) -> Maps:
        """(B, 1, H, W) float32, any size -> maps of (ceil(H / 2), ceil(W / 2)) cells."""
        height, width = image.shape[-2:]
        pad = (0, -width % LARGEST_STRIDE, 0, -height % LARGEST_STRIDE)
        x = stretch(F.pad(image, pad, value=float("nan")))  # (B, 3, H', W')
        straight = F.conv2d(x[:, :1], self.lines, stride=STRIDE, padding=self.lines.shape[-1] // 2)
        fine = torch.cat([F.pixel_unshuffle(x, STRIDE), torch.tanh(straight / 4) * 2], dim=1)  # (B, 12 + 8, H'/2, W'/2)
        s2 = relu(self.stem(fine))  # (B, c2, H'/2, W'/2)
        s4 = self.stage4(relu(self.down4(s2)))  # (B, c4, H'/4, W'/4)
        s8 = self.stage8(relu(self.down8(s4)))  # (B, c8, H'/8, W'/8)
        s16 = self.stage16(relu(self.down16(s8)))  # (B, c16, H'/16, W'/16)
        s8 = self.merge8(s8 + _twice(self.lateral8(s16)))
        s4 = relu(self.merge4(s4 + _twice(self.lateral4(s8))))
        s2 = relu(self.merge2(torch.cat([s2, _twice(self.lateral2(s4))], dim=1)))
        out = self.head(s2)[..., : -(-height // STRIDE), : -(-width // STRIDE)]
        return Maps(ridge=out[:, :-2], orientation=out[:, -2:])


def relu(x: Tensor) -> Tensor:
    """Cut negatives in place: a tenth of the time of a step."""
    return F.relu(x, inplace=True)


def _twice(x: Tensor) -> Tensor:
    # Nearest, not bilinear: its backward pass is deterministic on every device.
    return F.interpolate(x, scale_factor=2, mode="nearest")


def count_parameters(net: nn.Module) -> int:
    """Count the trainable numbers."""
    return sum(p.numel() for p in net.parameters() if p.requires_grad)

"""What a detector without learning finds: a threshold, connected pixels, and a look at their shape. The bar to clear."""

import numpy as np
from scipy import ndimage

from ml.detector.evaluate import Find
from ml.detector.samples import Image

THRESHOLD_SIGMA = 1.8
SMALLEST_PX, LONG_ENOUGH = 12, 4.0


def line_finder(image: Image) -> list[Find]:
    """Return the elongated groups of bright pixels of an image, longest first, as (score, "asteroid", ends).

    `image` is float32 (H, W) in sky sigmas, NaN = no data. The score is the axis ratio squeezed into 0-1.
    """
    known = np.nan_to_num(image)
    smooth = ndimage.gaussian_filter(known, 1.0)
    flat = smooth - ndimage.median_filter(smooth[::4, ::4], 15).repeat(4, 0).repeat(4, 1)[: image.shape[0], : image.shape[1]]
    labels, _ = ndimage.label(flat > THRESHOLD_SIGMA / 2, structure=np.ones((3, 3)))
    found: list[Find] = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        y, x = np.nonzero(labels[box] == number)
        if len(x) < SMALLEST_PX:
            continue
        points = np.column_stack([x + box[1].start, y + box[0].start]).astype(float)
        centre = points.mean(axis=0)
        _, size, axes = np.linalg.svd(points - centre, full_matrices=False)
        ratio = size[0] / max(size[1], 0.3)
        along = (points - centre) @ axes[0]
        if ratio >= LONG_ENOUGH:
            ends = centre + np.outer([along.min(), along.max()], axes[0])
            found.append((float(1 - LONG_ENOUGH / (ratio + LONG_ENOUGH)), "asteroid", ends))
    return sorted(found, key=lambda f: -f[0])

import io

import numpy as np
import pytest
from PIL import Image

from archive import pixels


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (200, 64)])
def test_a_16_bit_png_is_read_back_exactly_by_another_program(shape: tuple[int, int]) -> None:
    codes = np.random.default_rng(1).integers(0, 65536, shape, dtype=np.uint16)
    data = pixels.to_png(codes)
    with Image.open(io.BytesIO(data)) as image:
        image.verify()
    with Image.open(io.BytesIO(data)) as image:
        assert (image.mode, image.size) == ("I;16", shape[::-1])
        assert np.array_equal(np.asarray(image), codes)
    assert np.array_equal(pixels.from_png(data), codes)


def test_a_preview_is_a_grey_jpeg() -> None:
    grey = np.full((40, 60), 77, np.uint8)
    with Image.open(io.BytesIO(pixels.to_jpeg(grey))) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "L", (60, 40))
        assert np.array_equal(np.asarray(image), grey)

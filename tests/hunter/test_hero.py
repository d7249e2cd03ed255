import pytest

from hunter.templatetags.hero import view_box


def test_a_trail_in_the_middle_stands_right_of_the_words() -> None:
    x, y, w, h = map(float, view_box({"points": [(400, 500), (600, 520)], "width": 1024, "height": 1024}).split())

    assert (w, h) == (600, 348)
    assert (500.5 - x) / w == pytest.approx(0.6)
    assert (510.5 - y) / h == pytest.approx(0.5)


@pytest.mark.parametrize("points", [[(1, 1), (9, 4)], [(1000, 890), (1020, 880)], [(5, 5), (1000, 880)], [(500, 0), (510, 899)]])
def test_the_part_stays_in_the_image_but_for_the_dark_left(points: list[tuple[float, float]]) -> None:
    x, y, w, h = map(float, view_box({"points": points, "width": 1024, "height": 900}).split())

    assert 0 <= y <= y + h <= 900.2
    assert x + w <= 1024.2
    assert x + w > max(points[0][0], points[-1][0])

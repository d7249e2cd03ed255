"""Figures are valid SVG whose geometry follows the data."""

import xml.etree.ElementTree as ET

import pytest

from core.figures import Series, bar_chart, line_chart, nice_ticks, row_chart, short


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 10, [0, 2, 4, 6, 8, 10]), (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (3, 3, [3, 4]), (0, 137, [0, 50, 100, 150]), (-4, 4, [-4, -2, 0, 2, 4])],
)
def test_ticks_are_round_and_cover_the_range(low: float, high: float, expected: list[float]) -> None:
    assert nice_ticks(low, high) == pytest.approx(expected)


def test_a_line_rises_with_its_data_and_text_is_escaped() -> None:
    svg = str(line_chart([Series("<b>", [(0, 0), (1, 1)], "people")], title='a "title" <x>', x_label="s", y_label="n"))
    root = ET.fromstring(svg)
    line = root.find(".//{*}polyline") if root.find("polyline") is None else root.find("polyline")
    assert line is not None
    (x0, y0), (x1, y1) = (map(float, point.split(",")) for point in line.attrib["points"].split())
    assert x1 > x0
    assert y1 < y0, "up on the screen is a smaller y"
    assert "<b>" not in svg
    assert "style=" not in svg


def test_bars_stand_on_zero_with_heights_in_proportion() -> None:
    svg = str(bar_chart(Series("n", [(0, 2), (1, 4)]), title="t", x_label="day", y_label="votes", labels=["Mon", "Tue"]))
    bars = ET.fromstring(svg).findall(".//{*}rect") or ET.fromstring(svg).findall(".//rect")
    heights = [float(bar.attrib["height"]) for bar in bars]
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.01)


def test_no_data_draws_empty_axes() -> None:
    assert "polyline" in str(line_chart([Series("x", [])], title="t", x_label="", y_label=""))
    assert "rect" not in str(bar_chart(Series("x", []), title="t", x_label="", y_label="", labels=[]))
    assert short(12_500) == "12.5k"


def test_rows_are_as_long_as_their_values() -> None:
    svg = str(row_chart([("a & b", 10, "people"), ("c", 5, "plain"), ("d", 0, "plain")], title="t"))
    bars = ET.fromstring(svg).findall(".//rect")
    widths = [float(bar.attrib["width"]) for bar in bars]
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.01)
    assert widths[2] == 1.0
    assert "a &amp; b" in svg
    assert "rect" not in str(row_chart([], title="t"))

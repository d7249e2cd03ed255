"""Figures are valid SVG whose geometry follows the data."""

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest

from core.figures import PLOT, WIDTH, Series, bar_chart, line_chart, nice_ticks, row_chart, short, time_chart, time_ticks


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


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-01", "2026-03-02", ["1 Mar", "06:00", "12:00", "18:00", "2 Mar"]),
        ("2026-03-01", "2026-03-31", ["2 Mar", "9 Mar", "16 Mar", "23 Mar", "30 Mar"]),
        ("2025-03-15", "2026-03-01", ["Apr 2025", "Jul 2025", "Oct 2025", "Jan 2026"]),
        ("2010-03-15", "2026-03-01", ["2015", "2020", "2025"]),
    ],
)
def test_moments_on_the_axis_are_round(start: str, end: str, expected: list[str]) -> None:
    ticks = time_ticks(at(start), at(end))
    assert [text for _, text in ticks] == expected
    assert all(at(start) <= x <= at(end) for x, _ in ticks)


@pytest.mark.parametrize(("days", "kind", "shape"), [(10, "bars", "rect"), (400, "bars", "polygon"), (10, "line", "polyline")])
def test_counts_over_time_fill_the_axis_and_say_what_is_under_the_pointer(days: int, kind: str, shape: str) -> None:
    first = at("2026-01-01")
    points = [(first + 86_400 * i, float(i)) for i in range(days)]
    svg = time_chart(
        Series("n", points, "people"), end=first + 86_400 * days, title="t", x_label="day", y_label="n",
        read=lambda x, y: f"<{datetime.fromtimestamp(x, UTC):%j}>: {y:g}", kind=kind, window=(first + 86_400, first + 3 * 86_400),
    )  # fmt: skip
    root = ET.fromstring(str(svg))
    assert root.findall(f".//{shape}[@class='fig-{'line' if kind == 'line' else 'bar'}']")
    reading = json.loads(root.attrib["data-reading"])
    assert (len(reading), reading[1][1]) == (days, "<002>: 1")
    window = root.find(".//rect[@class='fig-window']")
    assert window is not None
    step = (WIDTH * PLOT[1] - WIDTH * PLOT[0]) / days
    assert float(window.attrib["x"]) == pytest.approx(WIDTH * PLOT[0] + step, abs=0.1)
    assert float(window.attrib["width"]) == pytest.approx(2 * step, abs=0.1)

"""Stacked bars, grids and estimates: what is drawn is what the numbers say, and no text breaks out."""

import re

from core.plots import Estimated, grid_chart, interval_chart, stacked_chart


def heights(svg: str) -> list[float]:
    return [float(found) for found in re.findall(r'<rect class="fig-bar" x="[^"]*" y="[^"]*" width="[^"]*" height="([\d.]+)"><title>', svg)]


def test_layers_stand_on_each_other_in_their_proportion() -> None:
    svg = str(stacked_chart([("a<b", [3, 0]), ("other", [1, 2])], labels=["0", "1"], title="T & t", x_label="x", y_label="y"))

    first, second, third = heights(svg)
    assert abs(first - 3 * second) < 0.3
    assert abs(third - 2 * second) < 0.3
    assert "a&lt;b" in svg
    assert "a<b" not in svg
    assert "T &amp; t" in svg
    assert 'style="' not in svg


def test_a_single_layer_has_no_key_and_none_draws_empty_axes() -> None:
    assert "fig-legend" not in stacked_chart([("n", [1.0])], labels=["0"], title="t", x_label="x", y_label="y")
    assert heights(str(stacked_chart([], labels=[], title="t", x_label="x", y_label="y"))) == []


def test_a_cell_is_as_full_as_its_share_and_the_diagonal_is_framed() -> None:
    svg = str(grid_chart([[(1.0, "100 %"), (0.0, "0 %")]], rows=["yes"], columns=["yes", "no"], title="t", row_label="truth", column_label="said"))

    assert re.findall(r'fill-opacity="([\d.]+)"', svg) == ["0.550", "0.000"]
    assert svg.count("fig-cell-right") == 1


def test_an_estimate_lies_between_its_whiskers() -> None:
    svg = str(interval_chart([Estimated("yes", 50, 40, 60, 80, "50 ± 5")], title="t", x_label="n", names=("estimate", "count")))

    (low, high), (dot,) = re.findall(r'd="M([\d.]+) [\d.]+H([\d.]+)M', svg)[0], re.findall(r'<circle class="fig-dot" cx="([\d.]+)" cy="25', svg)
    assert float(low) < float(dot) < float(high)
    assert "50 ± 5" in svg

"""Intervals of shares against published values, and the figures made of them."""

import re

import pytest

from core.bands import share_chart, share_of


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [  # Wilson 95 % intervals, as scipy.stats.binomtest(k, n).proportion_ci(method="wilson") gives them
        (0, 10, 0.0, 0.2775328),
        (1, 10, 0.0178763, 0.4041500),
        (5, 10, 0.2365931, 0.7634069),
        (10, 10, 0.7224672, 1.0),
        (81, 263, 0.2552931, 0.3661910),
    ],
)
def test_intervals_are_wilsons(k, n, low, high):
    found = share_of(k, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    assert found.low <= found.share <= found.high


def test_intervals_agree_with_an_independent_library():
    binomtest = pytest.importorskip("scipy.stats").binomtest
    for k, n in ((0, 1), (3, 7), (40, 41), (500, 1000)):
        expected = binomtest(k, n).proportion_ci(method="wilson")
        assert share_of(k, n)[2:] == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_of_nothing_everything_may_be_true_and_nonsense_is_refused():
    assert share_of(0, 0) == (0, 0, 0.0, 1.0)
    with pytest.raises(ValueError, match="5 of 3"):
        share_of(5, 3)


def test_a_figure_shows_dots_with_whiskers_or_a_band():
    points = [(20.5, share_of(9, 10)), (21.5, share_of(4, 10))]
    words = {"title": "Seen", "x_label": "x", "y_label": "%", "read": lambda x, share: f"<{x}: {share.k}>"}
    whiskers = share_chart(points, x_ticks=[20, 21, 22], **words)
    assert len(re.findall('class="fig-whisker"', whiskers)) == len(re.findall('class="fig-dot"', whiskers)) == 2
    assert "&lt;20.5: 9&gt;" in whiskers
    assert "style=" not in whiskers
    assert "fig-band" in share_chart(points, joined=True, **words)
    assert share_chart([], **words).startswith("<svg")
    assert share_chart(points[:1], **words).count("fig-dot") == 1

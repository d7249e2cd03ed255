"""Figures of the room as SVG, drawn on the server: how good models are, how a run learnt, how finds score."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.figures import Series, line_chart
from ml.models import DetectorModel, Run

CLASS = "asteroid"  # the class that the project is named for; others stand in the tables


def curve_chart(models: Sequence[DetectorModel]) -> SafeString:
    """Precision over recall on the held-out exposures, for up to three models and the ridge filter they are held against."""
    series = [Series(m.name, points, "machine" if i == 0 else "plain") for i, m in enumerate(models) if (points := _curve(m, CLASS))]
    if models and (points := _curve(models[0], "baseline")):
        series.append(Series(_("line filter without learning"), points, "rejected"))
    return line_chart(
        series,
        title=_("Precision and recall on held-out exposures"),
        x_label=_("recall: share of the trails that were found"),
        y_label=_("precision"),
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )


def _curve(model: DetectorModel, klass: str) -> list[tuple[float, float]]:
    return [(row[0], row[1]) for row in model.metrics.get(klass, {}).get("curve", [])]


def loss_chart(run: Run) -> SafeString:
    """The smoothed loss over the steps of a training."""
    points = [(float(step), float(loss)) for step, loss in run.history]
    return line_chart([Series(_("loss"), points, "machine")], title=_("Loss while learning"), x_label=_("step"), y_label=_("loss (smoothed)"))


def progress_chart(models: Sequence[DetectorModel]) -> SafeString:
    """Average precision of each model, oldest first."""
    ordered = sorted(models, key=lambda m: m.pk)
    points = [(float(i + 1), float(ap)) for i, m in enumerate(ordered) if (ap := m.metrics.get(CLASS, {}).get("ap")) is not None]
    return line_chart(
        [Series(_("average precision"), points, "machine")],
        title=_("Average precision, model by model"),
        x_label=_("model, oldest first"),
        y_label=_("average precision"),
        y_range=(0.0, 1.0),
        markers=True,
    )

"""The numbers of /stats/ over HTTP."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classify import effort, selectors
from classify.api.schemas import ProblemSchema
from classify.spans import MOST_DAYS_IN_DAYS, MOST_DAYS_IN_HOURS, UNITS, BadSpan, Span, span_from


class StepSchema(serializers.Serializer[Any]):
    """How many in one hour, day or month."""

    start = serializers.DateTimeField(help_text="Its first moment (UTC).")
    n = serializers.IntegerField()


class PointSchema(serializers.Serializer[Any]):
    """A point of the effort curve: so much of the work was done by this share of the people, those who did least first."""

    volunteers = serializers.FloatField()
    classifications = serializers.FloatField()


class EffortSchema(serializers.Serializer[Any]):
    """How the work of the range was shared out. Fewer than five people make no curve."""

    volunteers = serializers.IntegerField()
    classifications = serializers.IntegerField()
    gini = serializers.FloatField(allow_null=True)
    top_tenth = serializers.FloatField(allow_null=True, help_text="Share of the work that the most active tenth did.")
    curve = PointSchema(many=True)


class TotalsSchema(serializers.Serializer[Any]):
    """Of all time."""

    classifications = serializers.IntegerField()
    volunteers = serializers.IntegerField()
    hours = serializers.FloatField(help_text="Hours with an image, ten minutes at most for each answer.")
    agreement = serializers.FloatField(allow_null=True, help_text="Mean share of the most frequent answer on subjects that are done.")


class EndSchema(serializers.Serializer[Any]):
    """When the subjects will be done, if people go on as in the weeks before. Without `earliest` there is not enough to say."""

    weeks = serializers.IntegerField(help_text="Whole weeks that this was learnt from.")
    earliest = serializers.DateField(allow_null=True)
    latest = serializers.DateField(allow_null=True, help_text="Null with an earliest day: it may go on for ever.")
    chance = serializers.FloatField(help_text="That it lies between the two.")


class WorkflowStatsSchema(serializers.Serializer[Any]):
    """How far a workflow is; known answers left out."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    subjects = serializers.IntegerField()
    done = serializers.IntegerField()
    active = serializers.IntegerField()
    paused = serializers.IntegerField()
    remaining = serializers.IntegerField(allow_null=True, help_text="Votes that are still needed, about; null: it never ends by votes.")
    end = EndSchema(allow_null=True)


class StatsSchema(serializers.Serializer[Any]):
    """The numbers of a range of days."""

    since = serializers.DateField()
    until = serializers.DateField()
    per = serializers.ChoiceField(UNITS)
    workflow = serializers.SlugField(allow_null=True)
    demo = serializers.BooleanField()
    classifications = StepSchema(many=True)
    volunteers = StepSchema(many=True, help_text="People with a standing vote, per day or month.")
    subjects_done = StepSchema(many=True, help_text="Per day or month.")
    subjects_done_before = serializers.IntegerField()
    effort = EffortSchema()
    totals = TotalsSchema()
    workflows = WorkflowStatsSchema(many=True)


class Stats(APIView):
    """How much was done."""

    read_with = ("classify",)

    @extend_schema(
        operation_id="stats",
        responses={200: StatsSchema, 400: ProblemSchema, 404: ProblemSchema},
        parameters=[
            OpenApiParameter("since", OpenApiTypes.DATE, description="First day (UTC); that of the first vote if not given."),
            OpenApiParameter("until", OpenApiTypes.DATE, description="Last day, included; today if not given."),
            OpenApiParameter(
                "per",
                str,
                enum=UNITS,
                description=f"Hours for {MOST_DAYS_IN_HOURS} days at most, days for {MOST_DAYS_IN_DAYS}; beyond that the next unit is given.",
            ),
            OpenApiParameter("workflow", str, description="Slug of one workflow; all if not given."),
            OpenApiParameter("demo", bool, description="Count simulated and imported volunteers, too."),
        ],
    )
    def get(self, request: Request) -> Response:
        """Votes, people and finished subjects over time, how the work was shared out, and when it may be done. Five minutes old at most."""
        asked, today = request.query_params, timezone.now().date()
        slug, demo = asked.get("workflow", ""), asked.get("demo", "").lower() in ("1", "true", "yes")
        workflow = selectors.workflow_for(request.user, slug) if slug else None
        if slug and workflow is None:
            raise Http404
        days = selectors.daily_votes(workflow=workflow, demo=demo)
        try:
            span = span_from(asked, today=today, first=days[0][0].date() if days else None)
        except BadSpan as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None
        found = selectors.numbers(span, workflow=workflow, demo=demo, today=today)
        return Response({**_range(span, slug, demo), **_body(found)})


def _range(span: Span, slug: str, demo: bool) -> dict[str, Any]:
    return {"since": span.since, "until": span.until, "per": span.unit, "workflow": slug or None, "demo": demo}


def _body(found: dict[str, Any]) -> dict[str, Any]:
    names = {flow.slug: flow.words.name for flow in selectors.worded(selectors.workflows())}
    return {
        "classifications": _steps(found["votes"]),
        "volunteers": _steps(found["volunteers"]),
        "subjects_done": _steps(found["done"]),
        "subjects_done_before": found["done_before"],
        "effort": {**found["effort"], "curve": [{"volunteers": x, "classifications": y} for x, y in found["effort"]["curve"]]},
        "totals": {name: value for name, value in found["totals"].items() if name != "first"},
        "workflows": [_workflow(row, names) for row in found["workflows"]],
    }


def _steps(counts: list[tuple[datetime, int]]) -> list[dict[str, Any]]:
    return [{"start": start, "n": n} for start, n in counts]


def _workflow(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    end = row["end"]
    told = {"weeks": end.weeks, "earliest": end.earliest, "latest": end.latest, "chance": effort.CHANCE} if row["ends"] else None
    return {
        **{name: row[name] for name in ("slug", "subjects", "done", "active", "paused", "remaining")},
        "name": names.get(row["slug"], row["slug"]),
        "end": told,
    }

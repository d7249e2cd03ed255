"""Labels over HTTP: a paged list for programs, and the export as one streamed file."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classify.exports import FORMATS, SCHEMA, Choice, label_lines, label_rows
from classify.selectors import workflow_for
from core.problems import Problem

PAGE_SIZE, MAX_PAGE_SIZE = 100, 1000
_TRUE, _FALSE = {"1", "true", "yes"}, {"", "0", "false", "no"}

_WORKFLOW = OpenApiParameter("workflow", str, description="Slug of the workflow; classify if not given.")
_FLAGS = [
    OpenApiParameter("all", bool, description="Also subjects that are still being classified (needs the permission to export labels)."),
    OpenApiParameter("include_demo", bool, description="Count votes of simulated volunteers, too (needs the same permission)."),
    OpenApiParameter("include_imported", bool, description="Count imported votes, too (needs the same permission)."),
]


class LabelsPage(serializers.Serializer[Any]):
    """A page of labels. The rows have the columns of the export (docs/reference/label-columns.md)."""

    schema = serializers.CharField()
    next = serializers.CharField(allow_null=True)
    results = serializers.ListField(child=serializers.DictField())


@dataclass(frozen=True)
class Asked:
    """The parameters of a request, read strictly: a wrong one is named in the answer."""

    request: Request

    def text(self, name: str, default: str) -> str:
        return self.request.query_params.get(name) or default

    def flag(self, name: str) -> bool:
        value = self.request.query_params.get(name, "").lower()
        if value not in _TRUE | _FALSE:
            raise serializers.ValidationError({name: _("true or false.")})
        return value in _TRUE

    def number(self, name: str, default: int, most: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and len(value) <= 18 and int(value) <= most):
            raise serializers.ValidationError({name: _("A whole number of at most %(most)d.") % {"most": most}})
        return int(value)


def choice_of(asked: Asked) -> Choice:
    """Return what a request asks for. Anybody gets finished subjects; more needs `classify.export_labels`."""
    user = asked.request.user
    workflow = workflow_for(user, asked.text("workflow", "classify"))
    if workflow is None:
        raise Http404
    flags = {name: asked.flag(name) for name in ("all", "include_demo", "include_imported")}
    if any(flags.values()) and not user.has_perm("classify.export_labels"):
        raise Problem(
            _("Labels of finished subjects are public. Open subjects, and simulated or imported votes, need the permission to export labels."),
            title=_("Not allowed"),
            status=403,
        )
    everything = flags.pop("all")
    return Choice(workflow=workflow, everything=everything, **flags)


class LabelsView(APIView):
    """Labels, page by page."""

    @extend_schema(
        operation_id="labels",
        responses=LabelsPage,
        parameters=[
            _WORKFLOW,
            OpenApiParameter("after", OpenApiTypes.INT, description="As `next` gives it."),
            OpenApiParameter("page_size", OpenApiTypes.INT, description=f"At most {MAX_PAGE_SIZE}; {PAGE_SIZE} if not given."),
        ],
    )
    def get(self, request: Request) -> Response:
        """Labels of finished subjects, in the order in which the subjects came."""
        asked = Asked(request)
        workflow = workflow_for(request.user, asked.text("workflow", "classify"))
        if workflow is None:
            raise Http404
        size = max(1, asked.number("page_size", PAGE_SIZE, MAX_PAGE_SIZE))
        after = asked.number("after", 0, 10**18)
        rows = list(label_rows(Choice(workflow=workflow), after=after, limit=size))
        last = rows[-1]["_cursor"] if len(rows) == size else None
        for row in rows:
            del row["_cursor"]
        following = f"{reverse('api_labels')}?workflow={workflow.slug}&page_size={size}&after={last}" if last else None
        return Response({"schema": SCHEMA, "next": request.build_absolute_uri(following) if following else None, "results": rows})


class IgnoreFormat(BaseContentNegotiation):
    """`format` is ours here: it names the format of the file, not of an answer of the framework."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ExportView(APIView):
    """Labels as one file."""

    content_negotiation_class = IgnoreFormat
    throttle_scopes = {"GET": "exports"}

    @extend_schema(
        operation_id="export_labels",
        parameters=[OpenApiParameter("format", str, enum=FORMATS, description="csv if not given."), _WORKFLOW, *_FLAGS],
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR), (200, "application/jsonl"): OpenApiResponse(OpenApiTypes.STR)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Stream the labels of a workflow, one row per subject; the first bytes come at once."""
        asked = Asked(request)
        file_format = asked.text("format", "csv")
        if file_format not in FORMATS:
            raise serializers.ValidationError({"format": _("One of: %(choices)s.") % {"choices": ", ".join(FORMATS)}})
        choice = choice_of(asked)
        kind = "text/csv; charset=utf-8" if file_format == "csv" else "application/jsonl; charset=utf-8"
        response = StreamingHttpResponse(label_lines(choice, file_format), content_type=kind)
        name = f"labels-{choice.workflow.slug}-{timezone.now():%Y%m%d}.{file_format}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Hunter-Schema"] = SCHEMA
        return response


label_urls: list[URLPattern | URLResolver] = [
    path("api/v1/labels/", LabelsView.as_view(), name="api_labels"),
    path("api/v1/exports/labels/", ExportView.as_view(), name="api_export_labels"),
]

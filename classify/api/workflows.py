"""Workflows and their queues over HTTP. Words come in the language that Accept-Language (or the language cookie) asks for; keys never change."""

import random
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classify import selectors, services
from classify.api.schemas import ProblemSchema, QueueSchema, WorkflowDetailSchema, WorkflowsSchema
from classify.visitors import volunteer_of

DEFAULT_N = 10
_RNG = random.SystemRandom()


def _described(workflow: Any) -> dict[str, Any]:
    version = selectors.version_of(workflow)
    return {
        "slug": workflow.slug,
        "name": workflow.words.name,
        "summary": workflow.words.summary,
        "version": version.label,
        "question": workflow.words.question,
        "steps": workflow.words.steps,
        "queue": reverse("api_queue", args=[workflow.slug]),
        "has_work": workflow.has_work,
    }


class WorkflowList(APIView):
    """All workflows."""

    read_with = ("classify",)

    @extend_schema(operation_id="workflows", responses=WorkflowsSchema)
    def get(self, request: Request) -> Response:
        """Workflows that can be used, with what they ask."""
        return Response({"results": [_described(workflow) for workflow in selectors.worded(selectors.workflows_with_work(request.user))]})


class WorkflowDetail(APIView):
    """One workflow."""

    read_with = ("classify",)

    @extend_schema(operation_id="workflow", responses={200: WorkflowDetailSchema, 404: ProblemSchema})
    def get(self, request: Request, slug: str) -> Response:
        """What a workflow asks, and how far it is."""
        found = selectors.worded(selectors.workflows_with_work(request.user).filter(slug=slug))
        if not found:
            raise Http404
        workflow = found[0]
        return Response({**_described(workflow), "progress": selectors.progress(workflow)})


class Queue(APIView):
    """Subjects to classify."""

    read_with = ("classify",)
    throttle_scopes = {"GET": "queue"}

    @extend_schema(
        operation_id="queue",
        parameters=[OpenApiParameter("n", int, description="How many, 1 to 50; 10 if not given.")],
        responses={200: QueueSchema, 400: ProblemSchema, 404: ProblemSchema},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Hand out subjects to whoever asks; each is leased for a while and comes back if it is not answered."""
        n = _how_many(request)
        workflow = selectors.workflow_for(request.user, slug)
        if workflow is None:
            raise Http404
        volunteer = volunteer_of(request, create=True)
        served = services.next_subjects(volunteer=volunteer, workflow=workflow, n=n, now=timezone.now(), rng=_RNG)
        response = Response({"results": [selectors.queue_item(item) for item in served]})
        response["Cache-Control"] = "no-store"
        return response


def _how_many(request: Request) -> int:
    text = request.query_params.get("n", str(DEFAULT_N))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= services.MAX_SERVED):
        raise ValidationError({"n": [_("This must be a whole number from 1 to %(most)d.") % {"most": services.MAX_SERVED}]})
    return int(text)

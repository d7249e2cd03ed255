"""Workflows and their queues over HTTP. Words come in the language that Accept-Language (or the language cookie) asks for; keys never change."""

import random
import uuid
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
MOST_HOLDING = 100
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
        parameters=[
            OpenApiParameter("n", int, description="How many, 1 to 50; if not given 10, or as many as are in a pack."),
            OpenApiParameter("holding", str, description="Numbers of serves in hand, with commas: they do not come again."),
            OpenApiParameter("pack", int, enum=[0, 1], description="1: a pack to take along, leased for hours."),
        ],
        responses={200: QueueSchema, 400: ProblemSchema, 404: ProblemSchema},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Hand out subjects to whoever asks; each is leased for a while and comes back if it is not answered."""
        pack = _is_pack(request)
        holding = _holding(request)
        workflow = selectors.workflow_for(request.user, slug)
        if workflow is None:
            raise Http404
        n = _how_many(request, min(workflow.pack_size, services.MAX_SERVED) if pack else DEFAULT_N)
        volunteer = volunteer_of(request, create=True)
        page = services.next_page(volunteer=volunteer, workflow=workflow, n=n, now=timezone.now(), rng=_RNG, holding=holding, pack=pack)
        response = Response({"results": [selectors.queue_item(item) for item in page.results], "gone": page.gone, "later": page.later})
        response["Cache-Control"] = "no-store"
        return response


def _how_many(request: Request, default: int) -> int:
    text = request.query_params.get("n", str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= services.MAX_SERVED):
        raise ValidationError({"n": [_("This must be a whole number from 1 to %(most)d.") % {"most": services.MAX_SERVED}]})
    return int(text)


def _is_pack(request: Request) -> bool:
    text = request.query_params.get("pack", "0")
    if text not in {"0", "1"}:
        raise ValidationError({"pack": [_("This must be 0 or 1.")]})
    return text == "1"


def _holding(request: Request) -> list[uuid.UUID]:
    words = list(filter(None, request.query_params.get("holding", "").split(",")))
    try:
        found = [uuid.UUID(word if len(word) == 36 else "") for word in words]
    except ValueError:
        found = []
    if len(found) != len(words) or len(words) > MOST_HOLDING:
        raise ValidationError({"holding": [_("These must be at most %(most)d numbers of serves, with commas between.") % {"most": MOST_HOLDING}]})
    return found

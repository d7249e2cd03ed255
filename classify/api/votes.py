"""Votes over HTTP."""

import uuid
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classify import flagging, selectors, services
from classify.api.schemas import ClassificationSchema, ProblemSchema, ReceiptSchema
from classify.steps import BadField
from classify.visitors import volunteer_of
from core.problems import Problem


class Classifications(APIView):
    """Votes."""

    needs_scope = "classify"
    throttle_scopes = {"POST": "votes"}

    @extend_schema(
        operation_id="classify",
        request=ClassificationSchema,
        responses={201: ReceiptSchema, 200: ReceiptSchema, 400: ProblemSchema, 409: ProblemSchema},
    )
    def post(self, request: Request) -> Response:
        """Store a vote (201). The same id again gives the same receipt (200) and stores nothing."""
        return _recorded(request, services.record_classification, volunteer_of(request, create=True))


class OneClassification(APIView):
    """A vote of one's own: another in its place, or none."""

    needs_scope = "classify"
    throttle_scopes = {"PUT": "votes", "DELETE": "votes"}

    @extend_schema(
        operation_id="revise",
        request=ClassificationSchema,
        responses={201: ReceiptSchema, 200: ReceiptSchema, 400: ProblemSchema, 404: ProblemSchema, 409: ProblemSchema},
    )
    def put(self, request: Request, classification_id: uuid.UUID) -> Response:
        """Store a whole new vote (with an id of its own) in the place of this one, until what others say was opened."""
        return _recorded(request, services.revise_classification, _volunteer(request), classification_id=classification_id)

    @extend_schema(operation_id="undo", request=None, responses={200: ReceiptSchema, 404: ProblemSchema, 409: ProblemSchema})
    def delete(self, request: Request, classification_id: uuid.UUID) -> Response:
        """Take a vote back while its `undo_until` is not over. Doing it twice is the same as once."""
        receipt = services.undo_classification(volunteer=_volunteer(request), classification_id=classification_id, now=timezone.now())
        return Response(receipt.as_dict(get_language() or ""))


def _recorded(request: Request, store: Callable[..., services.Receipt], volunteer: Any, **more: Any) -> Response:
    now = timezone.now()
    try:
        receipt = store(
            volunteer=volunteer,
            body=request.data,
            now=now,
            may_draft=lambda: selectors.may_draft(request.user),
            judge=flagging.judge_of(request, volunteer=volunteer, now=now),
            **more,
        )
    except BadField as error:
        raise ValidationError({error.field: [str(error)]}) from None
    return Response(receipt.as_dict(get_language() or ""), status=201 if receipt.created else 200)


def _volunteer(request: Request) -> Any:
    """Who asks, if they have ever voted here."""
    volunteer = volunteer_of(request)
    if volunteer is None:
        raise Problem(_("There is no classification of yours with this id."), title=_("Not found"), status=404)
    return volunteer

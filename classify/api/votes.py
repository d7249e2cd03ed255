"""Votes over HTTP."""

import uuid

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
        volunteer, now = volunteer_of(request, create=True), timezone.now()
        try:
            receipt = services.record_classification(
                volunteer=volunteer,
                body=request.data,
                now=now,
                may_draft=lambda: selectors.may_draft(request.user),
                judge=flagging.judge_of(request, volunteer=volunteer, now=now),
            )
        except BadField as error:
            raise ValidationError({error.field: [str(error)]}) from None
        return Response(receipt.as_dict(get_language() or ""), status=201 if receipt.created else 200)


class Undo(APIView):
    """Undo of a vote."""

    needs_scope = "classify"
    throttle_scopes = {"POST": "votes"}

    @extend_schema(operation_id="undo", request=None, responses={200: ReceiptSchema, 404: ProblemSchema, 409: ProblemSchema})
    def post(self, request: Request, classification_id: uuid.UUID) -> Response:
        """Take a vote back while its `undo_until` is not over. Doing it twice is the same as once."""
        volunteer = volunteer_of(request)
        if volunteer is None:
            raise Problem(_("There is no classification of yours with this id."), title=_("Not found"), status=404)
        receipt = services.undo_classification(volunteer=volunteer, classification_id=classification_id, now=timezone.now())
        return Response(receipt.as_dict(get_language() or ""))

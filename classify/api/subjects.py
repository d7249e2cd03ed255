"""Subjects over HTTP: public facts only."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archive import selectors as archive
from classify import selectors
from classify.api.schemas import ProblemSchema, SubjectSchema
from classify.visitors import volunteer_of


class SubjectDetail(APIView):
    """One subject."""

    read_with = ("classify",)

    @extend_schema(operation_id="subject", responses={200: SubjectSchema, 404: ProblemSchema})
    def get(self, request: Request, public_id: int) -> Response:
        """Images and position of a subject; what people said of it once nobody is asked any more, or to who has opened it."""
        found = selectors.subject_by_public_id(public_id)
        if found is None:
            raise Http404
        cutouts = selectors.cutouts_of(found)
        volunteer = volunteer_of(request)
        seen = selectors.may_see(volunteer, found)
        return Response(
            {
                "id": found.public_id,
                "page": reverse("subject", args=[selectors.shown_as(volunteer, found).public_id]),
                "frames": [archive.frame_payload(cutout) for cutout in cutouts],
                "ra_deg": cutouts[0].ra_deg if cutouts else None,
                "dec_deg": cutouts[0].dec_deg if cutouts else None,
                "consensus": [_said(row) for row in selectors.consensus_of(found)] if seen else None,
            }
        )


def _said(row: Any) -> dict[str, Any]:
    trail = ("frame", "x1", "y1", "x2", "y2", "scatter_px", "n_markers")
    return {
        "workflow": row.workflow.slug,
        **{name: getattr(row, name) for name in ("method", "label", "settled", "counts", "n_votes", "agreement", "policy", "revision")},
        "trails": [{name: getattr(found, name) for name in trail} for found in row.trails.all()],
    }

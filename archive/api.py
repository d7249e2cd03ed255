"""Exposures for programs: read only."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archive import selectors
from archive.models import Cutout, Exposure, Plane

BASE_FIELDS = [
    "id", "survey", "observation_id", "product", "kind", "members", "visit", "instrument", "detector", "filter", "start", "end",
    "start_mjd", "end_mjd", "exposure_time_s", "ra_deg", "dec_deg", "pixel_scale_arcsec", "zero_point_ab_mag", "photflam", "photplam",
    "bunit", "target_name", "proposal_id", "simulated", "credit", "licence", "state", "created_at",
]  # fmt: skip


class ExposureSerializer(serializers.ModelSerializer[Exposure]):
    """One exposure. Times are UTC; places ICRS degrees; the zero point is the AB magnitude of one electron per second."""

    n_cutouts = serializers.IntegerField(default=0, help_text="Number of cutouts.")

    class Meta:
        model = Exposure
        fields = [*BASE_FIELDS, "n_cutouts"]


class CutoutSerializer(serializers.ModelSerializer[Cutout]):
    """One cutout: its box in plane pixels (0-based), its place on the sky and its images."""

    preview = serializers.SerializerMethodField()
    pixels = serializers.SerializerMethodField()
    wcs = serializers.SerializerMethodField()

    class Meta:
        model = Cutout
        fields = [
            "id", "x0", "y0", "box_width", "box_height", "bin", "width", "height", "pixel_scale_arcsec", "ra_deg", "dec_deg", "footprint",
            "sky_level", "sky_sigma", "valid_fraction", "stretch", "preview", "pixels", "wcs",
        ]  # fmt: skip

    def get_preview(self, cutout: Cutout) -> str:
        """Address of the 8-bit preview."""
        return selectors.preview_url(cutout)

    def get_pixels(self, cutout: Cutout) -> str | None:
        """Address of the 16-bit PNG (steps of sky sigma / 8, 800 = sky, 0 = no data); null until it is made."""
        return selectors.pixels_url(cutout) or None

    def get_wcs(self, cutout: Cutout) -> dict[str, Any] | None:
        """Tangent-plane approximation: crval, crpix (0-based), cd in degrees per cutout pixel."""
        return selectors.linear_wcs(cutout)


class PlaneSerializer(serializers.ModelSerializer[Plane]):
    """One science extension with its cutouts."""

    cutouts = CutoutSerializer(many=True)

    class Meta:
        model = Plane
        fields = ["id", "index", "name", "width", "height", "has_wcs", "pixel_scale_arcsec", "ra_deg", "dec_deg", "footprint", "cutouts"]


class ExposureDetailSerializer(serializers.ModelSerializer[Exposure]):
    """One exposure with everything: planes, cutouts and all header cards ([keyword, value, comment] per header unit)."""

    planes = PlaneSerializer(many=True)

    class Meta:
        model = Exposure
        fields = [*BASE_FIELDS, "filters_raw", "warnings", "orbit", "checksum", "size_bytes", "supersedes", "superseded_at", "planes", "headers"]


class Pages(CursorPagination):
    """Fifty exposures a page, newest first."""

    page_size = 50
    ordering = "-id"


class ExposureListView(ListAPIView[Exposure]):
    """Current exposures, newest first."""

    serializer_class = ExposureSerializer
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Exposure]:
        asked = {name: self.request.query_params.get(name, "") for name in ("q", "instrument", "filter", "observation_id")}
        found = selectors.search_exposures(text=asked["q"], instrument=asked["instrument"], filter_name=asked["filter"])
        return found.filter(observation_id=asked["observation_id"]) if asked["observation_id"] else found

    @extend_schema(
        parameters=[
            OpenApiParameter("q", description="Part of the observation id or target name, or a visit."),
            OpenApiParameter("instrument"),
            OpenApiParameter("filter"),
            OpenApiParameter("observation_id", description="The exact observation id."),
        ]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ExposureDetailView(APIView):
    """One exposure by its id (superseded ones too)."""

    @extend_schema(responses=ExposureDetailSerializer)
    def get(self, request: Request, exposure_id: int) -> Response:
        exposure = get_object_or_404(selectors.exposures_with_parts(), pk=exposure_id)
        return Response(ExposureDetailSerializer(exposure).data)

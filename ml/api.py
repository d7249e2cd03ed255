"""The API of the room: `/api/v1/ml/...`. Errors are problem documents."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.problems import Problem
from ml import intake, selectors, services, tasks
from ml.labels import TooFewLabels
from ml.models import Detection, DetectorModel, Run


class ModelSerializer(serializers.ModelSerializer[DetectorModel]):
    """A model with its metrics on held-out exposures; the card stands in the detail."""

    training_set = serializers.CharField(source="training_set.hash", default=None, read_only=True)
    parent = serializers.CharField(source="parent.name", default=None, read_only=True)  # type: ignore[assignment]  # the column, not the tree

    class Meta:
        model = DetectorModel
        fields = ["name", "state", "training_set", "parent", "weights_sha256", "metrics", "created_at"]


class ModelDetailSerializer(ModelSerializer):
    """A model with its card."""

    class Meta(ModelSerializer.Meta):
        fields = [*ModelSerializer.Meta.fields, "card"]


class RunSerializer(serializers.ModelSerializer[Run]):
    """A training or scan with the progress of its job."""

    state = serializers.CharField(source="job.state", read_only=True)
    phase = serializers.CharField(source="job.phase", read_only=True)
    done = serializers.IntegerField(source="job.done", read_only=True)
    total = serializers.IntegerField(source="job.total", read_only=True, allow_null=True)
    unit = serializers.CharField(source="job.unit", read_only=True)
    rate = serializers.FloatField(source="job.rate", read_only=True, allow_null=True)
    seconds_left = serializers.IntegerField(source="job.seconds_left", read_only=True, allow_null=True)
    attempt = serializers.IntegerField(source="job.attempt", read_only=True)
    error = serializers.CharField(source="job.error", read_only=True)
    training_set = serializers.CharField(source="training_set.hash", default=None, read_only=True)
    model = serializers.CharField(source="model.name", default=None, read_only=True)

    class Meta:
        model = Run
        fields = [
            "id", "kind", "state", "phase", "done", "total", "unit", "rate", "seconds_left", "attempt", "error", "training_set", "model",
            "config", "history", "created_at",
        ]  # fmt: skip


class LaunchSerializer(serializers.Serializer[Any]):
    """What may be set when a training is launched."""

    steps = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)


class DetectionSerializer(serializers.ModelSerializer[Detection]):
    """What one model found on one cutout; x, y in cutout pixels (0-based pixel centres), score 0-1, width in pixels."""

    cutout = serializers.IntegerField(source="cutout_id", read_only=True)
    model = serializers.CharField(source="model.name", read_only=True)
    find = serializers.IntegerField(source="find_id", read_only=True, allow_null=True)

    class Meta:
        model = Detection
        fields = ["id", "cutout", "model", "find", "klass", "score", "x1", "y1", "x2", "y2", "points", "width_px", "created_at"]


class Pages(PageNumberPagination):
    """Fifty rows a page."""

    page_size = 50


class DetectionPages(CursorPagination):
    """Two hundred rows a page, oldest first, stable while new rows arrive."""

    page_size = 200
    ordering = "id"


class MayTrain(BasePermission):
    """Anybody reads; launching needs ml.train."""

    message = "Launching a training needs the permission ml.train."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in {"GET", "HEAD", "OPTIONS"} or request.user.has_perm("ml.train")


class ModelList(ListAPIView[DetectorModel]):
    """All models, newest first."""

    serializer_class = ModelSerializer
    pagination_class = Pages
    queryset = selectors.models()


class ModelDetail(APIView):
    """One model with its card."""

    @extend_schema(responses=ModelDetailSerializer)
    def get(self, request: Request, name: str) -> Response:
        model = selectors.model_by_name(name)
        if model is None:
            raise NotFound(_("There is no model named %(name)s.") % {"name": name})
        return Response(ModelDetailSerializer(model).data)


class RunList(ListAPIView[Run]):
    """Trainings and scans, newest first; POST launches a training."""

    serializer_class = RunSerializer
    pagination_class = Pages
    permission_classes = [MayTrain]
    queryset = selectors.runs()

    @extend_schema(request=LaunchSerializer, responses={201: RunSerializer})
    def post(self, request: Request) -> Response:
        """Freeze the labels of this moment and train on them; 409 when there is nothing new or too little to learn from."""
        asked = LaunchSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            run = services.start_training(actor=request.user, now=timezone.now(), **asked.validated_data)
        except services.NothingNew as nothing:
            raise Problem(str(nothing), title=_("Nothing new to learn"), status=409) from None
        except TooFewLabels as too_few:
            raise Problem(str(too_few), title=_("Too few labels"), status=409, have=too_few.have) from None
        tasks.enqueue(run)
        return Response(RunSerializer(run).data, status=201)


class RunDetail(APIView):
    """One training or scan."""

    @extend_schema(responses=RunSerializer)
    def get(self, request: Request, run_id: int) -> Response:
        run = selectors.run_by_id(run_id)
        if run is None:
            raise NotFound(_("There is no run %(id)d.") % {"id": run_id})
        return Response(RunSerializer(run).data)


_FILTERS = [
    OpenApiParameter("cutout", int, description="only this cutout"),
    OpenApiParameter("model", str, description="only what this model found"),
    OpenApiParameter("klass", str, description="only this class"),
    OpenApiParameter("min_score", float, description="only scores from here up"),
]


@extend_schema(parameters=_FILTERS)
class DetectionList(ListAPIView[Detection]):
    """Detections. Those on images that are still being classified are for the team only, so that nobody's vote is swayed."""

    serializer_class = DetectionSerializer
    pagination_class = DetectionPages

    def get_queryset(self) -> Any:
        """Narrow by the query and by what this person may see."""
        query = FilterSerializer(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return intake.visible(selectors.detections(**query.validated_data), user=self.request.user)


class FilterSerializer(serializers.Serializer[Any]):
    """The filters of the list of detections."""

    cutout = serializers.IntegerField(required=False)
    model = serializers.CharField(required=False)
    klass = serializers.CharField(required=False)
    min_score = serializers.FloatField(required=False)

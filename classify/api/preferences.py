"""One's own settings over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classify import preferences, services
from classify.api.schemas import ProblemSchema
from classify.steps import BadField
from classify.visitors import volunteer_of


class PreferencesSchema(serializers.Serializer):
    """How images are shown, and which tutorials were seen."""

    viewer = serializers.DictField(required=False, help_text="Settings of the viewer: names and plain values.")
    tutorials = serializers.DictField(required=False, child=serializers.CharField(), help_text='{workflow: "1.0"}')


class Preferences(APIView):
    """Settings of whoever asks; visitors have some too."""

    read_with = ("classify",)
    needs_scope = "classify"

    @extend_schema(operation_id="preferences", responses=PreferencesSchema)
    def get(self, request: Request) -> Response:
        """Return what is set."""
        volunteer = volunteer_of(request)
        return _answer(preferences.filled(volunteer.preferences if volunteer else {}, {}))

    @extend_schema(operation_id="set_preferences", request=PreferencesSchema, responses={200: PreferencesSchema, 400: ProblemSchema})
    def put(self, request: Request) -> Response:
        """Put the entries given over those there are; what is not given stays."""
        try:
            stored = services.set_preferences(volunteer=volunteer_of(request, create=True), change=request.data)
        except BadField as error:
            raise ValidationError({error.field: [str(error)]}) from None
        return _answer(stored)


def _answer(stored: dict[str, dict[str, object]]) -> Response:
    response = Response(stored)
    response["Cache-Control"] = "no-store"
    return response

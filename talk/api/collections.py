"""Collections and favourites over HTTP."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import classify.selectors
from classify.visitors import volunteer_of
from talk import services
from talk.api.shared import AuthorOut, problem_of
from talk.files import KINDS, file_of
from talk.idlists import Entry
from talk.models import Collection, CollectionItem
from talk.requests import viewer_of
from talk.selectors import collection_for, collections_for, collections_of, items_of, owns, with_covers
from talk.selectors.thumbnails import thumbnails
from talk.services import MAX_COLLECTION_TITLE, MAX_DESCRIPTION, MAX_SUBJECTS, About, TalkError
from talk.viewers import Viewer


class CollectionOut(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    description = serializers.CharField(help_text="Markdown.")
    public = serializers.BooleanField()
    favourites = serializers.BooleanField(help_text="Whether these are its owner's favourites.")
    owner = AuthorOut()
    subjects = serializers.IntegerField(source="n_items", help_text="How many are in it, those included that are hidden from the caller.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    address = serializers.SerializerMethodField()

    def get_address(self, collection: Collection) -> str:
        return reverse("collection", args=[collection.public_id])


class CollectionPagesOut(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")
    previous = serializers.CharField(allow_null=True)
    results = CollectionOut(many=True)


class SubjectsIn(serializers.Serializer[Any]):
    subjects = serializers.ListField(child=serializers.IntegerField(min_value=0), max_length=MAX_SUBJECTS, help_text="Numbers of subjects.")


class CollectionIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=MAX_COLLECTION_TITLE)
    description = serializers.CharField(max_length=MAX_DESCRIPTION, required=False, allow_blank=True)
    public = serializers.BooleanField(required=False)


class NewCollectionIn(CollectionIn):
    subjects = serializers.ListField(child=serializers.IntegerField(min_value=0), max_length=MAX_SUBJECTS, required=False)
    tag = serializers.CharField(max_length=80, required=False, help_text="Instead of subjects: all that carry this tag now, as far as you may know.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "subjects" in attrs and "tag" in attrs:
            raise serializers.ValidationError({"tag": "Name either subjects or a tag."})
        return attrs


class AddedOut(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="How many were not in it before.")


class ItemOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="subject.public_id")
    added_at = serializers.DateTimeField()
    preview = serializers.CharField(source="thumbnail.preview", default=None, allow_null=True)
    address = serializers.SerializerMethodField()

    def get_address(self, item: CollectionItem) -> str:
        return reverse("subject", args=[item.subject.public_id])


class ItemPagesOut(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")
    previous = serializers.CharField(allow_null=True)
    results = ItemOut(many=True)


class Newest(CursorPagination):
    ordering = "-id"
    page_size = 50


def found_or_404(viewer: Viewer, public_id: str, *, own: bool = False) -> Collection:
    """A collection that this person may open (own: change), or 404."""
    found = collection_for(viewer, public_id)
    if found is None or (own and not owns(viewer, found)):
        raise Http404
    return found


def sent(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    """What a valid body says."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def described(viewer: Viewer, found: Collection) -> dict[str, Any]:
    """A collection as the API shows it."""
    return dict(CollectionOut(with_covers(viewer, [found])[0]).data)


def roots_in(viewer: Viewer, data: dict[str, Any]) -> list[int]:
    """The roots that a body names; in a refusal `lines` counts its subjects from 1."""
    if "tag" in data:
        return services.roots_with_tag(viewer=viewer, name=data["tag"])
    entries = [Entry(line, str(number), number) for line, number in enumerate(data.get("subjects", []), 1)]
    return services.roots_of(entries) if entries else []


class CollectionsView(APIView):
    needs_scope = "talk"

    @extend_schema(
        responses=CollectionPagesOut,
        operation_id="talk_collections",
        parameters=[OpenApiParameter("mine", bool, description="Only one's own."), OpenApiParameter("cursor", str)],
    )
    def get(self, request: Request) -> Response:
        """One's own collections and all public ones, newest first."""
        viewer, asked = viewer_of(request._request), request.query_params.get("mine", "false").lower()
        if asked not in {"1", "true", "0", "false"}:
            raise serializers.ValidationError({"mine": "true or false."})
        rows, pages = collections_of(viewer.volunteer) if asked in {"1", "true"} else collections_for(viewer), Newest()
        found = pages.paginate_queryset(rows.order_by("-id"), request, view=self) or []
        return pages.get_paginated_response(CollectionOut(with_covers(viewer, found), many=True).data)

    @extend_schema(request=NewCollectionIn, responses={201: CollectionOut}, operation_id="talk_make_collection")
    def post(self, request: Request) -> Response:
        """Make a collection, with subjects in it if some are named; all or nothing."""
        data, viewer = sent(NewCollectionIn(data=request.data)), viewer_of(request._request, create=True)
        about = About(data["title"], data.get("description", ""), data.get("public", False))
        try:
            if not viewer.signed_in:
                raise services.SignInFirst
            made = services.make_collection(viewer=viewer, about=about, roots=roots_in(viewer, data), now=timezone.now())
        except TalkError as error:
            raise problem_of(error) from error
        return Response(described(viewer, made), status=201, headers={"Location": reverse("api_talk_collection", args=[made.public_id])})


class CollectionView(APIView):
    needs_scope = "talk"

    @extend_schema(responses=CollectionOut, operation_id="talk_collection")
    def get(self, request: Request, collection_id: str) -> Response:
        """One collection."""
        viewer = viewer_of(request._request)
        return Response(described(viewer, found_or_404(viewer, collection_id)))

    @extend_schema(request=CollectionIn, responses=CollectionOut, operation_id="talk_change_collection")
    def patch(self, request: Request, collection_id: str) -> Response:
        """Change what is said about one's own collection; what is not named stays."""
        viewer = viewer_of(request._request)
        found = found_or_404(viewer, collection_id, own=True)
        data = sent(CollectionIn(data=request.data, partial=True))
        said = {name: data.get(name, getattr(found, name)) for name in ("title", "description", "public")}
        try:
            services.change_collection(viewer=viewer, collection=found, about=About(**said), now=timezone.now())
        except TalkError as error:
            raise problem_of(error) from error
        return Response(described(viewer, found))

    @extend_schema(responses={204: None}, operation_id="talk_delete_collection")
    def delete(self, request: Request, collection_id: str) -> Response:
        """Delete one's own collection."""
        viewer = viewer_of(request._request)
        services.delete_collection(viewer=viewer, collection=found_or_404(viewer, collection_id, own=True))
        return Response(status=204)


class CollectionSubjectsView(APIView):
    needs_scope = "talk"

    @extend_schema(responses=ItemPagesOut, operation_id="talk_collection_subjects", parameters=[OpenApiParameter("cursor", str)])
    def get(self, request: Request, collection_id: str) -> Response:
        """The subjects of a collection, newest first. In somebody else's those hidden from the caller are left out."""
        viewer, pages = viewer_of(request._request), Newest()
        rows = pages.paginate_queryset(items_of(viewer, found_or_404(viewer, collection_id)), request, view=self) or []
        pictures = thumbnails(row.subject_id for row in rows)
        for row in rows:
            row.thumbnail = pictures.get(row.subject_id)  # type: ignore[attr-defined]
        return pages.get_paginated_response(ItemOut(rows, many=True).data)

    @extend_schema(request=SubjectsIn, responses=AddedOut, operation_id="talk_add_to_collection")
    def post(self, request: Request, collection_id: str) -> Response:
        """Put subjects into one's own collection; all or none. Those already in it stay as they are."""
        viewer = viewer_of(request._request)
        found = found_or_404(viewer, collection_id, own=True)
        data = sent(SubjectsIn(data=request.data))
        try:
            n = services.add_subjects(viewer=viewer, collection=found, roots=roots_in(viewer, data), now=timezone.now())
        except TalkError as error:
            raise problem_of(error) from error
        return Response({"added": n})


class CollectionSubjectView(APIView):
    needs_scope = "talk"

    @extend_schema(responses={204: None}, operation_id="talk_take_from_collection")
    def delete(self, request: Request, collection_id: str, public_id: int) -> Response:
        """Take a subject out of one's own collection; 204 also where it was not in it."""
        viewer = viewer_of(request._request)
        found, subject = found_or_404(viewer, collection_id, own=True), classify.selectors.subject_by_public_id(public_id)
        if subject is None:
            raise Http404
        services.remove_subject(viewer=viewer, collection=found, subject=subject, now=timezone.now())
        return Response(status=204)


class FavouriteView(APIView):
    """One heart. Visitors have favourites, too; they keep them when they sign in."""

    needs_scope = "talk"

    @extend_schema(request=None, responses={204: None}, operation_id="talk_add_favourite")
    def put(self, request: Request, public_id: int) -> Response:
        """Put a subject among one's favourites; twice is once."""
        return self._set(request, public_id, on=True)

    @extend_schema(responses={204: None}, operation_id="talk_remove_favourite")
    def delete(self, request: Request, public_id: int) -> Response:
        """Take a subject from one's favourites; 204 also where it was none."""
        return self._set(request, public_id, on=False)

    def _set(self, request: Request, public_id: int, *, on: bool) -> Response:
        subject = classify.selectors.subject_by_public_id(public_id)
        if subject is None:
            raise Http404
        viewer = Viewer(user=request.user, volunteer=volunteer_of(request._request, create=True))
        try:
            services.set_favourite(viewer=viewer, subject=subject, on=on, now=timezone.now())
        except TalkError as error:
            raise problem_of(error) from error
        return Response(status=204)


class IgnoreFormat(BaseContentNegotiation):
    """`format` is ours here: it names the format of the file, not of an answer of the framework."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class CollectionExportView(APIView):
    content_negotiation_class = IgnoreFormat
    throttle_scopes = {"GET": "exports"}

    @extend_schema(
        operation_id="talk_export_collection",
        parameters=[OpenApiParameter("format", str, enum=sorted(KINDS), description="csv if not given.")],
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR), (200, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT)},
    )
    def get(self, request: Request, collection_id: str) -> HttpResponseBase:
        """The subjects of a collection as one file: number, when it was added, address. The CSV file can be sent back as a list."""
        file_format = request.query_params.get("format", "csv")
        if file_format not in KINDS:
            raise serializers.ValidationError({"format": f"One of: {', '.join(sorted(KINDS))}."})
        viewer = viewer_of(request._request)
        site = f"{request._request.scheme}://{request._request.get_host()}"
        return file_of(viewer, found_or_404(viewer, collection_id), file_format, site=site)

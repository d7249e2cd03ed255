"""Tags over HTTP."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from talk.hashtags import normalise
from talk.requests import viewer_of
from talk.selectors import popular_tags, tag_counts, tag_page


class TagOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    people = serializers.IntegerField(source="n_people", help_text="Different people who use it.")
    subjects = serializers.IntegerField(source="n_subjects", help_text="Different subjects that carry it.")


class TaggedSubjectOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="public_id")
    people = serializers.IntegerField(help_text="Different people who gave the tag to this subject.")
    preview = serializers.CharField(source="thumbnail.preview", default=None, allow_null=True)


class TagPageOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    people = serializers.IntegerField(source="n_people")
    hidden = serializers.IntegerField(source="n_hidden", help_text="More subjects with this tag, which others are still classifying.")
    pages = serializers.IntegerField(source="page.paginator.num_pages")
    page = serializers.IntegerField(source="page.number")
    results = TaggedSubjectOut(source="subjects", many=True)


class TagsOut(serializers.Serializer[Any]):
    results = TagOut(many=True)


class TagPagesOut(TagsOut):
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")
    previous = serializers.CharField(allow_null=True)


class ByName(CursorPagination):
    ordering = "name"
    page_size = 100


class TagsView(APIView):
    @extend_schema(responses=TagPagesOut, operation_id="talk_tags", parameters=[OpenApiParameter("cursor", str)])
    def get(self, request: Request) -> Response:
        """All tags in use, by name."""
        pages = ByName()
        rows = pages.paginate_queryset(tag_counts(), request, view=self)
        return pages.get_paginated_response(TagOut(rows, many=True).data)


class PopularView(APIView):
    @extend_schema(responses=TagsOut, operation_id="talk_popular", parameters=[OpenApiParameter("limit", OpenApiTypes.INT)])
    def get(self, request: Request) -> Response:
        """The tags that most people use (at most 100, by default 20)."""
        asked = request.query_params.get("limit", "20")
        if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= 100):
            raise serializers.ValidationError({"limit": "A number from 1 to 100."})
        return Response({"results": TagOut(popular_tags(int(asked)), many=True).data})


class TagView(APIView):
    @extend_schema(responses=TagPageOut, operation_id="talk_tag", parameters=[OpenApiParameter("page", OpenApiTypes.INT)])
    def get(self, request: Request, tag: str) -> Response:
        """The subjects that carry a tag, most people first. Those hidden from the caller are only counted."""
        name = normalise(tag)
        if name is None:
            raise Http404
        page = tag_page(viewer_of(request._request), name, request.query_params.get("page"), with_comments=False)
        return Response(TagPageOut(page).data)

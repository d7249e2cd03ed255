"""The API of Talk, /api/v1/talk/...: the same services and selectors as the pages, errors as problem documents."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import classify.selectors
from core.problems import Problem
from talk import services
from talk.hashtags import normalise
from talk.models import Comment, Discussion
from talk.requests import address_of, hosts_of, viewer_of
from talk.selectors import discussion_for, popular_tags, tag_counts, tag_page, visible_comments
from talk.services import MAX_BODY, Draft, TalkError
from talk.viewers import Viewer


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


class AuthorOut(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id", help_text="Public id of the volunteer; one and the same for all who deleted their account.")
    name = serializers.CharField(source="user.username", default=None, allow_null=True, help_text="Name of the account, if there is one.")


class CommentOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    discussion = serializers.IntegerField(source="discussion_id")
    subject = serializers.IntegerField(source="discussion.subject.public_id", default=None, allow_null=True)
    author = AuthorOut(allow_null=True)
    reply_to = serializers.IntegerField(source="reply_to_id", allow_null=True)
    body = serializers.CharField(help_text="Markdown as typed.")
    html = serializers.CharField(help_text="Sanitised HTML.")
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    address = serializers.SerializerMethodField()

    def get_address(self, comment: Comment) -> str:
        return reverse("talk_comment", args=[comment.pk])


class CommentIn(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=MAX_BODY, trim_whitespace=False)
    discussion = serializers.IntegerField(required=False)
    subject = serializers.IntegerField(required=False, help_text="Instead of discussion: the thread of this subject, made if there is none.")
    reply_to = serializers.IntegerField(required=False, allow_null=True)
    request_id = serializers.UUIDField(required=False, help_text="Made by the client: sending twice stores once.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("discussion" in attrs) == ("subject" in attrs):
            raise serializers.ValidationError({"discussion": "Name either a discussion or a subject."})
        return attrs


class DiscussionOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    board = serializers.CharField(source="board.slug")
    title = serializers.CharField()
    subject = serializers.IntegerField(source="subject.public_id", default=None, allow_null=True)
    sticky = serializers.BooleanField()
    locked = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    last_comment_at = serializers.DateTimeField(allow_null=True)
    comments = serializers.SerializerMethodField(help_text="Address of its comments.")

    def get_comments(self, discussion: Discussion) -> str:
        return f"{reverse('api_talk_comments')}?discussion={discussion.pk}"


class TagsOut(serializers.Serializer[Any]):
    results = TagOut(many=True)


class TagPagesOut(TagsOut):
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")
    previous = serializers.CharField(allow_null=True)


class CommentPagesOut(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")
    previous = serializers.CharField(allow_null=True)
    results = CommentOut(many=True)


class ByName(CursorPagination):
    ordering = "name"
    page_size = 100


class ByAge(CursorPagination):
    ordering = "id"
    page_size = 50


def problem_of(error: TalkError) -> Problem:
    """The problem document of a refusal."""
    problem = Problem(str(error.message), status=error.status, code=error.code, **error.extra)
    problem.wait = error.extra.get("retry_after")  # becomes the header Retry-After
    return problem


def open_discussion(viewer: Viewer, discussion_id: int) -> Discussion:
    """Return a discussion this person may read now: 404 where there is none, 403 while its subject is hidden from them."""
    found = discussion_for(viewer, discussion_id)
    if found is None:
        raise Http404
    if found.subject is not None and not classify.selectors.may_see(viewer.volunteer, found.subject):
        raise problem_of(services.Hidden())
    return found


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


class DiscussionView(APIView):
    @extend_schema(responses=DiscussionOut, operation_id="talk_discussion")
    def get(self, request: Request, discussion_id: int) -> Response:
        """One discussion."""
        return Response(DiscussionOut(open_discussion(viewer_of(request._request), discussion_id)).data)


class CommentsView(APIView):
    needs_scope = "talk"

    @extend_schema(
        responses=CommentPagesOut,
        operation_id="talk_comments",
        parameters=[OpenApiParameter("discussion", OpenApiTypes.INT), OpenApiParameter("cursor", str)],
    )
    def get(self, request: Request) -> Response:
        """Comments that the caller may read now, oldest first; of one discussion if it is named. Deleted ones are left out."""
        viewer, asked = viewer_of(request._request), request.query_params.get("discussion")
        comments = visible_comments(viewer)
        if asked is not None:
            if not (asked.isascii() and asked.isdigit() and len(asked) <= 18):
                raise serializers.ValidationError({"discussion": "The number of a discussion."})
            comments = comments.filter(discussion=open_discussion(viewer, int(asked)))
        pages = ByAge()
        return pages.get_paginated_response(CommentOut(pages.paginate_queryset(comments, request, view=self), many=True).data)

    @extend_schema(request=CommentIn, responses={201: CommentOut}, operation_id="talk_post_comment")
    def post(self, request: Request) -> Response:
        """Write a comment in a discussion or on a subject. The same request_id again gives the same comment."""
        body = CommentIn(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            comment = self._store(request, body.validated_data)
        except TalkError as error:
            raise problem_of(error) from error
        return Response(CommentOut(comment).data, status=201, headers={"Location": address_of(comment)})

    def _store(self, request: Request, data: dict[str, Any]) -> Comment:
        viewer = viewer_of(request._request, create=True)
        reply_to = Comment.objects.filter(pk=data["reply_to"]).first() if data.get("reply_to") else None
        draft = Draft(body=data["body"], request_id=data.get("request_id"), reply_to=reply_to, hosts=hosts_of(request._request))
        if "discussion" in data:
            found = discussion_for(viewer, data["discussion"])
            if found is None:
                raise Http404
            return services.post_comment(viewer=viewer, discussion=found, draft=draft, now=timezone.now())
        subject = classify.selectors.subject_by_public_id(data["subject"])
        if subject is None:
            raise Http404
        return services.comment_on_subject(viewer=viewer, subject=subject, draft=draft, now=timezone.now())

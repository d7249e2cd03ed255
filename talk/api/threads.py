"""Discussions and comments over HTTP."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import classify.selectors
from talk import services
from talk.api.shared import AuthorOut, ByAge, problem_of
from talk.models import Comment, Discussion
from talk.requests import address_of, hosts_of, viewer_of
from talk.selectors import discussion_for, visible_comments
from talk.services import MAX_BODY, Draft, TalkError
from talk.viewers import Viewer


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


class CommentPagesOut(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")
    previous = serializers.CharField(allow_null=True)
    results = CommentOut(many=True)


def open_discussion(viewer: Viewer, discussion_id: int) -> Discussion:
    """Return a discussion this person may read now: 404 where there is none, 403 while its subject is hidden from them."""
    found = discussion_for(viewer, discussion_id)
    if found is None:
        raise Http404
    if found.subject is not None and not classify.selectors.may_see(viewer.volunteer, found.subject):
        raise problem_of(services.Hidden())
    return found


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

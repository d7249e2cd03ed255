"""Addresses of the room `talk`."""

from django.urls import URLPattern, URLResolver, path

from talk import api
from talk.views import reading, subjects, writing

urlpatterns: list[URLPattern | URLResolver] = [
    path("talk/", reading.home, name="talk"),
    path("talk/boards/<slug:slug>/", reading.board, name="talk_board"),
    path("talk/boards/<slug:slug>/new/", writing.start, name="talk_start"),
    path("talk/discussions/<int:discussion_id>/", reading.discussion, name="talk_discussion"),
    path("talk/discussions/<int:discussion_id>/comments/", writing.post, name="talk_post"),
    path("talk/discussions/<int:discussion_id>/moderate/", writing.moderate, name="talk_moderate"),
    path("talk/comments/<int:comment_id>/", reading.comment, name="talk_comment"),
    path("talk/comments/<int:comment_id>/edit/", writing.edit, name="talk_edit"),
    path("talk/comments/<int:comment_id>/delete/", writing.delete, name="talk_delete"),
    path("talk/preview/", writing.preview, name="talk_preview"),
    path("talk/tags/", reading.tags, name="talk_tags"),
    path("talk/tags/<str:tag>/", reading.tag, name="talk_tag"),
    path("talk/subjects/<int:public_id>/", subjects.subject, name="talk_subject"),
    path("talk/subjects/<int:public_id>/show/", subjects.show, name="talk_show"),
    path("talk/subjects/<int:public_id>/comments/", subjects.post, name="talk_subject_post"),
    path("talk/subjects/<int:public_id>/tags/", subjects.add_tag, name="talk_add_tag"),
    path("talk/subjects/<int:public_id>/tags/<str:tag>/remove/", subjects.remove_tag, name="talk_remove_tag"),
    path("api/v1/talk/tags/", api.TagsView.as_view(), name="api_talk_tags"),
    path("api/v1/talk/tags/<str:tag>/", api.TagView.as_view(), name="api_talk_tag"),
    path("api/v1/talk/popular/", api.PopularView.as_view(), name="api_talk_popular"),
    path("api/v1/talk/discussions/<int:discussion_id>/", api.DiscussionView.as_view(), name="api_talk_discussion"),
    path("api/v1/talk/comments/", api.CommentsView.as_view(), name="api_talk_comments"),
]

"""Addresses of the room `talk`."""

from django.urls import URLPattern, URLResolver, path

from talk.api import collections as api_collections
from talk.api import tags as api_tags
from talk.api import threads as api_threads
from talk.views import collecting, collections, reading, subjects, writing

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
    path("talk/subjects/<int:public_id>/favourite/", collecting.favourite, name="talk_favourite"),
    path("talk/subjects/<int:public_id>/collect/", collecting.collect, name="talk_collect"),
    path("me/collections/", collections.mine, name="my_collections"),
    path("collections/", collections.index, name="collections"),
    path("collections/new/", collecting.new, name="collection_new"),
    path("collections/<slug:collection_id>/", collections.collection, name="collection"),
    path("collections/<slug:collection_id>/edit/", collecting.edit, name="collection_edit"),
    path("collections/<slug:collection_id>/add/", collecting.add, name="collection_add"),
    path("collections/<slug:collection_id>/remove/", collecting.remove, name="collection_remove"),
    path("collections/<slug:collection_id>/delete/", collecting.delete, name="collection_delete"),
    path("collections/<slug:collection_id>/hide/", collecting.hide, name="collection_hide"),
    path("collections/<slug:collection_id>/export/csv/", collections.export, {"file_format": "csv"}, name="collection_csv"),
    path("collections/<slug:collection_id>/export/json/", collections.export, {"file_format": "json"}, name="collection_json"),
    path("api/v1/talk/tags/", api_tags.TagsView.as_view(), name="api_talk_tags"),
    path("api/v1/talk/tags/<str:tag>/", api_tags.TagView.as_view(), name="api_talk_tag"),
    path("api/v1/talk/popular/", api_tags.PopularView.as_view(), name="api_talk_popular"),
    path("api/v1/talk/discussions/<int:discussion_id>/", api_threads.DiscussionView.as_view(), name="api_talk_discussion"),
    path("api/v1/talk/comments/", api_threads.CommentsView.as_view(), name="api_talk_comments"),
    path("api/v1/talk/collections/", api_collections.CollectionsView.as_view(), name="api_talk_collections"),
    path("api/v1/talk/collections/<slug:collection_id>/", api_collections.CollectionView.as_view(), name="api_talk_collection"),
    path(
        "api/v1/talk/collections/<slug:collection_id>/subjects/",
        api_collections.CollectionSubjectsView.as_view(),
        name="api_talk_collection_subjects",
    ),
    path(
        "api/v1/talk/collections/<slug:collection_id>/subjects/<int:public_id>/",
        api_collections.CollectionSubjectView.as_view(),
        name="api_talk_collection_subject",
    ),
    path("api/v1/talk/collections/<slug:collection_id>/export/", api_collections.CollectionExportView.as_view(), name="api_talk_collection_export"),
    path("api/v1/talk/favourites/<int:public_id>/", api_collections.FavouriteView.as_view(), name="api_talk_favourite"),
]

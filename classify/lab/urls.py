"""Addresses of the lab."""

from django.urls import URLPattern, path

from classify.lab import preview, texts, versions, views

lab_urls: list[URLPattern] = [
    path("lab/", views.index, name="lab"),
    path("lab/new/", views.new, name="lab_new"),
    path("lab/guide/", texts.guide, name="lab_guide"),
    path("lab/guide/new/", texts.guide_new, name="lab_guide_new"),
    path("lab/guide/markdown/", texts.markdown, name="lab_markdown"),
    path("lab/guide/<slug:slug>/", texts.guide_entry, name="lab_guide_entry"),
    path("lab/<slug:slug>/", views.editor, name="lab_editor"),
    path("lab/<slug:slug>/settings/", views.change, name="lab_settings"),
    path("lab/<slug:slug>/sets/", views.sets, name="lab_sets"),
    path("lab/<slug:slug>/tutorial/", texts.tutorial, name="lab_tutorial"),
    path("lab/<slug:slug>/words/", texts.words, name="lab_words"),
    path("lab/<slug:slug>/publish/", versions.publish, name="lab_publish"),
    path("lab/<slug:slug>/versions/", versions.versions, name="lab_versions"),
    path("lab/<slug:slug>/live/", versions.live, name="lab_live"),
    path("lab/<slug:slug>/preview/", preview.page, name="lab_preview"),
    path("lab/<slug:slug>/preview/queue/", preview.queue, name="lab_preview_queue"),
    path("lab/<slug:slug>/preview/votes/", preview.votes, name="lab_preview_votes"),
    path("lab/<slug:slug>/preview/votes/<uuid:classification_id>/", preview.vote, name="lab_preview_vote"),
    path("lab/<slug:slug>/preview/<int:public_id>/", preview.reveal, name="lab_preview_reveal"),
]

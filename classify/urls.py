"""Addresses of the room `classify`."""

from django.urls import URLPattern, URLResolver, path

from classify import views
from classify.api.labels import label_urls
from classify.api.preferences import Preferences
from classify.api.stats import Stats
from classify.api.subjects import SubjectDetail
from classify.api.votes import Classifications, OneClassification
from classify.api.workflows import Queue, WorkflowDetail, WorkflowList
from classify.lab import policies
from classify.lab.urls import lab_urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("classify/", views.index, name="classify_index"),
    path("classify/<slug:slug>/", views.classify, name="classify"),
    path("classify/<slug:slug>/offline/", views.offline, name="classify_offline"),
    path("api/v1/workflows/", WorkflowList.as_view(), name="api_workflows"),
    path("api/v1/workflows/<slug:slug>/", WorkflowDetail.as_view(), name="api_workflow"),
    path("api/v1/workflows/<slug:slug>/queue/", Queue.as_view(), name="api_queue"),
    path("api/v1/classifications/", Classifications.as_view(), name="api_classifications"),
    path("api/v1/classifications/<uuid:classification_id>/", OneClassification.as_view(), name="api_classification"),
    path("api/v1/me/preferences/", Preferences.as_view(), name="api_preferences"),
    path("api/v1/stats/", Stats.as_view(), name="api_stats"),
    path("api/v1/subjects/<int:public_id>/", SubjectDetail.as_view(), name="api_subject"),
    path("science/policies/", policies.index, name="policies"),
    path("science/policies/<int:job_id>/", policies.one, name="policies_one"),
    path("science/policies/<int:job_id>/stop/", policies.stop, name="policies_stop"),
    path("science/policies/<int:job_id>/<slug:figure>.csv", policies.data, name="policies_data"),
    *label_urls,
    *lab_urls,
]

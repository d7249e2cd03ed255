"""Addresses of the room `ml`."""

from django.urls import URLPattern, URLResolver, path

from ml import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("ml/", views.index, name="ml_index"),
    path("ml/running/", views.running, name="ml_running"),
    path("ml/train/", views.train, name="ml_train"),
    path("ml/scan/", views.scan, name="ml_scan"),
    path("ml/rollback/", views.rollback, name="ml_rollback"),
    path("ml/models/<str:name>/", views.model, name="ml_model"),
    path("ml/models/<str:name>/promote/", views.promote, name="ml_promote"),
    path("ml/runs/<int:run_id>/", views.run, name="ml_run"),
    path("ml/runs/<int:run_id>/progress/", views.run_progress, name="ml_run_progress"),
    path("ml/runs/<int:run_id>/cancel/", views.cancel, name="ml_cancel"),
    path("api/v1/ml/models/", api.ModelList.as_view(), name="api_ml_models"),
    path("api/v1/ml/models/<str:name>/", api.ModelDetail.as_view(), name="api_ml_model"),
    path("api/v1/ml/runs/", api.RunList.as_view(), name="api_ml_runs"),
    path("api/v1/ml/runs/<int:run_id>/", api.RunDetail.as_view(), name="api_ml_run"),
    path("api/v1/ml/detections/", api.DetectionList.as_view(), name="api_ml_detections"),
]

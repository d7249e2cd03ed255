"""Addresses of the room `archive`."""

from django.urls import URLPattern, URLResolver, path, re_path

from archive import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^(?P<key>px/[0-9a-f]{2}/[0-9a-f]{40}\.(?:jpg|png))\Z", views.image, name="archive-image"),
    path("exposures/", views.exposure_list, name="exposures"),
    path("exposures/files/", views.ingest_files, name="exposure-files"),
    path("exposures/<observation_id>/", views.exposure_page, name="exposure"),
    path("exposures/<observation_id>/headers/", views.exposure_headers, name="exposure-headers"),
    path("api/v1/exposures/", api.ExposureListView.as_view(), name="api-exposures"),
    path("api/v1/exposures/<int:exposure_id>/", api.ExposureDetailView.as_view(), name="api-exposure"),
]

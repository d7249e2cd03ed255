"""All addresses of the site; each room brings its own."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from hunter.views import exposures, health, home, languages, people, subjects, team

urlpatterns = [
    path("", home.home, name="home"),
    path("home/counters/", home.counters, name="home_counters"),
    path("how-it-works/", home.how_it_works, name="how_it_works"),
    path("subjects/<int:public_id>/", subjects.subject, name="subject"),
    path("subjects/<int:public_id>/reveal/", subjects.reveal, name="subject_reveal"),
    path("cutouts/<int:cutout_id>/", exposures.subject_of_cutout, name="subject_of_cutout"),
    path("people/<str:name>/", people.person, name="person"),
    path("me/", people.me, name="me"),
    path("dashboard/", team.dashboard, name="dashboard"),
    path("dashboard/jobs/", team.jobs, name="dashboard_jobs"),
    path("dashboard/jobs/<int:job_id>/cancel/", team.cancel_job, name="cancel_job"),
    path("science/", team.science, name="science"),
    path("i18n/setlang/", languages.set_language, name="set_language"),
    path("healthz", health.healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("", include("archive.urls")),
    path("", include("classify.urls")),
    path("", include("talk.urls")),
    path("", include("ml.urls")),
]

handler400 = "hunter.views.errors.bad_request"
handler404 = "hunter.views.errors.not_found"
handler500 = "hunter.views.errors.server_error"

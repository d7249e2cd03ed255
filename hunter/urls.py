"""All addresses of the site; each room brings its own."""

from django.contrib import admin
from django.urls import include, path, register_converter
from drf_spectacular.views import SpectacularAPIView

from hunter.accounts import views as accounts
from hunter.pages.places import PlaceConverter
from hunter.views import (
    certificates,
    contact,
    exposures,
    flagged,
    health,
    home,
    languages,
    metrics,
    operations,
    outbox,
    pages,
    people,
    privacy,
    stats,
    subjects,
    team,
    tokens,
    webapp,
)

register_converter(PlaceConverter, "place")

urlpatterns = [
    path("", home.home, name="home"),
    path("home/counters/", home.counters, name="home_counters"),
    path("how-it-works/", home.how_it_works, name="how_it_works"),
    path("subjects/<int:public_id>/", subjects.subject, name="subject"),
    path("subjects/<int:public_id>/reveal/", subjects.reveal, name="subject_reveal"),
    path("cutouts/<int:cutout_id>/", exposures.subject_of_cutout, name="subject_of_cutout"),
    path("people/<str:name>/", people.person, name="person"),
    path("me/", people.me, name="me"),
    path("me/history.csv", people.my_file, name="my_file"),
    path("me/figures/", certificates.figures, name="my_figures"),
    path("me/figures.csv", certificates.figures_data, name="my_figures_data"),
    path("me/certificate/", certificates.certificate, name="my_certificate"),
    path("certificates/<str:token>/", certificates.show_certificate, name="certificate"),
    path("me/tokens/", tokens.token_list, name="tokens"),
    path("me/tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke_token"),
    path("me/privacy/", privacy.privacy, name="privacy"),
    path("me/privacy/credit/", privacy.credit, name="privacy_credit"),
    path("me/privacy/download/", privacy.ask_download, name="privacy_ask"),
    path("me/privacy/progress/", privacy.progress, name="privacy_progress"),
    path("me/privacy/files/<str:token>/", privacy.download, name="privacy_file"),
    path("me/privacy/delete/", privacy.delete, name="privacy_delete"),
    path("me/privacy/forget/", privacy.forget, name="privacy_forget"),
    path("me/privacy/deleted/", privacy.deleted, name="privacy_deleted"),
    path("dashboard/", team.dashboard, name="dashboard"),
    path("dashboard/jobs/", team.jobs, name="dashboard_jobs"),
    path("dashboard/votes/", flagged.votes, name="flagged_votes"),
    path("dashboard/votes/<str:public_id>/", flagged.decide, name="decide_flagged"),
    path("dashboard/jobs/<int:job_id>/cancel/", team.cancel_job, name="cancel_job"),
    path("science/", team.science, name="science"),
    path("stats/", stats.stats, name="stats"),
    path("stats/<slug:figure>.csv", stats.data, name="stats_data"),
    path("i18n/setlang/", languages.set_language, name="set_language"),
    path("<place:slug>/", pages.page, name="page"),
    path("<place:slug>/edit/", pages.edit, name="page_edit"),
    path("<place:slug>/edit/preview/", pages.preview, name="page_preview"),
    path("<place:slug>/versions/", pages.versions, name="page_versions"),
    path("<place:slug>/versions/<str:language>/<int:number>/", pages.version, name="page_version"),
    path("terms/agree/", pages.agree, name="agree"),
    path("contact/", contact.contact, name="contact"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("robots.txt", contact.robots, name="robots"),
    path(".well-known/security.txt", contact.security, name="security_txt"),
    path("dashboard/operations/", operations.page, name="operations"),
    path("dashboard/operations/jobs/<int:job_id>/retry/", operations.retry, name="retry_job"),
    path("sw.js", webapp.service_worker, name="service_worker"),
    path("manifest.webmanifest", webapp.manifest, name="manifest"),
    path("offline/", webapp.offline, name="offline"),
    path("session/", webapp.session, name="session"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics_page, name="metrics"),
    path("accounts/", accounts.overview, name="account"),
    path("accounts/name/", accounts.change_name, name="account_name"),
    path("accounts/sessions/<int:session_id>/end/", accounts.end_session, name="end_session"),
    path("accounts/sessions/end/", accounts.end_all_sessions, name="end_all_sessions"),
    path("accounts/2fa/totp/activate/", accounts.ActivateApp.as_view(), name="mfa_activate_totp"),
    path("accounts/", include("allauth.urls")),
    path("dev/outbox/", outbox.mails, name="outbox"),
    path("dev/outbox/<str:key>/", outbox.mail, name="outbox_mail"),
    path("dev/outbox/<str:key>/html/", outbox.html, name="outbox_html"),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("", include("archive.urls")),
    path("", include("classify.urls")),
    path("", include("talk.urls")),
    path("", include("ml.urls")),
]

handler400 = "hunter.views.errors.bad_request"
handler404 = "hunter.views.errors.not_found"
handler429 = "hunter.accounts.views.too_many"
handler500 = "hunter.views.errors.server_error"

"""All settings, read from the environment (see docs/reference/settings.md). Nothing here imports a room."""

import logging
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from hunter import env, logs, servers
from hunter.accounts import mailserver, providers
from hunter.backup import swap

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(env.text("HUNTER_HOME", str(BASE_DIR / "var"))).expanduser().resolve()
swap.finish(HOME)  # a restore that was cut off at its very end; before anything opens the database
EMBEDDED = env.flag("HUNTER_EMBEDDED")  # set by ./run: one machine, SQLite, a Valkey of its own
DEMO = env.flag("HUNTER_DEMO")  # demo accounts and the sample sky may be made
DEBUG = env.flag("HUNTER_DEBUG")
SECRET_KEY = env.secret("HUNTER_SECRET_KEY", why="It signs sessions and the cookies of visitors; 50 random characters will do.")
SECRET_KEY_FALLBACKS = env.split(env.secret("HUNTER_SECRET_KEY_FALLBACKS", ""))  # earlier keys: what they signed stays valid
HOST = env.text("HUNTER_HOST", "127.0.0.1")
ALLOWED_HOSTS = env.words("HUNTER_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("HUNTER_TRUSTED_ORIGINS")
HTTPS = env.flag("HUNTER_HTTPS")  # a TLS proxy stands in front
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
LOOPBACK = EMBEDDED and HOST in LOOPBACK_HOSTS  # the embedded default: nobody but this machine reaches it
if HTTPS:
    env.check_key("HUNTER_SECRET_KEY", SECRET_KEY)

INSTALLED_APPS = [
    "hunter",
    "talk",
    "ml",
    "classify",
    "archive",
    "core",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.openid_connect",
    "django_structlog",
    "csp",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "hunter.logs.RequestIds",
    "hunter.metrics.RequestMetrics",
    "hunter.protection.ProtectionMiddleware",
    "hunter.compression.CompressionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hunter.sessions.SessionLimitsMiddleware",
    "hunter.languages.ReaderLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "hunter.accounts.middleware.SecondFactorMiddleware",
    "hunter.accounts.middleware.ProviderErrorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "classify.visitors.VisitorMiddleware",
    "core.throttles.TooManyMiddleware",
]

ROOT_URLCONF = "hunter.urls"
WSGI_APPLICATION = "hunter.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- database ------------------------------------------------------------------------------------
DATABASES = {"default": servers.database(env.secret("DATABASE_URL", f"sqlite:///{HOME / 'hunter.sqlite3'}"), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- broker, cache, worker -----------------------------------------------------------------------
BROKER_URL = env.secret("HUNTER_BROKER_URL", why="It names the Redis or Valkey server for tasks and the cache, e.g. redis://localhost:6379/0.")
# Nothing that counts is only in the cache: without it pages are slower and throttles let pass, but nobody sees an error.
CACHES = {
    "default": {
        "BACKEND": "core.caches.OpenCache",
        "LOCATION": BROKER_URL,
        "KEY_PREFIX": "hunter",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 2},
    }
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Longer than the longest task: an unacknowledged message comes back after it. The truth about long work is the Job row.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"ml.*": {"queue": "ml"}}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {  # each room asks upstream "what have you that I have not?"
    "core-revive-jobs": {"task": "core.revive_jobs", "schedule": 30.0, "options": {"expires": 30}},
    "archive-cut": {"task": "archive.cut_new", "schedule": 10.0, "options": {"expires": 10}},
    "archive-encode": {"task": "archive.encode_new", "schedule": 10.0, "options": {"expires": 10}},
    "classify-pool": {"task": "classify.pool_new", "schedule": 10.0, "options": {"expires": 10}},
    "classify-learn": {"task": "classify.learn_crowd", "schedule": 300.0, "options": {"expires": 300}},
    "classify-aggregate": {"task": "classify.aggregate_new", "schedule": crontab(hour="2", minute="37"), "options": {"expires": 3600}},
    "classify-cluster": {"task": "classify.cluster_marks", "schedule": crontab(minute="7"), "options": {"expires": 3600}},
    "core-beat-default": {"task": "core.beat", "schedule": 30.0, "args": ["default"], "options": {"expires": 30}},
    "core-beat-ml": {"task": "core.ask_beat", "schedule": 30.0, "args": ["ml"], "options": {"expires": 30}},
    "hunter-tidy": {"task": "hunter.tidy", "schedule": crontab(hour="3", minute="17"), "options": {"expires": 3600}},
    "ml-tick": {"task": "ml.tick", "schedule": 15.0, "options": {"expires": 15, "queue": "default"}},
}
ML_STEPS = env.integer("HUNTER_ML_STEPS", 0)  # training steps of one run; 0 = the recipe's own
ML_SHARD_CUTOUTS = env.integer("HUNTER_ML_SHARD_CUTOUTS", 32, minimum=1)  # of a scan; what kill -9 of a worker may cost
# The first model trains by itself only where the demo's own simulated sky gives it something to learn from.
ML_BOOTSTRAP = env.flag("HUNTER_ML_BOOTSTRAP", default=True)

# --- files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": servers.storage(HOME),
    "staticfiles": {"BACKEND": "core.staticfiles.ModuleManifestStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000

# --- people and security -------------------------------------------------------------------------
AUTH_USER_MODEL = "hunter.User"
AUTHENTICATION_BACKENDS = ["hunter.accounts.backend.OneHashBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "hunter.passwords.SiteWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "hunter.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "email"]
ACCOUNT_SIGNUP_FORM_CLASS = "hunter.accounts.agreement.Agreement"
ACCOUNT_FORMS = {
    "signup": "hunter.accounts.forms.SignupForm",
    "login": "hunter.accounts.forms.LoginForm",
    "add_email": "hunter.accounts.forms.AddEmailForm",
    "change_password": "hunter.accounts.forms.ChangePasswordForm",
    "set_password": "hunter.accounts.forms.SetPasswordForm",
    "reset_password": "hunter.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "hunter.accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "hunter.accounts.forms.ReauthenticateForm",
}
ACCOUNT_USERNAME_VALIDATORS = "hunter.accounts.names.VALIDATORS"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # the owner is told of what changes
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True  # one address; a new one takes its place once it is confirmed
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_SESSION_REMEMBER = True  # hunter/sessions.py says for how long
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/accounts/"
# Per address, wide enough for a school class behind one. Wrong passwords and codes are counted in hunter/accounts/tries.py.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "", "signup": "40/m/ip"}
MFA_ADAPTER = "hunter.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "hunter.accounts.forms.AuthenticateForm",
    "reauthenticate": "hunter.accounts.forms.ReauthenticateCodeForm",
    "activate_totp": "hunter.accounts.forms.ActivateAppForm",
    "add_webauthn": "hunter.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "hunter.accounts.forms.EditPasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Hunter"
MFA_TOTP_TOLERANCE = 1  # half a minute of a clock that goes wrong
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers allow it for localhost only
STAFF_2FA = env.flag("HUNTER_STAFF_2FA", default=not LOOPBACK)  # who may more than classify and talk needs a second factor
SOCIALACCOUNT_ADAPTER = "hunter.accounts.adapter.ProviderAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False  # people choose a pseudonym and agree
SOCIALACCOUNT_FORMS = {"signup": "hunter.accounts.forms.ProviderSignupForm"}
SOCIALACCOUNT_PROVIDERS, SIGN_IN_ORIGINS = providers.read()
CONTACT = env.text("HUNTER_CONTACT", "")  # the team's address: letters of the contact form go there, security.txt names it
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("HUNTER_EMAIL_FROM", "Hunter <hunter@localhost>")
globals().update(mailserver.read(env.secret("HUNTER_EMAIL_URL", ""), HOME))  # EMAIL_BACKEND and what it needs

PROXIES = env.integer("HUNTER_PROXIES", 0)  # trusted ones in front; only their words in X-Forwarded-For are believed
THROTTLES = env.flag("HUNTER_THROTTLES", default=True)

# Over https a cookie's name says that no other host and no plain answer may have set it (__Host-).
_HOST_ONLY = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST_ONLY}sessionid", f"{_HOST_ONLY}csrftoken"
LANGUAGE_COOKIE_NAME, VISITOR_COOKIE = f"{_HOST_ONLY}language", f"{_HOST_ONLY}hunter_visitor"
SESSION_ENGINE = "hunter.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 86400  # without use; hunter/sessions.py has the other limits
BADGES_OF = "hunter.badges.badges_of"  # what stands beside the names of the team
VISITOR_COOKIE_AGE_S = 365 * 86400
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]  # asked from inside, behind the proxy
_HSTS_SECONDS = env.integer("HUNTER_HSTS_SECONDS", 365 * 86400)
SECURE_HSTS_SECONDS = _HSTS_SECONDS if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS >= 365 * 86400
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF, *SIGN_IN_ORIGINS],  # browsers apply it to where a form's answer leads, too
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": HTTPS,
    },
}

# --- API -----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["hunter.authentication.TokenAuthentication", "rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_THROTTLE_CLASSES": ["core.throttles.Throttle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.problems.handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Hunter",
    "DESCRIPTION": "Subjects, votes, labels and detections of one citizen-science project.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "core.schema.declare_refusals"],
    "ENUM_NAME_OVERRIDES": {
        "ExposureKindEnum": "archive.models.Exposure.Kind",
        "ExposureStateEnum": "archive.models.Exposure.State",
        "CutoutStateEnum": "archive.models.Cutout.State",
        "SubjectKindEnum": "classify.models.Subject.Kind",
        "SubjectStateEnum": "classify.models.SubjectStatus.State",
        "JobStateEnum": "core.models.Job.State",
        "ModelStateEnum": "ml.models.DetectorModel.State",
        "RunKindEnum": "ml.models.Run.Kind",
    },
}

# --- language, time, logs ------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]  # each in its own words
LANGUAGE_COOKIE_AGE = 365 * 86400
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LOCALE_HOME = HOME / "locale"  # `prepare` compiles locale/*/LC_MESSAGES/*.po into it
LOCALE_PATHS = [LOCALE_HOME]
TIME_ZONE = "UTC"
USE_TZ = True
LOG_FORMAT = env.text("HUNTER_LOG_FORMAT", "line" if EMBEDDED else "json")
if LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured(f"HUNTER_LOG_FORMAT={LOG_FORMAT!r} is unknown: use json (one object a line) or line (for reading).")
LOGGING = logs.configure(form=LOG_FORMAT, level=env.text("HUNTER_LOG_LEVEL", "INFO"))
# Who did something is in the rows; the logs name nobody.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
METRICS_TOKEN = env.secret("HUNTER_METRICS_TOKEN", "")  # with it Prometheus may read /metrics

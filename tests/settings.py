"""Hunter's settings with what makes tests quick; what is measured or promised stays as it is."""

from hunter.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STAFF_2FA = False  # tests/hunter/test_accounts_second_factor.py turns it on
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# The live server finds files in the source tree; the hashed names are tried by tests/smoke.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

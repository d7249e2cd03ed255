"""People's accounts and what belongs to the site as a whole: tokens, pages, consent, letters to the team.

Everything that people do hangs on a Volunteer (classify), so that deleting an account keeps the science.
"""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A signed-in person. No room has a foreign key to it but for the actor of jobs and audit, and Volunteer.user."""

    language = models.CharField(max_length=10, blank=True, default="", db_default="", help_text="Language of mails; empty: that of the site.")

    class Meta(AbstractUser.Meta):
        permissions = [("read_outbox", "Can read the mails that this site wrote")]


class FormerName(models.Model):
    """A name that somebody had. Nobody else can take it while the account exists, so that nobody is taken for another."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=150)
    key = models.CharField(max_length=150, unique=True, help_text="The name without upper case.")
    leads = models.BooleanField(default=True, help_text="The address of the old name leads to the new one.")
    since = models.DateTimeField(help_text="When it was given up.")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A personal key for programs. Only its SHA-256 is stored; the key itself is shown once, when it is made."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80, help_text="What it is for, in the owner's words.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the key, hexadecimal.")
    hint = models.CharField(max_length=12, help_text="First characters of the key, to tell keys apart.")
    scopes = models.JSONField(default=list, help_text="What it may be used for; never more than the owner may.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}...)"


class PageVersion(models.Model):
    """One version of a page that the team writes (about, terms, privacy ...). Rows are only added; the highest version shows."""

    slug = models.SlugField(max_length=40)
    language = models.CharField(max_length=10, default="en")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    body = models.TextField(help_text="Markdown.")
    asks_again = models.BooleanField(default=False, help_text="People who agreed to an earlier version are asked again.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["slug", "language", "-version"]
        constraints = [models.UniqueConstraint(fields=["slug", "language", "version"], name="page_version_once")]
        permissions = [("edit_pages", "Can write the pages about the project")]

    def __str__(self) -> str:
        return f"{self.slug} ({self.language}) {self.version}"


class Consent(models.Model):
    """Somebody agreed to a version of a document (terms with privacy notice and contribution licence)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    document = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "document", "version"], name="consent_once_per_version")]

    def __str__(self) -> str:
        return f"{self.document} {self.version}"


class Letter(models.Model):
    """What somebody wrote to the team by the contact form; stored before it is mailed, so that nothing is lost."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="letters")
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True, help_text="Where to answer; only if the writer wants an answer.")
    subject = models.CharField(max_length=140)
    body = models.TextField()
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True, help_text="Somebody of the team has dealt with it.")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.subject

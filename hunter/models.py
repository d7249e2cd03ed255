"""People's accounts. Everything that people do hangs on a Volunteer (classify), so that deleting an account keeps the science."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A signed-in person. No room has a foreign key to it but for the actor of jobs and audit, and Volunteer.user."""

"""The roof: settings, addresses, the Celery app, people's accounts and the pages that show more than one room."""

from hunter.celery import app as celery_app

__all__ = ["celery_app"]

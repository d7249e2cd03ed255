"""The site with one more address, `/bare/<key>`: the barest page that shows an image, as the limit of what any page can do."""

from importlib import import_module

from django.http import HttpRequest, HttpResponse
from django.urls import path

from hunter.wsgi import application

__all__ = ["application"]


def bare(request: HttpRequest, key: str) -> HttpResponse:
    """One image and nothing else."""
    return HttpResponse(f'<!DOCTYPE html><title>Bare</title><link rel="icon" href="data:,"><img src="/{key}" alt="">')


import_module("hunter.urls").urlpatterns.insert(0, path("bare/<path:key>", bare))  # only now: the rooms are loaded by the line above

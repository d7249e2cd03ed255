"""The boards that come with the software; made once, never changed afterwards (an admin may rename them)."""

from datetime import datetime

from django.utils.translation import gettext_noop

from talk.models import Board

NOTES = "notes"  # one discussion per subject, made with its first comment

BOARDS = [
    (NOTES, gettext_noop("Notes"), gettext_noop("What people say about single images: one thread for each."), Board.Who.ALL),
    ("help", gettext_noop("Help"), gettext_noop("Is this a trail? How does the site work? Ask here, newcomers first."), Board.Who.ALL),
    ("science", gettext_noop("Science"), gettext_noop("Asteroids, orbits, lenses and what the labels are used for."), Board.Who.ALL),
    ("chat", gettext_noop("Chat"), gettext_noop("Everything else."), Board.Who.ALL),
    ("announcements", gettext_noop("Announcements"), gettext_noop("News from the team."), Board.Who.TEAM),
]


def seed_boards(now: datetime) -> int:
    """Make the boards that are missing and return how many were made. Safe to repeat. (`now` is here for seeds that need it.)"""
    made = 0
    for position, (slug, title, description, writers) in enumerate(BOARDS):
        defaults = {"title": title, "description": description, "position": position, "can_write": writers}
        made += Board.objects.get_or_create(slug=slug, defaults=defaults)[1]
    return made

"""The boards that come with the software; made once, never changed afterwards (an admin may rename them and add languages)."""

from datetime import datetime

from talk.models import Board, BoardText

NOTES = "notes"  # one discussion per subject, made with its first comment

BOARDS = [
    (NOTES, "Notes", "What people say about single images: one thread for each.", Board.Who.ALL),
    ("help", "Help", "Is this a trail? How does the site work? Ask here, newcomers first.", Board.Who.ALL),
    ("science", "Science", "Asteroids, orbits, lenses and what the labels are used for.", Board.Who.ALL),
    ("chat", "Chat", "Everything else.", Board.Who.ALL),
    ("announcements", "Announcements", "News from the team.", Board.Who.TEAM),
]
TEXTS = {
    "es": {
        NOTES: ("Notas", "Lo que se comenta de cada imagen: una conversación para cada una."),
        "help": ("Ayuda", "¿Es esto una traza? ¿Cómo funciona el sitio? Pregunta aquí, sobre todo si acabas de llegar."),
        "science": ("Ciencia", "Asteroides, órbitas, lentes y para qué sirven las etiquetas."),
        "chat": ("Charla", "Todo lo demás."),
        "announcements": ("Anuncios", "Noticias del equipo."),
    }
}


def seed_boards(now: datetime) -> int:
    """Make the boards that are missing and return how many were made. Safe to repeat. (`now` is here for seeds that need it.)"""
    made, boards = 0, {}
    for position, (slug, title, description, writers) in enumerate(BOARDS):
        defaults = {"title": title, "description": description, "position": position, "can_write": writers}
        boards[slug], new = Board.objects.get_or_create(slug=slug, defaults=defaults)
        made += new
    for language, words in TEXTS.items():
        for slug, (title, description) in words.items():
            BoardText.objects.get_or_create(board=boards[slug], language=language, defaults={"title": title, "description": description})
    return made

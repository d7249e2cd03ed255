"""Mails of the site: a subject, a text and an HTML form, in the language of whoever gets it.

`<prefix>_subject.txt`, `<prefix>_message.txt` and `<prefix>_message.html` are templates; a test walks over all of them.
"""

import logging
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

log = logging.getLogger(__name__)


def build(prefix: str, *, to: str, context: dict[str, Any], language: str = "") -> EmailMultiAlternatives:
    """Return the mail, ready to be sent. Without a language it is that of the request, or of the site."""
    with translation.override(language or translation.get_language() or settings.LANGUAGE_CODE):
        words = {"to": to, "language": translation.get_language(), **context}
        subject = " ".join(render_to_string(f"{prefix}_subject.txt", words).split())
        text = render_to_string(f"{prefix}_message.txt", words).strip() + "\n"
        html = render_to_string(f"{prefix}_message.html", {**words, "subject": subject}).strip()
    mail = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [to], headers={"Auto-Submitted": "auto-generated"})
    mail.attach_alternative(html, "text/html")
    return mail


def send(prefix: str, *, to: str, context: dict[str, Any], language: str = "") -> bool:
    """Send the mail; return False (and log it) where no mail server takes it. What was done before stays done."""
    mail = build(prefix, to=to, context=context, language=language)
    try:
        mail.send()
    except (SMTPException, OSError):
        log.exception("no mail server took %s", prefix)
        return False
    return True

"""Fills a PostgreSQL database for `benchmarks.serving`, by SQL in bulk: subjects, votes of earlier people, and people who are signed in."""

from dataclasses import dataclass, field
from typing import Any

LIMIT = 40  # votes that retire a subject: the earlier ones leave all of them open
_EARLIER = 12_000  # people whose votes are stored already

_SUBJECTS = """
INSERT INTO classify_subject (public_id, kind, origin, metadata, suggestions, ready, created_at)
SELECT 1000000000 + i * 37, 'imported', 'import:' || i, '{}', '[]', true, now() FROM generate_series(1, %(subjects)s) i"""
_FRAMES = """
INSERT INTO classify_subjectframe (subject_id, position, cutout_id)
SELECT id, 0, (%(cutouts)s::bigint[])[1 + id %% 4] FROM classify_subject"""
_STATUSES = """
INSERT INTO classify_subjectstatus
  (workflow_id, subject_id, state, n_votes, n_demo, tally, log_posterior, lot, shuffle, priority, reason, revision, pooled_at)
SELECT %(workflow)s, id, 'active', n, n, CASE WHEN n > 0 THEN jsonb_build_object('no', n) ELSE '{}' END, '{}', random(), random(), 0, '', n, now()
FROM (SELECT id, (%(votes)s + %(subjects)s - 1 - (id - %(first)s)) / %(subjects)s AS n FROM classify_subject) s"""
_CONSENSUS = """
INSERT INTO classify_consensus (workflow_id, subject_id, method, label, settled, counts, fractions, n_votes, n_demo, agreement, posterior, policy,
  revision, decided_at)
SELECT workflow_id, subject_id, 'fractions', 'no', false, tally, '{"no": 1.0}', n_votes, n_votes, 1, '{}', '', n_votes, now()
FROM classify_subjectstatus WHERE n_votes > 0"""
_PEOPLE = """
INSERT INTO classify_volunteer (public_id, kind, credit_name, preferences, source, external_id, created_at)
SELECT 'earlier' || i, 'imported', '', '{}', 'bench', i, now() FROM generate_series(0, %(earlier)s - 1) i"""
_VOTES = """
INSERT INTO classify_classification (id, workflow_id, version_id, subject_id, volunteer_id, answer, annotations, viewer, created_at, blind, late,
  counted, log_likelihood, repeat, superseded_reason, source, external_id)
SELECT gen_random_uuid(), %(workflow)s, %(version)s, %(first)s + i %% %(subjects)s,
  %(person)s + ((i %% %(subjects)s) * 7919 + i / %(subjects)s) %% %(earlier)s, 'no', '{"T0": "no"}', '{}', now() - interval '1 day', true, false,
  true, '{}', 0, '', 'bench', '' FROM generate_series(0, %(votes)s::bigint - 1) i"""
_SEEN = """
INSERT INTO classify_classification (id, workflow_id, version_id, subject_id, volunteer_id, answer, annotations, viewer, created_at, blind, late,
  counted, log_likelihood, repeat, superseded_reason, source, external_id)
SELECT gen_random_uuid(), %(workflow)s, %(version)s, id, %(who)s, 'no', '{}', '{}', now() - interval '1 day', false, false,
  false, '{}', 0, '', 'bench', '' FROM classify_subject WHERE (id * 7919) %% 1000 < %(share)s"""
_TABLES = ("subject", "subjectframe", "subjectstatus", "consensus", "volunteer", "classification", "serve", "dailytotal")


@dataclass
class Site:
    """What was filled: a cookie for each person, and for those who have seen a share (in thousandths) of all subjects."""

    cookies: list[str]
    seen: dict[int, str] = field(default_factory=dict)


def signed_in(user: Any) -> str:
    """Sign an account in and return its cookies; the CSRF token is 32 times t."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"sessionid={session.session_key}; csrftoken={'t' * 32}"


def _sync(cursor: Any, on: str) -> None:
    cursor.execute(f"ALTER SYSTEM SET fsync = {on}")
    cursor.execute("SELECT pg_reload_conf()")


def fill(subjects: int, votes: int, people: int, *, limit: int = LIMIT, seen: tuple[int, ...] = ()) -> Site:  # noqa: PLR0915 - one after another
    """One workflow with its subjects (on four cutouts), votes of earlier people on all of them alike, and accounts."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.utils import timezone

    from classify import services
    from classify.models import Volunteer, Workflow, WorkflowVersion
    from classify.seeds import seed_workflows
    from tests import factories

    now = timezone.now()
    seed_workflows(now)
    flow = Workflow.objects.get(slug="classify")
    version = flow.current_version
    assert version is not None
    WorkflowVersion.objects.filter(pk=version.pk).update(policy={**version.policy, "count": limit})
    known = {"subjects": subjects, "votes": votes, "workflow": flow.pk, "version": version.pk, "earlier": _EARLIER}
    cutouts = [factories.cutout().pk for _ in range(4)]
    accounts = [get_user_model().objects.create_user(f"bench{number}", password=None) for number in range(people + len(seen))]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the rows are right: no key need be looked up for each
        _sync(cursor, "off")
        cursor.execute(_SUBJECTS, known)
        cursor.execute("SELECT min(id) FROM classify_subject")
        known["first"] = cursor.fetchone()[0]
        cursor.execute(_FRAMES, {"cutouts": cutouts})
        cursor.execute(_STATUSES, known)
        cursor.execute(_CONSENSUS)
        cursor.execute(_PEOPLE, known)
        known["person"] = Volunteer.objects.order_by("pk").values_list("pk", flat=True)[0]
        cursor.execute(_VOTES, known)
        for user, share in zip(accounts[people:], seen, strict=True):
            who = services.person_of(user, now=now)
            assert who is not None
            cursor.execute(_SEEN, {**known, "who": who.pk, "share": share})
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in _TABLES:
            cursor.execute(f"VACUUM ANALYZE classify_{table}")
        _sync(cursor, "on")
        cursor.execute("CHECKPOINT")
    connection.close()
    cookies = [signed_in(user) for user in accounts]
    return Site(cookies[:people], dict(zip(seen, cookies[people:], strict=True)))

"""Which migrations a database has, the models it had then, and how to bring it there."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from hunter.backup.container import BackupError

Node = tuple[str, str]
# Left out: keys to open sessions, the way back from hashes to addresses, signs of life.
LEFT_OUT = {"django_session", "usersessions_usersession", "core_addresssalt", "core_heartbeat"}


def applied(source: BaseDatabaseWrapper) -> list[Node]:
    """Return the migrations of a database in a stable order. Raises BackupError where it is newer than this code."""
    nodes = sorted(MigrationRecorder(source).applied_migrations())
    if not nodes:
        raise BackupError("There is no database yet: start the site once, then there is something to back up.")
    refuse_newer(nodes, "The database")
    return nodes


def refuse_newer(nodes: Iterable[Node], what: str) -> None:
    """Raise BackupError where this code does not know one of the migrations."""
    known = MigrationLoader(None).disk_migrations or {}
    unknown = [f"{app}.{name}" for app, name in nodes if (app, name) not in known]
    if unknown:
        raise BackupError(
            f"{what} was written by a newer version of Hunter (this one does not know {', '.join(unknown[:3])}). "
            "Nothing was changed. Bring the code to that version or a later one, then try again."
        )


def models_at(nodes: Iterable[Node]) -> list[type[Model]]:
    """Return the models of all tables as they were after these migrations, without those left out, in a stable order."""
    there, loader = set(nodes), MigrationLoader(None)
    heads = [node for node in there if not any(c[0] == node[0] and c in there for c in map(_key, loader.graph.node_map[node].children))]
    models = loader.project_state(sorted(heads)).apps.get_models(include_auto_created=True)
    own = (m for m in models if m._meta.managed and not m._meta.proxy and m._meta.db_table not in LEFT_OUT)
    return sorted(own, key=lambda m: m._meta.db_table)


def _key(node: Any) -> Node:
    app, name = node.key
    return app, name


def migrate(only: Iterable[Node] | None = None) -> int:
    """Apply what is missing in the default database: these migrations, or all; return how many. No signals are sent."""
    executor, wanted = MigrationExecutor(connection), None if only is None else set(only)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    steps = [(step, back) for step, back in plan if wanted is None or (step.app_label, step.name) in wanted]
    executor.migrate(None, plan=steps)
    return len(steps)

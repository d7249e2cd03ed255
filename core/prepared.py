"""Querysets and rows whose SQL is made once per process, for the few requests that come again and again.

Putting a queryset together and turning it into SQL costs ten times what its answer costs. Here it is done at the first use; later only
the values change. What comes back are the same models, with what `select_related` and `annotate` put to them; there is no SQL by hand.
PostgreSQL is told such a query once per connection (PREPARE), so that it need not plan it anew each time. A pooler between must keep a
connection for a session.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet, UUIDField
from django.db.models.query import ModelIterable, get_related_populators
from django.db.transaction import TransactionManagementError
from psycopg2.extensions import AsIs  # type: ignore[import-untyped]

_FIRST = 1_900_000_000  # stand-ins for values while the SQL is made: nothing else in a query looks like them
_UUID: Any = UUIDField()


def _stand_in(kind: type, number: int) -> Any:
    if kind is int:
        return _FIRST + number
    if kind is float:
        return _FIRST + number + 0.5
    if kind is str:
        return f"stand-in {number}"
    if kind is uuid.UUID:
        return uuid.UUID(int=_FIRST + number)
    if kind is datetime:
        return datetime(1900, 1, 1, 0, 0, 0, number, tzinfo=UTC)
    raise TypeError(f"{kind} cannot be a value of a prepared query.")


def _adapted(value: Any) -> Any:
    """The value as the driver gets it."""
    if isinstance(value, uuid.UUID):
        return _UUID.get_db_prep_value(value, connection)
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


_numbers = count(1)


@dataclass(frozen=True)
class _Plan:
    name: str
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]  # (position in params, number of the value)
    converters: tuple[tuple[int, list[Any], Any], ...]
    make: Callable[[Sequence[Any]], Any]
    locks: bool


class Prepared:
    """`Prepared(lambda slug, pk: Thing.objects.filter(slug=slug, pk=pk), str, int)`: later `.all(slug, pk)` or `.first(slug, pk)`.

    The kinds of the values are int, float, str, UUID or datetime; each must reach the SQL as a value of its own. The function must depend on
    nothing else. It may return a `values_list` (tuples come back), or lock rows.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *kinds: type) -> None:
        self._build, self._kinds = build, kinds
        self._plans: dict[str, _Plan] = {}

    def all(self, *values: Any) -> list[Any]:
        """All rows."""
        plan = self._plans.get(connection.vendor) or self._plan()
        if plan.locks and connection.get_autocommit():
            raise TransactionManagementError("Rows are locked within a transaction only.")
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                _execute_named(cursor, plan, values)
            else:
                cursor.execute(plan.sql, _filled(plan, values))
            rows = cursor.fetchall()
        return [plan.make(_converted(row, plan)) for row in rows]

    def first(self, *values: Any) -> Any:
        """The first row, or None. The query itself should end after one where there may be more."""
        return next(iter(self.all(*values)), None)

    def _plan(self) -> _Plan:
        stand_ins = [_stand_in(kind, number) for number, kind in enumerate(self._kinds)]
        rows = self._build(*stand_ins)
        compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            raise ValueError("This query never has a row.") from None
        numbers = {_adapted(value): number for number, value in enumerate(stand_ins)}
        places = tuple(
            (place, numbers[value])
            for place, value in enumerate(params)
            if isinstance(value, str | int | float | uuid.UUID | datetime) and value in numbers
        )
        if {number for _, number in places} != set(range(len(stand_ins))):
            raise ValueError("A value does not reach the SQL as it is.")
        fields = [column[0] for column in compiler.select[: compiler.col_count]]
        converters = tuple((place, made, expression) for place, (made, expression) in compiler.get_converters(fields).items())
        plan = _Plan(f"hunter_{next(_numbers)}", sql, tuple(params), places, converters, _maker(rows, compiler), bool(rows.query.select_for_update))
        self._plans[connection.vendor] = plan
        return plan


def _filled(plan: _Plan, values: Sequence[Any]) -> list[Any]:
    params = list(plan.params)
    for place, number in plan.places:
        params[place] = _adapted(values[number])
    return params


def _execute_named(cursor: Any, plan: _Plan, values: Sequence[Any]) -> None:
    """Let PostgreSQL execute what it has planned; at its first use a connection is told what that is."""
    session = connections[DEFAULT_DB_ALIAS]  # this thread's
    known = session.__dict__.get("_hunter_prepared")
    if known is None or known[0] is not session.connection:  # a new session knows none
        known = session.__dict__["_hunter_prepared"] = (session.connection, set[str]())
    if plan.name not in known[1]:
        params: list[Any] = list(plan.params)
        for number, (place, _) in enumerate(plan.places, 1):
            params[place] = AsIs(f"${number}")
        with session.wrap_database_errors:  # the driver's own cursor: no query of the request, whoever comes first
            cursor.cursor.execute(f"PREPARE {plan.name} AS {plan.sql}", params)
        known[1].add(plan.name)  # at once: it stays even where the transaction, or the query itself, fails
    given = [_adapted(values[number]) for _, number in plan.places]
    cursor.execute(f"EXECUTE {plan.name} ({', '.join(['%s'] * len(given))})" if given else f"EXECUTE {plan.name}", given)


def _converted(row: Sequence[Any], plan: _Plan) -> Sequence[Any]:
    if not plan.converters:
        return row
    values = list(row)
    for place, converters, expression in plan.converters:
        for convert in converters:
            values[place] = convert(values[place], expression, connection)
    return values


def _maker(rows: Any, compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """What turns a row into a model with what belongs to it, as Django's own ModelIterable does; into a tuple where no model is asked for."""
    if rows._iterable_class is not ModelIterable:
        return tuple
    info, annotations = compiler.klass_info, compiler.annotation_col_map
    begin, end = info["select_fields"][0], info["select_fields"][-1] + 1
    model, names = info["model"], [column[0].target.attname for column in compiler.select[begin:end]]
    related = get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs are of a later version

    def make(row: Sequence[Any]) -> Any:
        made = model.from_db(DEFAULT_DB_ALIAS, names, row[begin:end])
        for each in related:
            each.populate(row, made)
        for name, place in annotations.items():
            setattr(made, name, row[place])
        return made

    return make


# --- writing -------------------------------------------------------------------------------------


def _quoted(names: Iterable[str]) -> list[str]:
    return [connection.ops.quote_name(name) for name in names]


@cache
def _insert(model: type[Model], vendor: str) -> tuple[str, tuple[Any, ...]]:
    """`vendor` is the connection's: quotes and placeholders are its own."""
    fields = tuple(field for field in model._meta.concrete_fields if not (field.primary_key and field.db_returning))
    columns = ", ".join(_quoted(field.column or "" for field in fields))
    return f"INSERT INTO {_quoted([model._meta.db_table])[0]} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})", fields  # noqa: S608 - names of tables and columns only


def insert(row: Model) -> None:
    """Insert a new row with all its fields; a key that the database gives is not read back."""
    sql, fields = _insert(type(row), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields])
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@cache
def _update(model: type[Model], names: tuple[str, ...], vendor: str) -> tuple[str, tuple[Any, ...]]:
    fields: tuple[Any, ...] = tuple(model._meta.get_field(name) for name in names)
    table, key = _quoted([model._meta.db_table, model._meta.pk.column])  # type: ignore[union-attr, list-item]
    pairs = ", ".join(f"{column} = %s" for column in _quoted(field.column for field in fields))  # type: ignore[union-attr]
    return f"UPDATE {table} SET {pairs} WHERE {key} = %s", fields  # noqa: S608 - names of tables and columns only


def update(row: Model, names: tuple[str, ...]) -> None:
    """Write these fields of a row that is there."""
    sql, fields = _update(type(row), names, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk])


@cache
def _add(model: type[Model], keys: tuple[str, ...], sums: tuple[str, ...], vendor: str) -> tuple[str, tuple[Any, ...]]:
    fields: tuple[Any, ...] = tuple(model._meta.get_field(name) for name in (*keys, *sums))
    table = _quoted([model._meta.db_table])[0]
    columns = _quoted(field.column for field in fields)
    told = ", ".join(f"{column} = {table}.{column} + EXCLUDED.{column}" for column in columns[len(keys) :])
    into = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"  # noqa: S608
    return f"{into} ON CONFLICT ({', '.join(columns[: len(keys)])}) DO UPDATE SET {told}", fields


def add(model: type[Model], keys: Mapping[str, Any], sums: Mapping[str, float]) -> None:
    """Add to the sums of the row with these (unique) keys, which is made where there is none: one statement, whoever else does the same."""
    sql, fields = _add(model, tuple(keys), tuple(sums), connection.vendor)
    values = [*keys.values(), *sums.values()]
    with connection.cursor() as cursor:
        cursor.execute(sql, [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)])

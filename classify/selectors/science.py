"""Subjects of a workflow with all that people said of them, for whoever may export labels: filters, orders, pages by key.

Every order is an expression over the row of the subject's state and that of its consensus, so that a page costs one pass over both,
whichever page it is. Subjects with a known answer are left out: nobody decides about them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import log
from operator import add
from typing import Any

from django.db.models import Case, Exists, F, FilteredRelation, FloatField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable, Expression
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Abs, Cast, Coalesce, Greatest, Least, Ln

from classify.crowd.consensus import BAYES, RULES, Policy, policy_from
from classify.models import AggregatedLabel, Aggregation, Mark, SubjectStatus, Workflow
from classify.selectors.workflows import asked, version_of
from classify.steps import answer_keys

NO_LABEL = "-"  # where an answer is asked for: those without
ORDERS = ("votes", "chance", "agreement", "entropy", "margin")
Rows = QuerySet[Any, Any]
_TINY = 1e-12  # below any share
_FIELDS = ("pk", "subject_id", "public_id", "root_id", "state", "reason", "by_hand", "n_votes", "n_demo", "tally", "audit", "retired_at",
           "label", "agreement", "posterior", "chance", "entropy", "margin", "batch_label", "batch_chance")  # fmt: skip


@dataclass(frozen=True)
class Sought:
    """Which subjects are meant; all filters hold together. `label`: an answer, or NO_LABEL; `number`: how the subject's number begins."""

    label: str = ""
    state: str = ""
    reason: str = ""
    least_votes: int | None = None
    most_votes: int | None = None
    least_chance: float | None = None
    most_chance: float | None = None
    labelled: bool = False
    differs: bool = False
    audit: bool = False
    marked: bool = False
    people_only: bool = False
    number: str = ""


@dataclass(frozen=True)
class Row:
    """A subject in a workflow. `chance`: that of its label, or of the likeliest answer; `entropy` of the votes in bits; `margin`: how far
    the decision is from another; `batch_*`: what the newest run over all votes says (empty: nothing)."""

    pk: int
    subject_id: int
    public_id: int
    root_id: int | None
    state: str
    reason: str
    by_hand: bool
    n_votes: int
    n_demo: int
    tally: dict[str, int]
    audit: bool
    retired_at: Any
    label: str
    agreement: float | None
    posterior: dict[str, float]
    chance: float | None
    entropy: float
    margin: float | None
    batch_label: str
    batch_chance: float | None

    @property
    def differs(self) -> bool:
        """Whether both methods have a label, and not the same."""
        return bool(self.label and self.batch_label) and self.label != self.batch_label


@dataclass(frozen=True)
class Page:
    """Rows in their order, and the keys of the pages beside (empty: there is none)."""

    rows: list[Row]
    before: str = ""
    after: str = ""


def newest_aggregation(workflow: Workflow) -> Aggregation | None:
    """The run over all votes of a workflow whose labels stand."""
    return newest_aggregations([workflow.pk]).get(workflow.pk)


def newest_aggregations(ids: Iterable[int]) -> dict[int, Aggregation]:
    """{workflow: the run over all its votes whose labels stand}. One query.

    That is the one stored last, by its key: of two at once the one that began first may end last, and clocks jump.
    """
    newest = Aggregation.objects.filter(workflow=OuterRef("workflow")).order_by("-pk").values("pk")[:1]
    return {row.workflow_id: row for row in Aggregation.objects.filter(workflow_id__in=ids, pk=Subquery(newest))}


def subject_page(workflow: Workflow, sought: Sought, *, order: str = "-votes", before: str = "", after: str = "", size: int = 25) -> Page:
    """A page of subjects by an order of ORDERS (with "-": the largest first); a key that is none counts as not given. Three queries."""
    down = order.startswith("-")
    ranked = _ranked(workflow, sought, order)
    if (key := _key(before)) and not after:
        found = list(_beyond(ranked, key, down=not down)[: size + 1])
        if len(found) > size:
            shown = found[:size][::-1]
            return Page(_rows(workflow, shown), _text(shown[0]), _text(shown[-1]))
    key = _key(after)
    found = list(_beyond(ranked, key, down=down)[: size + 1])
    shown = found[:size]
    return Page(_rows(workflow, shown), _text(shown[0]) if key and shown else "", _text(shown[-1]) if len(found) > size else "")


def subject_rows(workflow: Workflow, sought: Sought, *, order: str = "-votes") -> Iterator[Row]:
    """All of them in the same order, in constant memory."""
    rows = _annotated(workflow, _filtered(workflow, sought)).annotate(rank=_rank(workflow, order))
    ordered = _in_order(rows, down=order.startswith("-")).values(*_FIELDS)
    return (_row(values) for values in ordered.iterator(chunk_size=2000))


def count_subjects(workflow: Workflow, sought: Sought) -> int:
    """How many there are."""
    return _filtered(workflow, sought).count()


def statuses_of(workflow: Workflow, public_ids: Iterable[int]) -> list[int]:
    """Those of these public numbers that are subjects of the workflow, in the order given. One query."""
    wanted = list(dict.fromkeys(number for number in public_ids if 0 <= number < 2**63))
    here = set(SubjectStatus.objects.filter(workflow=workflow, subject__public_id__in=wanted).values_list("subject__public_id", flat=True))
    return [number for number in wanted if number in here]


# --- rows ----------------------------------------------------------------------------------------


def states_with_consensus(workflow: Workflow) -> Rows:
    """States of the subjects that are asked about, each with its consensus as `live` (all null without votes)."""
    here = Q(subject__consensus__workflow=workflow, subject__consensus__method__in=RULES)
    rows = asked(SubjectStatus.objects.filter(workflow=workflow)).annotate(live=FilteredRelation("subject__consensus", condition=here))
    return rows.order_by()


def _filtered(workflow: Workflow, sought: Sought) -> Rows:
    rows = states_with_consensus(workflow)
    same = {"state": sought.state, "reason": sought.reason, "n_votes__gte": sought.least_votes, "n_votes__lte": sought.most_votes}
    same |= {"subject__public_id__startswith": sought.number}
    rows = rows.filter(**{name: value for name, value in same.items() if value not in (None, "")})
    if sought.label:
        rows = rows.filter(Q(live__label="") | Q(live__label__isnull=True)) if sought.label == NO_LABEL else rows.filter(live__label=sought.label)
    if sought.labelled:
        rows = rows.filter(live__label__gt="")
    if sought.audit:
        rows = rows.filter(lot__lt=workflow.audit_fraction)
    if sought.people_only:
        rows = rows.filter(n_demo=0)
    return _by_chance(_by_others(rows, workflow, sought), workflow, sought)


def _by_others(rows: Rows, workflow: Workflow, sought: Sought) -> Rows:
    """What other tables say."""
    if sought.marked:
        votes = {"classification__workflow": workflow, "classification__superseded_by__isnull": True, "classification__counted": True}
        rows = rows.filter(Exists(Mark.objects.filter(**votes, classification__subject=OuterRef("subject_id")).order_by()))
    if sought.differs:
        newest = newest_aggregation(workflow)
        other = AggregatedLabel.objects.filter(aggregation=newest, subject=OuterRef("subject_id")).exclude(label=OuterRef("live__label"))
        rows = rows.filter(Exists(other), live__label__gt="")
    return rows


def _by_chance(rows: Rows, workflow: Workflow, sought: Sought) -> Rows:
    limits = {"sure__gte": sought.least_chance, "sure__lte": sought.most_chance}
    wanted = {name: value for name, value in limits.items() if value is not None}
    return rows.alias(sure=_chance(answer_keys(version_of(workflow).steps))).filter(**wanted) if wanted else rows


def _annotated(workflow: Workflow, rows: Rows) -> Rows:
    """The rows with all that is shown of them."""
    orders = _orders(workflow)
    batch = AggregatedLabel.objects.filter(aggregation=newest_aggregation(workflow), subject=OuterRef("subject_id"))
    return rows.annotate(
        public_id=F("subject__public_id"),
        root_id=F("subject__root_id"),
        audit=Case(When(lot__lt=workflow.audit_fraction, then=Value(True)), default=Value(False)),
        label=Coalesce(F("live__label"), Value("")),
        agreement=F("live__agreement"),
        posterior=F("live__posterior"),
        chance=orders["chance"],
        entropy=orders["entropy"],
        margin=orders["margin"],
        batch_label=Coalesce(Subquery(batch.values("label")[:1]), Value("")),
        batch_chance=Subquery(batch.values("chance")[:1]),
    )


def _ranked(workflow: Workflow, sought: Sought, order: str) -> Rows:
    """Nothing but what the order needs: the rest is read for the rows of one page."""
    return _filtered(workflow, sought).annotate(rank=_rank(workflow, order))


def _rank(workflow: Workflow, order: str) -> Expression:
    return Coalesce(_orders(workflow)[order.removeprefix("-")], Value(0.0), output_field=FloatField())


def _orders(workflow: Workflow) -> dict[str, Any]:
    """The expression of each order."""
    version = version_of(workflow)
    answers = answer_keys(version.steps)
    return {
        "votes": F("n_votes"),
        "agreement": F("live__agreement"),
        "chance": _chance(answers),
        "entropy": _entropy(answers),
        "margin": _margin(answers, policy_from(version.policy)),
    }


def _number(field: str, key: str) -> Expression:
    """The number of an answer in a JSON column; 0 where it has none."""
    return Coalesce(Cast(KeyTextTransform(key, field), FloatField()), Value(0.0))


def _largest(of: Sequence[Combinable], pick: type[Expression] = Greatest) -> Combinable:
    return of[0] if len(of) == 1 else pick(*of)


def _chance(answers: Sequence[str]) -> Expression:
    """That of the label, else of the likeliest answer; null without votes."""
    of_label = [When(live__label=answer, then=_number("live__posterior", answer)) for answer in answers]
    best = _largest([_number("live__posterior", answer) for answer in answers])
    return Case(When(live__isnull=True, then=None), *of_label, default=best, output_field=FloatField())


def _entropy(answers: Sequence[str]) -> Combinable:
    """Of the votes, in bits: 0 where all say the same, 1 where two answers share them."""
    shares = [_number("live__fractions", answer) for answer in answers]
    return reduce(add, [share * Ln(Greatest(share, Value(_TINY))) for share in shares]) * Value(-1 / log(2))


def _margin(answers: Sequence[str], policy: Policy) -> Expression:
    """How far the share (or, by `bayes`, the chance) is from the limit that would change the label; null without votes."""
    if policy.rule == BAYES:
        gaps = [Abs(_largest([_number("live__posterior", answer) for answer in answers]) - Value(policy.certainty))]
    else:
        limits = [(rule.answer, rule.above if rule.above is not None else rule.at_least or 0.0) for rule in policy.labels]
        limits += [(answer, policy.majority) for answer in answers if answer not in {name for name, _limit in limits}]
        gaps = [Abs(_number("live__fractions", answer) - Value(limit)) for answer, limit in limits]
    return Case(When(live__isnull=True, then=None), default=_largest(gaps, Least), output_field=FloatField())


# --- pages by key --------------------------------------------------------------------------------


def _beyond(rows: Rows, key: tuple[float, int] | None, *, down: bool) -> Rows:
    """(rank, row) in their order, those after the key alone if there is one."""
    if key is not None:
        way, (rank, pk) = "lt" if down else "gt", key
        rows = rows.filter(Q(**{f"rank__{way}": rank}) | Q(rank=rank, **{f"pk__{way}": pk}))
    return _in_order(rows, down=down).values_list("rank", "pk")


def _in_order(rows: Rows, *, down: bool) -> Rows:
    return rows.order_by(*(("-rank", "-pk") if down else ("rank", "pk")))


def _row(values: dict[str, Any]) -> Row:
    return Row(**{name: values[name] for name in _FIELDS} | {"posterior": values["posterior"] or {}, "entropy": max(0.0, values["entropy"])})


def _rows(workflow: Workflow, shown: Sequence[tuple[float, int]]) -> list[Row]:
    """The rows of these keys, in their order."""
    keys = [pk for _rank, pk in shown]
    rows = _annotated(workflow, states_with_consensus(workflow).filter(pk__in=keys)).values(*_FIELDS) if keys else []
    found = {values["pk"]: _row(values) for values in rows}
    return [found[pk] for pk in keys if pk in found]


def _text(key: tuple[float, int]) -> str:
    """A place in the list, for an address: the exact number, and the row."""
    rank, pk = key
    return f"{float(rank).hex()}_{pk}"


def _key(text: str) -> tuple[float, int] | None:
    rank, _line, pk = text.partition("_")
    try:
        return float.fromhex(rank), int(pk)
    except (ValueError, OverflowError):
        return None

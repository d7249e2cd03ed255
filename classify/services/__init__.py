"""What other rooms and the edges may ask of this room: every write goes through here."""

from classify.services.aggregation import STEPS as AGGREGATION_STEPS
from classify.services.aggregation import aggregate, aggregations_due, ask_aggregation
from classify.services.clustering import refine, unrefined
from classify.services.flagged import ask_decision, decide_batch, undecided
from classify.services.forgetting import forget_volunteers, nobody, unlink
from classify.services.gold import add_gold
from classify.services.injection import SOURCES as INJECTION_SOURCES
from classify.services.injection import Order as InjectionOrder
from classify.services.injection import clean_parents, inject
from classify.services.learning import crowds_due, learn_crowd
from classify.services.people import claim_visitor, merge_visitor, new_demo_volunteer, new_visitor, person_of, set_credit_name
from classify.services.pool import (
    offer_find,
    open_pool,
    open_subjects,
    pool_new,
    set_machine_opinion,
    set_machine_opinions,
    set_priority,
    subject_of_cutout,
)
from classify.services.preferences import set_preferences
from classify.services.queue import MAX_SERVED, Page, Served, next_page, next_subjects, resume_or_next
from classify.services.receipts import Conflict, Receipt
from classify.services.recount import Difference, differences
from classify.services.redeciding import Turned, ask_redecision, foresee, redecide_batch, to_decide
from classify.services.reveals import reveal, reveal_shown
from classify.services.sets import Filled, add_to_set, choose_sets, create_set, delete_set, fill_set, make_set, rename_set, take_from_set
from classify.services.simulation import ask_simulation, ready_made, simulate_job
from classify.services.states import BY_HAND, pause_subject, resume_subject, retire_subject, unretire_subject
from classify.services.undoing import undo_classification
from classify.services.votes import record_classification, revise_classification

__all__ = [
    "AGGREGATION_STEPS",
    "BY_HAND",
    "INJECTION_SOURCES",
    "MAX_SERVED",
    "Conflict",
    "Difference",
    "Filled",
    "InjectionOrder",
    "Page",
    "Receipt",
    "Served",
    "Turned",
    "add_gold",
    "add_to_set",
    "aggregate",
    "aggregations_due",
    "ask_aggregation",
    "ask_decision",
    "ask_redecision",
    "ask_simulation",
    "choose_sets",
    "claim_visitor",
    "clean_parents",
    "create_set",
    "crowds_due",
    "decide_batch",
    "delete_set",
    "differences",
    "fill_set",
    "foresee",
    "forget_volunteers",
    "inject",
    "learn_crowd",
    "make_set",
    "merge_visitor",
    "new_demo_volunteer",
    "new_visitor",
    "next_page",
    "next_subjects",
    "nobody",
    "offer_find",
    "open_pool",
    "open_subjects",
    "pause_subject",
    "person_of",
    "pool_new",
    "ready_made",
    "record_classification",
    "redecide_batch",
    "refine",
    "rename_set",
    "resume_or_next",
    "resume_subject",
    "retire_subject",
    "reveal",
    "reveal_shown",
    "revise_classification",
    "set_credit_name",
    "set_machine_opinion",
    "set_machine_opinions",
    "set_preferences",
    "set_priority",
    "simulate_job",
    "subject_of_cutout",
    "take_from_set",
    "to_decide",
    "undecided",
    "undo_classification",
    "unlink",
    "unrefined",
    "unretire_subject",
]

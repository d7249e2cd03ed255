"""Rows of the room, by noun: people, workflows, subjects, votes, and what the votes mean."""

from classify.models.consensus import (
    AggregatedLabel,
    Aggregation,
    Consensus,
    ConsensusTrail,
    CrowdState,
    DailyTotal,
    HourlyTotal,
    MachineOpinion,
)
from classify.models.people import Volunteer, VolunteerSkill
from classify.models.subjects import GoldKey, Subject, SubjectFrame, SubjectSet, SubjectSetMember, SubjectStatus
from classify.models.votes import Classification, Mark, Reveal, Serve
from classify.models.workflows import FieldGuide, FieldGuideText, Picture, Tutorial, Workflow, WorkflowDraft, WorkflowText, WorkflowVersion

__all__ = [
    "AggregatedLabel",
    "Aggregation",
    "Classification",
    "Consensus",
    "ConsensusTrail",
    "CrowdState",
    "DailyTotal",
    "FieldGuide",
    "FieldGuideText",
    "GoldKey",
    "HourlyTotal",
    "MachineOpinion",
    "Mark",
    "Picture",
    "Reveal",
    "Serve",
    "Subject",
    "SubjectFrame",
    "SubjectSet",
    "SubjectSetMember",
    "SubjectStatus",
    "Tutorial",
    "Volunteer",
    "VolunteerSkill",
    "Workflow",
    "WorkflowDraft",
    "WorkflowText",
    "WorkflowVersion",
]

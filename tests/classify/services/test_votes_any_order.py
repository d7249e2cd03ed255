"""Whatever people do in whatever order: the tally is what the standing votes say."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classify import services
from classify.crowd import consensus
from classify.models import Classification, Consensus, HourlyTotal, SubjectStatus
from core.problems import Problem
from tests import factories as f
from tests.factories import NOW

PEOPLE = 4  # the last two are visitors
ACTS = st.tuples(
    st.sampled_from(["vote", "vote", "vote", "revise", "undo", "reveal", "sign in"]),
    st.integers(0, PEOPLE - 1),
    st.sampled_from(["yes", "no", "impossible"]),
    st.sampled_from([1, 4, 12, 4000]),  # seconds that pass before
)


class AnyOrder(TestCase):
    """One subject, four people, up to 25 acts."""

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(ACTS, max_size=25))
    def test_the_tally_is_what_the_standing_votes_say(self, acts):
        flow = f.workflow(count=3, policy={"min_votes": 1, "min_marks": 1})
        shown = f.subject(workflow=flow, cutout=f.cutout(images=False))
        people = [f.volunteer(kind="person" if n < 2 else "visitor") for n in range(PEOPLE)]
        last, now = {}, NOW
        for kind, who, answer, seconds in acts:
            now += timedelta(seconds=seconds)
            with suppress(Problem):  # refused by name: too late, revealed, merged away
                self.act(kind, who, answer, flow, shown, people, last, now)
            self.check(flow, shown)

    def act(self, kind, who, answer, flow, shown, people, last, now):
        """Carry out one act."""
        marks = [(10, 20, 90 + who, 60)] if answer == "yes" else None
        if kind == "vote":
            last[who] = f.vote(subject=shown, workflow=flow, answer=answer, volunteer=people[who], marks=marks, now=now).id
        elif kind == "revise" and who in last:
            more = {"revises": last[who], "marks": marks}
            last[who] = f.vote(subject=shown, workflow=flow, answer=answer, volunteer=people[who], now=now, **more).id
        elif kind == "undo" and who in last:
            services.undo_classification(volunteer=people[who], classification_id=last[who], now=now)
        elif kind == "reveal":
            services.reveal(volunteer=people[who], root=shown, now=now)
        elif kind == "sign in" and who >= 2:
            services.merge_visitor(visitor=people[who], person=people[who - 2], now=now)

    def check(self, flow, shown):
        """Recompute everything from the rows that are not superseded."""
        standing = Classification.objects.filter(superseded_by=None, subject=shown).exclude(answer="").select_related("volunteer")
        assert max(Counter(vote.volunteer_id for vote in standing).values(), default=0) <= 1
        assert not any(vote.volunteer.merged_into_id for vote in standing)
        counted = [vote for vote in standing if vote.counted]
        assert all(vote.blind for vote in counted)
        vector = {}
        for vote in counted:
            vector = consensus.add_vector(vector, vote.log_likelihood, 1)
        status = SubjectStatus.objects.get(subject=shown)
        tally = dict(Counter(vote.answer for vote in counted))
        assert status.tally == tally
        assert status.n_votes == len(counted)
        assert status.log_posterior == vector
        assert status.state == ("retired" if len(counted) >= 3 else "active")
        row = Consensus.objects.filter(subject=shown).first()
        decision = consensus.decide(tally, consensus.policy_from(flow.current_version.policy))
        if row is not None:
            assert (row.counts, row.label, row.settled) == (tally, decision.label, decision.retire)
            assert sum(trail.n_markers for trail in row.trails.all()) == sum(vote.marks.count() for vote in counted)
        assert sum(HourlyTotal.objects.values_list("n", flat=True)) == len(standing)

"""Shapes of what comes and goes, for the schema at /api/schema/. Bodies are checked by the services, which name the field."""

from rest_framework import serializers

from classify.feedback import OUTCOMES


class MarkSchema(serializers.Serializer):
    """A line: both ends in cutout pixels (0-based pixel centres, row 0 on top)."""

    frame = serializers.IntegerField(default=0, min_value=0)
    x1 = serializers.FloatField()
    y1 = serializers.FloatField()
    x2 = serializers.FloatField()
    y2 = serializers.FloatField()
    suggestion = serializers.CharField(required=False, allow_null=True, help_text="Id of the suggested trail that this is.")


class ClassificationSchema(serializers.Serializer):
    """One vote. The id is made by the client, so that sending it twice stores it once."""

    id = serializers.UUIDField()
    workflow = serializers.SlugField()
    subject = serializers.IntegerField(help_text="Public number of the subject.")
    answer = serializers.CharField(max_length=40, help_text="Key of an answer of the workflow's first step.")
    version = serializers.CharField(required=False, allow_null=True, max_length=20)
    serve = serializers.UUIDField(required=False, allow_null=True)
    marks = MarkSchema(many=True, required=False)
    annotations = serializers.DictField(
        required=False, help_text="What was answered at each step; of a step that the version does not have, kept as it is."
    )
    viewer = serializers.DictField(required=False, help_text="How the image was shown.")
    revises = serializers.UUIDField(required=False, allow_null=True, help_text="Own standing vote that this one replaces.")
    started_at = serializers.DateTimeField(required=False, allow_null=True)
    finished_at = serializers.DateTimeField(required=False, allow_null=True)


class InjectedSchema(serializers.Serializer):
    """The simulated trail in an image made for learning."""

    length_px = serializers.FloatField(allow_null=True)
    curvature = serializers.FloatField(allow_null=True)
    magnitude = serializers.FloatField(allow_null=True)


class GoldSchema(serializers.Serializer):
    """Feedback on a subject with a known answer."""

    right = serializers.BooleanField(help_text="The answer was the known one.")
    outcome = serializers.ChoiceField(list(OUTCOMES))
    answer = serializers.CharField()
    marks = serializers.ListField(child=serializers.DictField())
    marks_found = serializers.IntegerField(allow_null=True, help_text="How many of the true trails were marked; null when none was to be.")
    tolerance_px = serializers.FloatField(help_text="How far from its place an end may be marked, cutout pixels.")
    message = serializers.CharField(help_text="The outcome in a sentence.")
    explanation = serializers.CharField(allow_blank=True)
    guide = serializers.CharField(allow_blank=True, help_text="Entry of the field guide about it; empty: none.")
    injected = InjectedSchema(allow_null=True, help_text="The trail was drawn into the image; null: it was not.")


class ReceiptSchema(serializers.Serializer):
    """What was stored."""

    id = serializers.UUIDField()
    subject = serializers.IntegerField()
    undo_until = serializers.DateTimeField(allow_null=True, help_text="Null: this vote is final.")
    blind = serializers.BooleanField(help_text="Nothing others said had been shown before.")
    counted = serializers.BooleanField(help_text="The vote entered the tally.")
    flag = serializers.ChoiceField(["", "fast", "script"], help_text="Why it waits until the team has looked at it; empty: it does not.")
    note = serializers.CharField(
        allow_blank=True, help_text="The same in a sentence; also names annotations of steps that the version does not have."
    )
    late = serializers.BooleanField(help_text="It came after its lease, after retirement, or on an older version; it counts all the same.")
    gold = GoldSchema(allow_null=True)


class WcsSchema(serializers.Serializer):
    """Tangent-plane coordinates of a frame, good for display."""

    crval = serializers.ListField(child=serializers.FloatField(), help_text="RA, Dec of the centre, degrees ICRS.")
    crpix = serializers.ListField(child=serializers.FloatField(), help_text="Its pixel, 0-based.")
    cd = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()), help_text="Degrees per pixel.")


class FrameSchema(serializers.Serializer):
    """One image of a subject."""

    preview = serializers.CharField(help_text="Address of the 8-bit preview.")
    pixels = serializers.CharField(allow_null=True, help_text="Address of the 16-bit image; null until it is made.")
    width = serializers.IntegerField(help_text="px")
    height = serializers.IntegerField(help_text="px")
    wcs = WcsSchema(allow_null=True)
    credit = serializers.CharField()
    licence = serializers.CharField(allow_blank=True)


class SuggestionSchema(serializers.Serializer):
    """A trail that the machine suggests, cutout pixels."""

    id = serializers.CharField()
    x1 = serializers.FloatField()
    y1 = serializers.FloatField()
    x2 = serializers.FloatField()
    y2 = serializers.FloatField()
    points = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class ServedFrameSchema(FrameSchema):
    """One image of a subject to classify, and how it lies on the first one."""

    to_first = serializers.ListField(
        child=serializers.FloatField(), min_length=6, max_length=6, allow_null=True,
        help_text="[a, b, c, d, e, f]: pixel (x, y) lies at (a x + c y + e, b x + d y + f) in the first frame; null: at the same place.",
    )  # fmt: skip


class ServedSchema(serializers.Serializer):
    """One subject to classify."""

    id = serializers.IntegerField()
    serve = serializers.UUIDField()
    version = serializers.CharField()
    lease_until = serializers.DateTimeField(help_text="Until then it is held for you; an answer that comes later counts as well.")
    frames = ServedFrameSchema(many=True)
    suggestions = SuggestionSchema(many=True)
    credit = serializers.CharField(help_text="Of the first frame.")
    licence = serializers.CharField(allow_blank=True)


class QueueSchema(serializers.Serializer):
    """Subjects handed out now; empty when nothing is left for this volunteer."""

    results = ServedSchema(many=True)
    gone = serializers.ListField(child=serializers.UUIDField(), help_text="Of the serves in `holding`, those that need no answer any more.")
    later = serializers.IntegerField(
        allow_null=True, help_text="Nothing is left now, but others hold subjects: after so many seconds the first may come free."
    )


class WorkflowSchema(serializers.Serializer):
    """A workflow and what it asks."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    version = serializers.CharField()
    question = serializers.CharField()
    steps = serializers.DictField(help_text='{"first": name, "steps": {name: step}}')
    queue = serializers.CharField(help_text="Address of its queue.")
    has_work = serializers.BooleanField()


class WorkflowsSchema(serializers.Serializer):
    """All workflows that can be used."""

    results = WorkflowSchema(many=True)


class ProgressSchema(serializers.Serializer):
    """How far a workflow is."""

    subjects = serializers.IntegerField()
    active = serializers.IntegerField()
    retired = serializers.IntegerField()
    paused = serializers.IntegerField()
    votes = serializers.IntegerField()
    percent = serializers.IntegerField()


class WorkflowDetailSchema(WorkflowSchema):
    """A workflow, what it asks, and how far it is."""

    progress = ProgressSchema()


class TrailSchema(serializers.Serializer):
    """A trail that several people marked: ends and scatter in cutout pixels."""

    frame = serializers.IntegerField()
    x1 = serializers.FloatField()
    y1 = serializers.FloatField()
    x2 = serializers.FloatField()
    y2 = serializers.FloatField()
    scatter_px = serializers.FloatField()
    n_markers = serializers.IntegerField()


class ConsensusSchema(serializers.Serializer):
    """What people said in one workflow."""

    workflow = serializers.SlugField()
    method = serializers.CharField()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # a field of this name
    settled = serializers.BooleanField()
    counts = serializers.DictField(child=serializers.IntegerField())
    n_votes = serializers.IntegerField()
    agreement = serializers.FloatField(allow_null=True)
    policy = serializers.CharField()
    revision = serializers.IntegerField()
    trails = TrailSchema(many=True)


class SubjectSchema(serializers.Serializer):
    """Public facts of a subject. `consensus` is null while people who have not opened it are still asked."""

    id = serializers.IntegerField()
    page = serializers.CharField()
    frames = FrameSchema(many=True)
    ra_deg = serializers.FloatField(allow_null=True, help_text="Centre of the first frame, ICRS.")
    dec_deg = serializers.FloatField(allow_null=True)
    consensus = ConsensusSchema(many=True, allow_null=True)


class ProblemSchema(serializers.Serializer):
    """A problem document (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(required=False, help_text="{field: [what is wrong]}")  # type: ignore[assignment]  # a field of this name

"""Django admin of the room: rows are read-only, actions call the services."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from core.admin import ReadOnlyAdmin
from ml import services, tasks
from ml.labels import TooFewLabels
from ml.models import Detection, DetectorModel, Find, Promotion, Run, Scanned, Shard, TrainingSet


@admin.register(TrainingSet)
class TrainingSetAdmin(ReadOnlyAdmin):
    list_display = ["hash", "n_rows", "code_version", "actor", "created_at"]
    search_fields = ["hash"]
    list_select_related = ["actor"]


@admin.register(DetectorModel)
class DetectorModelAdmin(ReadOnlyAdmin):
    list_display = ["name", "state", "training_set", "parent", "created_at"]
    list_filter = ["state"]
    search_fields = ["name", "weights_sha256"]
    list_select_related = ["training_set", "parent"]
    actions = ["train_new", "put_live", "roll_back"]

    def has_train_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("ml.train"))

    def has_promote_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("ml.promote"))

    @admin.action(description="Train a new model on the labels of this moment", permissions=["train"])
    def train_new(self, request: HttpRequest, chosen: QuerySet[DetectorModel]) -> None:
        try:
            run = services.start_training(actor=request.user, now=timezone.now())
        except (TooFewLabels, services.NothingNew) as reason:
            self.message_user(request, str(reason), messages.WARNING)
            return
        tasks.enqueue(run)
        self.message_user(request, _("Run %(n)d waits for a worker.") % {"n": run.pk}, messages.SUCCESS)

    @admin.action(description="Put the selected model live", permissions=["promote"])
    def put_live(self, request: HttpRequest, chosen: QuerySet[DetectorModel]) -> None:
        if chosen.count() != 1:
            self.message_user(request, _("Select one model. Nothing was changed."), messages.WARNING)
            return
        self._change(request, lambda: services.promote(model=chosen.get(), actor=request.user, now=timezone.now()))

    @admin.action(description="Roll back to the model that was live before", permissions=["promote"])
    def roll_back(self, request: HttpRequest, chosen: QuerySet[DetectorModel]) -> None:
        self._change(request, lambda: services.roll_back(actor=request.user, now=timezone.now()))

    def _change(self, request: HttpRequest, act: Any) -> None:
        try:
            promotion = act()
        except services.NotPossible as error:
            self.message_user(request, str(error), messages.WARNING)
            return
        self.message_user(request, _("%(name)s is live.") % {"name": promotion.model.name}, messages.SUCCESS)


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    list_display = ["at", "model", "previous", "reason", "actor"]
    list_filter = ["reason"]
    list_select_related = ["model", "previous", "actor"]


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "job", "training_set", "model", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["job", "training_set", "model"]


@admin.register(Shard)
class ShardAdmin(ReadOnlyAdmin):
    list_display = ["run", "index", "state", "n_cutouts", "n_detections", "claimed_by", "attempt", "error"]
    list_filter = ["state"]
    list_select_related = ["run"]


@admin.register(Find)
class FindAdmin(ReadOnlyAdmin):
    list_display = ["id", "cutout_id", "klass", "score", "asked", "known", "withdrawn_at", "created_at"]
    list_filter = ["klass", "asked", "known"]


@admin.register(Detection)
class DetectionAdmin(ReadOnlyAdmin):
    list_display = ["id", "cutout_id", "model", "klass", "score", "find_id", "created_at"]
    list_filter = ["klass", "model"]
    list_select_related = ["model"]


@admin.register(Scanned)
class ScannedAdmin(ReadOnlyAdmin):
    list_display = ["cutout_id", "model", "n_detections", "score", "told", "error"]
    list_filter = ["model", "told"]
    list_select_related = ["model"]

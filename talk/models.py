"""Boards, discussions, comments and hashtags. Discussions and tags of a subject attach to its root."""

from django.db import models
from django.db.models import Q


class Board(models.Model):
    """A place for discussions. The board `notes` holds one discussion per subject."""

    class Who(models.TextChoices):
        ALL = "all"
        TEAM = "team"
        MODERATORS = "moderators"

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    position = models.PositiveSmallIntegerField(default=0)
    can_read = models.CharField(max_length=12, choices=Who, default=Who.ALL)
    can_write = models.CharField(max_length=12, choices=Who, default=Who.ALL)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.title


class BoardText(models.Model):
    """Title and description of a board in another language."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["board_id", "language"]
        constraints = [models.UniqueConstraint(fields=["board", "language"], name="board_text_once_per_language")]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class Discussion(models.Model):
    """A thread on a board, of a subject or free."""

    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="discussions")
    subject = models.OneToOneField("classify.Subject", null=True, blank=True, on_delete=models.PROTECT, related_name="discussion")
    title = models.CharField(max_length=140)
    author = models.ForeignKey("classify.Volunteer", null=True, on_delete=models.SET_NULL, related_name="discussions")
    sticky = models.BooleanField(default=False)
    locked = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    last_comment_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sticky", "-last_comment_at", "-id"]
        indexes = [models.Index(fields=["board", "-last_comment_at"], name="discussion_board")]
        permissions = [("moderate", "Can moderate Talk")]

    def __str__(self) -> str:
        return self.title


class Comment(models.Model):
    """What somebody wrote: the Markdown as typed and the sanitised HTML made of it."""

    discussion = models.ForeignKey(Discussion, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey("classify.Volunteer", null=True, on_delete=models.SET_NULL, related_name="comments")
    reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies")
    body = models.TextField()
    html = models.TextField()
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    request_id = models.UUIDField(null=True, blank=True, unique=True, help_text="Made by the page, so that sending twice stores once.")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["discussion", "id"], name="comment_discussion")]

    def __str__(self) -> str:
        return self.body[:60]


class Tag(models.Model):
    """A hashtag, lower case, without the sign."""

    name = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"#{self.name}"


class TagUse(models.Model):
    """One person tagged one subject (root) or discussion, in a comment or by a chip."""

    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="uses")
    subject = models.ForeignKey("classify.Subject", null=True, blank=True, on_delete=models.CASCADE, related_name="tag_uses")
    discussion = models.ForeignKey(Discussion, null=True, blank=True, on_delete=models.CASCADE, related_name="tag_uses")
    comment = models.ForeignKey(Comment, null=True, blank=True, on_delete=models.CASCADE, related_name="tag_uses")
    volunteer = models.ForeignKey("classify.Volunteer", null=True, on_delete=models.SET_NULL, related_name="tag_uses")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tag", "comment"], condition=Q(comment__isnull=False), name="tag_once_per_comment"),
            models.UniqueConstraint(fields=["tag", "subject", "volunteer"], condition=Q(comment__isnull=True), name="tag_chip_once_per_person"),
        ]
        indexes = [models.Index(fields=["tag", "subject"], name="taguse_subject")]

    def __str__(self) -> str:
        return f"{self.tag} by {self.volunteer_id}"


class Collection(models.Model):
    """Subjects that somebody put together. Everyone has at most one of favourites."""

    public_id = models.CharField(max_length=16, unique=True)
    owner = models.ForeignKey("classify.Volunteer", on_delete=models.CASCADE, related_name="collections")
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True, help_text="Markdown.")
    public = models.BooleanField(default=False)
    favourites = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-updated_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["owner"], condition=Q(favourites=True), name="favourites_once_per_owner")]
        indexes = [models.Index(fields=["public", "-updated_at"], name="collection_public")]

    def __str__(self) -> str:
        return self.title


class CollectionItem(models.Model):
    """A subject (root) in a collection."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="items")
    subject = models.ForeignKey("classify.Subject", on_delete=models.PROTECT, related_name="collection_items")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["collection", "subject"], name="subject_once_per_collection")]

    def __str__(self) -> str:
        return f"{self.subject} in {self.collection}"

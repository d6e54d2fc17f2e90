"""Secret personal addresses of calendar feeds."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.rooms.models import Room


class FeedKind(models.TextChoices):
    """Whose lessons a feed holds."""

    TEACHER = "teacher", _("my lessons")
    SCHOOL_CLASS = "class", _("one class")
    ROOM = "room", _("one room")


class Feed(models.Model):
    """A feed that one person made. Only the hash of its address is kept; it ends with the person's duties."""

    owner = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="feeds")
    kind = models.CharField(max_length=8, choices=FeedKind.choices)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="teacher", school_class__isnull=True, room__isnull=True)
                | Q(kind="class", school_class__isnull=False, room__isnull=True)
                | Q(kind="room", school_class__isnull=True, room__isnull=False),
                name="timetable_feed_of_one",
            )
        ]

    def __str__(self) -> str:
        """Whose lessons."""
        return str(self.school_class or self.room or self.owner)

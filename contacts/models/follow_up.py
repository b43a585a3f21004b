"""What we owe a person: something to do, by somebody, at a time."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager

from .contact import Contact


class FollowUp(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="follow_ups", verbose_name=_("contact"))
    text = models.CharField(_("what to do"), max_length=200)
    due_at = models.DateTimeField(_("due"))
    # None: nobody's yet.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    done_at = models.DateTimeField(_("done"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[TeamManager["FollowUp"]] = TeamManager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        indexes = [
            # What is due, of the team and of one owner.
            models.Index(fields=["team", "due_at", "id"], condition=Q(done_at=None), name="follow_up_due"),
            models.Index(
                fields=["team", "owner", "due_at", "id"], condition=Q(done_at=None), name="follow_up_mine"
            ),
            # An arm of the timeline: those that are done.
            models.Index(
                fields=["contact", "-done_at", "-id"],
                condition=Q(done_at__isnull=False),
                name="follow_up_timeline",
            ),
            # What was done last, by the team and by one owner.
            models.Index(
                fields=["team", "-done_at", "-id"],
                condition=Q(done_at__isnull=False),
                name="follow_up_done",
            ),
            models.Index(
                fields=["team", "owner", "-done_at", "-id"],
                condition=Q(done_at__isnull=False),
                name="follow_up_done_mine",
            ),
            # An arm of the timeline: when they were added.
            models.Index(fields=["contact", "-created_at", "-id"], name="follow_up_added"),
            # What is owed to one person.
            models.Index(fields=["contact", "due_at"], condition=Q(done_at=None), name="follow_up_open"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_late(self) -> bool:
        return self.done_at is None and self.due_at < timezone.now()

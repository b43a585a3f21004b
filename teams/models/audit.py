"""Who changed what: kept for the team's admins."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .team import Team, TeamManager


class AuditEntry(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    # None = the system itself.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("actor"))
    # The field's verb: "line.held", "line.resumed", "message.sent_again", "callback.replayed" …
    action = models.CharField(_("action"), max_length=60)
    object_type = models.CharField(_("object type"), max_length=40)
    object_id = models.CharField(_("object id"), max_length=40)
    detail = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    objects: ClassVar[TeamManager["AuditEntry"]] = TeamManager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [
            # The trail of one team, newest first.
            models.Index(fields=["team", "-id"], name="audit_team_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"

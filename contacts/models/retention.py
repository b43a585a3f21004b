"""Who may be kept no longer: proposals for the team's admins, found at night, and what they decided."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager

from .contact import Contact


class RetentionProposal(models.Model):
    """One a person. A kept one is proposed again when its time is over."""

    class Sign(models.TextChoices):
        """Their last sign of life: theirs, never ours."""

        MESSAGE = "message", _("wrote to you")
        CALL = "call", _("called you")
        CLICK = "click", _("opened a link")
        CONSENT = "consent", _("gave their consent")
        # No sign at all: since they were added.
        ADDED = "added", _("was added")

    contact = models.OneToOneField(
        Contact,
        models.CASCADE,
        primary_key=True,
        related_name="retention_proposal",
        verbose_name=_("contact"),
    )
    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    sign = models.CharField(_("last sign"), max_length=8, choices=Sign.choices)
    last_at = models.DateTimeField(_("last sign at"))
    found_at = models.DateTimeField(_("found at"))
    # Why somebody is kept, for how long, and who says so.
    kept_reason = models.CharField(_("kept because"), max_length=300, blank=True, default="")
    kept_until = models.DateTimeField(_("kept until"), null=True)
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("kept by")
    )
    # An admin confirmed: the worker erases them, in this order.
    erase_asked_at = models.DateTimeField(null=True)
    erase_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects: ClassVar[TeamManager["RetentionProposal"]] = TeamManager()

    class Meta:
        verbose_name = _("retention proposal")
        verbose_name_plural = _("retention proposals")
        indexes = [
            # Those to decide on, longest silent first; and the kept ones beside them.
            models.Index(
                fields=["team", "last_at", "contact"],
                condition=Q(kept_until=None, erase_asked_at=None),
                name="retention_open",
            ),
            models.Index(
                fields=["team", "kept_until", "contact"],
                condition=Q(kept_until__isnull=False),
                name="retention_kept",
            ),
            # What the worker has still to erase.
            models.Index(
                fields=["erase_asked_at", "contact"],
                condition=Q(erase_asked_at__isnull=False),
                name="retention_to_erase",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.sign} {self.last_at:%Y-%m-%d}"


class RetentionLook(models.Model):
    """When the worker last looked through a team, and whether it is asked to look again."""

    team = models.OneToOneField(Team, models.CASCADE, primary_key=True, related_name="+")
    looked_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)

    objects: ClassVar[TeamManager["RetentionLook"]] = TeamManager()

    class Meta:
        verbose_name = _("retention look")
        verbose_name_plural = _("retention looks")

    def __str__(self) -> str:
        return f"{self.team_id} {self.looked_at or '–'}"

"""Texts that a team writes again and again, with merge fields."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager


class MessageTemplate(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    name = models.CharField(_("name"), max_length=80)
    # With merge fields, and {link} where the tracked link stands.
    text = models.TextField(_("text"))
    url = models.CharField(_("tracked link"), max_length=2000, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects: ClassVar[TeamManager["MessageTemplate"]] = TeamManager()

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                "team",
                Lower("name"),
                name="template_team_name",
                violation_error_message=_("There is a template of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

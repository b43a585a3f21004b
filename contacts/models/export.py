"""A file of people, made in the background and kept for a few days."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from teams.models import StoredFile, Team
from teams.models.team import TeamManager


class Export(models.Model):
    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    # Who: the query string of the table (contacts/people/choice.py), and ids where people were picked by hand.
    query = models.TextField(blank=True)
    ids = ArrayField(models.BigIntegerField(), null=True)
    # Keys of contacts/fields.py, in their order.
    columns = ArrayField(models.CharField(max_length=60))
    # The language of the headers.
    language = models.CharField(max_length=8)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    # Written so far, of so many.
    rows = models.PositiveIntegerField(_("people"), default=0)
    total = models.PositiveIntegerField(default=0, db_default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)
    # None until it is made, and again once it is gone: expired, or somebody in it was erased.
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects: ClassVar[TeamManager["Export"]] = TeamManager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [
            models.Index(fields=["team", "-id"], name="export_newest"),
            # Work that waits or that a killed worker left.
            models.Index(
                fields=["state"], condition=Q(state__in=["waiting", "running"]), name="export_working"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.pk}"

"""Groups of people: a segment is a saved filter, a list is whoever was put on it."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager


class Segment(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    name = models.CharField(_("name"), max_length=80)
    # {"match": "all"|"any", "conditions": […]}: contacts/segments/definition.py.
    definition = models.JSONField(_("definition"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects: ClassVar[TeamManager["Segment"]] = TeamManager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                "team",
                Lower("name"),
                name="segment_team_name",
                violation_error_message=_("There is a segment of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ContactList(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    name = models.CharField(_("name"), max_length=80)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    members = models.ManyToManyField(
        "contacts.Contact", through="ListMember", related_name="lists", verbose_name=_("people")
    )

    objects: ClassVar[TeamManager["ContactList"]] = TeamManager()

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                "team",
                Lower("name"),
                name="list_team_name",
                violation_error_message=_("There is a list of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ListMember(models.Model):
    list = models.ForeignKey(ContactList, models.CASCADE, related_name="+")
    contact = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="+")
    # The import that put them there, which can be taken back.
    imported_by = models.ForeignKey("contacts.Import", models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "contact"], name="list_member")]
        # On which lists somebody is.
        indexes = [models.Index(fields=["contact", "list"], name="member_lists")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.contact_id}"


class SavedView(models.Model):
    """How somebody looks at the table of people: who, by which order, with which columns."""

    team = models.ForeignKey(Team, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # "" is the columns and the order that the table opens with: one a person.
    name = models.CharField(_("name"), max_length=80, blank=True)
    # The query string that shows it: words, segment, list, filters, order.
    query = models.TextField(blank=True)
    # Keys of contacts/fields.py, in their order.
    columns = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TeamManager["SavedView"]] = TeamManager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                "team",
                "user",
                Lower("name"),
                name="saved_view_name",
                violation_error_message=_("You have a view of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

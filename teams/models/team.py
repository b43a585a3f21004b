"""The team is the wall: everything a team owns is found through `for_team`."""

from typing import TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

_M = TypeVar("_M", bound=models.Model, covariant=True)


class TeamManager(models.Manager[_M]):
    """The manager of every model that a team owns."""

    def for_team(self, team: "Team") -> models.QuerySet[_M]:
        """Only what this team owns. Every query of a view or of the API starts here."""
        return self.filter(team=team)


class Visibility(models.TextChoices):
    TEAM = "team", _("every conversation of the team")
    OWN = "own", _("their own and unassigned conversations")


def default_time_zone() -> str:
    return str(settings.DEFAULT_TEAM_TIME_ZONE)


class Team(models.Model):
    name = models.CharField(_("name"), max_length=120, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default=default_time_zone)
    # The country whose writing of phone numbers is understood without a prefix.
    region = models.CharField(_("country of phone numbers"), max_length=2, default="FR")
    agents_see = models.CharField(
        _("agents see"), max_length=8, choices=Visibility.choices, default=Visibility.TEAM
    )
    # Beside STOP, ARRET … of sms/optout_words.py.
    stop_words = ArrayField(
        models.CharField(max_length=40), verbose_name=_("further STOP words"), default=list, blank=True
    )
    start_words = ArrayField(
        models.CharField(max_length=40), verbose_name=_("further START words"), default=list, blank=True
    )
    # Prospects who said nothing for so long are proposed for deletion (CNIL: three years after their last
    # contact).
    retention_months = models.PositiveSmallIntegerField(
        _("months until deletion is proposed"),
        default=36,
        db_default=36,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
    )
    # Commercial texts: who they say they are from ("": the team's name), and how to stop ("": the usual words).
    sender_name = models.CharField(_("sender's name"), max_length=40, blank=True, default="", db_default="")
    stop_mention = models.CharField(_("how to stop"), max_length=160, blank=True, default="", db_default="")
    # The hours that commercial campaigns begin with, of sms/sending/windows.py; None: the usual ones. The law's limits
    # stand above them.
    commercial_window = models.JSONField(_("hours of commercial campaigns"), null=True, blank=True)
    # A campaign pauses itself when so many percent of its last messages failed or are uncertain.
    pause_percent = models.PositiveSmallIntegerField(
        _("failures that pause a campaign"),
        default=20,
        db_default=20,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    AGENT = "agent", _("Agent")
    MANAGER = "manager", _("Manager")
    ADMIN = "admin", _("Admin")


class Membership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships", verbose_name=_("team"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.AGENT)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="membership_unique")]

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"

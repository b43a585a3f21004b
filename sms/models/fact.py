"""What everything that passed through a line has in common."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from teams.models import Team

from .line import Line


class Fact(models.Model):
    """Something that happened on a line, with a person where one is known."""

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    line = models.ForeignKey(Line, models.PROTECT, related_name="%(class)ss", verbose_name=_("line"))
    # None: an SMS without a sender, or a caller who hid the number. Stands in the folder Unknown sender. The index
    # of each kind's timeline begins with it.
    contact = models.ForeignKey(
        Contact,
        models.CASCADE,
        null=True,
        related_name="%(class)ss",
        verbose_name=_("contact"),
        db_index=False,
    )
    # The event's own clock, when believable, and ours.
    happened_at = models.DateTimeField(_("happened at"))
    received_at = models.DateTimeField(_("received at"))
    # The gateway's writing of the time, as it came.
    raw_time = models.CharField(_("raw time"), max_length=64, blank=True)

    class Meta:
        abstract = True

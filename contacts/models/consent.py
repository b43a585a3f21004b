"""What a person allowed and refused: a ledger. Each change says what, from where, in which words, by whom."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager

from .contact import Contact


class ConsentChange(models.Model):
    class Kind(models.TextChoices):
        OPT_OUT = "opt_out", _("opted out")  # STOP: nothing is sent to them
        OPT_IN = "opt_in", _("opted in again")  # START: undoes a STOP, gives no ground
        GRANTED = "granted", _("allowed commercial texts")  # on the ground `basis`
        WITHDRAWN = "withdrawn", _("withdrew the consent")
        DO_NOT_CALL = "do_not_call", _("asked not to be called")
        MAY_CALL = "may_call", _("may be called again")

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="consent_changes", verbose_name=_("contact")
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices)
    # Of a grant: opted_in, customer or professional (Contact.Consent).
    basis = models.CharField(
        _("ground"), max_length=12, blank=True, default="", db_default="", choices=Contact.Consent.choices
    )
    # Where it came from: "sms", "rep", "import", "api", "merge", or a team's own words ("Salon de Rennes").
    source = models.CharField(_("source"), max_length=80)
    # The words themselves: the text that said STOP, or the sentence that was agreed to.
    wording = models.TextField(_("wording"), blank=True)
    # What proves it: an address, a file's name, "web form, 192.0.2.7, 18:22".
    proof = models.TextField(_("proof"), blank=True, default="", db_default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    imported_by = models.ForeignKey(
        "contacts.Import", models.SET_NULL, null=True, related_name="+", verbose_name=_("import")
    )
    happened_at = models.DateTimeField(_("happened at"))
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)

    objects: ClassVar[TeamManager["ConsentChange"]] = TeamManager()

    class Meta:
        verbose_name = _("consent change")
        verbose_name_plural = _("consent changes")
        indexes = [
            # An arm of the timeline.
            models.Index(fields=["contact", "-happened_at", "-id"], name="consent_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.kind}"

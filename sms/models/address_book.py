"""The phone's address book, as far as we filled it: who is in it, and how the pushing fares."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from teams.models import Team
from teams.models.team import TeamManager

from .line import Line


class AddressBook(models.Model):
    """One a line that asks for it. Its own row and its own lease: sending must never wait for it."""

    line = models.OneToOneField(Line, models.CASCADE, primary_key=True, related_name="address_book")
    # Why nothing is pushed until a person does something: a code of sms.gateway.results.HeldReason. The line
    # itself goes on sending.
    stopped = models.CharField(max_length=40, blank=True)
    # Requests in a row that brought nothing, and when the next one may leave.
    failures = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    # Halved when the gateway refuses a whole request; 0 = as many as the settings say.
    batch_limit = models.PositiveIntegerField(default=0)
    # When it is compared with our people again.
    next_at = models.DateTimeField(null=True)
    # Whoever was pushed before is pushed again: "Push again".
    again_at = models.DateTimeField(null=True)
    # The newest answer, and when everybody was in it.
    pushed_at = models.DateTimeField(null=True)
    complete_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.line_id)


class AddressBookEntry(models.Model):
    """A number of somebody, as the gateway answered about it last."""

    class Result(models.TextChoices):
        MADE = "made", _("in the phone")
        WARNED = "warned", _("in the phone, with a remark")  # the gateway made it, without something
        REFUSED = "refused", _("refused")  # not tried again until something about the person changes

    team = models.ForeignKey(Team, models.CASCADE)
    line = models.ForeignKey(Line, models.CASCADE, related_name="address_book_entries")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    number = models.CharField(max_length=200)
    # Of all that was pushed: another one means that something changed (sms/address_book/changed.py).
    digest = models.UUIDField()
    result = models.CharField(max_length=7, choices=Result.choices)
    # The gateway's code (#001 …), or its words where it gave none.
    detail = models.CharField(max_length=300, blank=True)
    pushed_at = models.DateTimeField()

    objects: ClassVar[TeamManager["AddressBookEntry"]] = TeamManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "number"], name="address_book_number")]
        indexes = [
            # Those that need a look.
            models.Index(
                fields=["line", "id"],
                condition=Q(result__in=["refused", "warned"]),
                name="address_book_remarks",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.result}"

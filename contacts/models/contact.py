"""A person whom the team texts and calls."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Coalesce, Collate, Concat, Lower, NullIf, Trim
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.languages import LANGUAGES
from teams.models import Team

from .tag import Tag
from .unaccent import Unaccent

# After every name: people of whom nothing but a number is known stand at the end of a list.
LAST = "\U0010fffd"


def _sorted_as(*parts: str | models.Value) -> models.Expression:
    """Text without accents and case, LAST for none, in the order of its characters whatever the database's
    collation: what an order of the contact list goes by.
    """
    text = Concat(*parts, output_field=models.TextField()) if len(parts) > 1 else parts[0]
    plain = NullIf(Trim(Unaccent(Lower(text))), models.Value(""))
    return Collate(Coalesce(plain, models.Value(LAST), output_field=models.TextField()), "C")


# "last first company", so that Émile stands beside Emile and not after Zoé; whoever has only a first name or a
# company stands where that begins.
SORT_NAME = _sorted_as("last_name", models.Value(" "), "first_name", models.Value(" "), "company")
SORT_COMPANY = _sorted_as("company")
SORT_EMAIL = _sorted_as("email")


class ContactQuerySet(models.QuerySet["Contact"]):
    def for_team(self, team: Team) -> "ContactQuerySet":
        return self.filter(team=team)

    def matching(self, words: str) -> "ContactQuerySet":
        """People whose name, company, e-mail or number holds every word, whatever the accents and case."""
        found = self
        for word in words.split():
            found = found.filter(search_text__contains=Unaccent(Lower(models.Value(word))))
        return found


class Contact(models.Model):
    """Whoever writes one without `save` (SQL, `update`) sets `updated_at` too: an import that is taken back
    leaves alone what changed since.
    """

    class Consent(models.TextChoices):
        """On what ground commercial texts may be sent. STOP stands above it: see `opted_out_at`."""

        NONE = "", pgettext_lazy("consent", "None")
        OPTED_IN = "opted_in", _("Opted in")
        CUSTOMER = "customer", _("Customer")  # texts about what they bought or alike
        PROFESSIONAL = "professional", _("Professional")  # texts about their profession
        WITHDRAWN = "withdrawn", _("Withdrawn")  # they took it back: no import, no merge gives it again

    # Its index is `contact_team_id`, by id within the team.
    team = models.ForeignKey(Team, models.CASCADE, db_index=False, verbose_name=_("team"))
    first_name = models.CharField(_("first name"), max_length=120, blank=True)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    company = models.CharField(_("company"), max_length=160, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True, default="", db_default="")
    # ISO 639-1, two letters; "" where nobody knows.
    language = models.CharField(
        _("language"), max_length=2, blank=True, default="", db_default="", choices=LANGUAGES
    )
    # {key of a CustomField: its value as contacts/custom.py stores it}; without the empty ones.
    custom = models.JSONField(
        _("custom fields"), default=dict, blank=True, db_default=models.Value({}, models.JSONField())
    )
    tags = models.ManyToManyField(Tag, through="ContactTag", related_name="contacts", verbose_name=_("tags"))
    # The rep who looks after this person. Its index is contact_owner: every one more makes an import slower.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("owner"),
        related_name="+",
    )
    # The newest ground of the ledger (ConsentChange), and since when.
    consent = models.CharField(
        _("consent"), max_length=12, blank=True, default="", db_default="", choices=Consent.choices
    )
    consent_at = models.DateTimeField(_("consent since"), null=True, blank=True, editable=False)
    # They asked not to be called.
    do_not_call_at = models.DateTimeField(_("do not call"), null=True, blank=True, editable=False)
    # The import that made this person; None for all others. Its index is contact_imported.
    imported_by = models.ForeignKey(
        "contacts.Import", models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    # Set by STOP in whatever channel, cleared by START; what is queued is skipped in the same transaction.
    opted_out_at = models.DateTimeField(_("opted out"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    search_text = models.GeneratedField(
        expression=Unaccent(
            Lower(
                Concat(
                    "first_name",
                    models.Value(" "),
                    "last_name",
                    models.Value(" "),
                    "company",
                    models.Value(" "),
                    "email",
                    output_field=models.TextField(),
                )
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            # The contact list: by name within a team, by keyset.
            models.Index("team", SORT_NAME, "id", name="contact_team_sort"),
            # The list by company and by e-mail.
            models.Index("team", SORT_COMPANY, "id", name="contact_company_sort"),
            models.Index("team", SORT_EMAIL, "id", name="contact_email_sort"),
            # Search by any part of a word.
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="contact_search"),
            # The list by when they were added.
            models.Index(fields=["team", "-created_at", "-id"], name="contact_newest"),
            # The API's list, and every other walk over a team's people.
            models.Index(fields=["team", "id"], name="contact_team_id"),
            # Who changed since, for programs that follow.
            models.Index(fields=["team", "updated_at", "id"], name="contact_updated"),
            # One's own people.
            models.Index(fields=["team", "owner", "id"], name="contact_owner"),
            # Same e-mail: duplicates, and search by it.
            models.Index("team", Lower("email"), name="contact_email", condition=~models.Q(email="")),
            # Who must not be texted, for the counts of segments and the consent column.
            models.Index(
                fields=["team", "id"],
                name="contact_opted_out",
                condition=models.Q(opted_out_at__isnull=False),
            ),
            # Taking an import back.
            models.Index(
                fields=["imported_by", "id"],
                name="contact_imported",
                condition=models.Q(imported_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The person's page. It stands in `sms`, which knows what happened with them: found by name only."""
        return reverse("sms:contact", args=[self.pk])

    @property
    def primary_number(self) -> str:
        """The number that is texted unless another is chosen; "" for none. Prefetch `phones` for a list."""
        numbers = sorted(self.phones.all(), key=lambda phone: (not phone.is_primary, phone.pk))
        return numbers[0].number if numbers else ""

    @property
    def name(self) -> str:
        """First and last name, else the company, else ""; a screen then shows the number."""
        return f"{self.first_name} {self.last_name}".strip() or self.company

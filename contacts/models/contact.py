"""A person whom the team texts and calls."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Coalesce, Concat, Lower, NullIf, Trim
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from teams.models import Team


class Unaccent(models.Func):
    """`ligne_unaccent`: unaccent with its dictionary named, hence immutable, hence fit for an index."""

    function = "ligne_unaccent"
    output_field = models.TextField()


# After every name: people of whom nothing but a number is known stand at the end of a list.
LAST = "\U0010fffd"

# The order of the contact list, "last first company" without accents and case, so that Émile stands beside
# Emile and not after Zoé; whoever has only a first name or a company stands where that begins.
SORT_NAME = Coalesce(
    NullIf(
        Trim(
            Unaccent(
                Lower(
                    Concat(
                        "last_name", models.Value(" "), "first_name", models.Value(" "), "company",
                        output_field=models.TextField(),
                    )
                )
            )
        ),
        models.Value(""),
    ),
    models.Value(LAST),
    output_field=models.TextField(),
)  # fmt: skip


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
    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    first_name = models.CharField(_("first name"), max_length=120, blank=True)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    company = models.CharField(_("company"), max_length=160, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    # The rep who looks after this person.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("owner"),
        related_name="+",
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
            # Search by any part of a word.
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="contact_search"),
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

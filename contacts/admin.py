"""Administration of people: found by name or number. Numbers and consent change on a person's own page."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from contacts import phones
from contacts.custom_fields import admin as _custom_fields  # noqa: F401
from contacts.duplicates import admin as _duplicates  # noqa: F401
from contacts.exports import admin as _exports  # noqa: F401 - registers its models
from contacts.follow_ups import admin as _follow_ups  # noqa: F401
from contacts.imports import admin as _imports  # noqa: F401
from contacts.lists import admin as _lists  # noqa: F401
from contacts.models import ConsentChange, Contact, ContactPhone
from contacts.privacy import admin as _privacy  # noqa: F401
from contacts.segments import admin as _segments  # noqa: F401
from contacts.tags import admin as _tags  # noqa: F401
from teams.admin import BigTableAdmin


class _OnlyShown(TabularInline):  # type: ignore[misc]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class NumbersOfContact(_OnlyShown):
    model = ContactPhone
    fields = ("number", "is_primary", "textable", "created_at")
    readonly_fields = ("created_at",)


class ConsentOfContact(_OnlyShown):
    model = ConsentChange
    fields = ("happened_at", "kind", "basis", "source", "wording", "proof", "by")
    ordering = ("-happened_at", "-id")


@admin.register(Contact)
class ContactAdmin(BigTableAdmin):
    list_display = ("named", "company", "email", "team", "owner", "opted_out_at", "created_at")
    list_filter = ("team", ("opted_out_at", admin.EmptyFieldListFilter))
    # Names by Contact.objects.matching, numbers by their beginning: get_search_results below.
    search_fields = ("last_name",)
    search_help_text = _("Name, company, e-mail or number")
    list_select_related = ("team", "owner")
    autocomplete_fields = ("owner",)
    fields = (
        "team", "first_name", "last_name", "company", "email", "address", "language", "owner",
        "opted_out_at", "created_at",
    )  # fmt: skip
    readonly_fields = ("team", "opted_out_at", "created_at")
    inlines = (NumbersOfContact, ConsentOfContact)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """With a person everything that happened with them would go."""
        return False

    @admin.display(description=_("name"), ordering="last_name")
    def named(self, contact: Contact) -> str:
        return contact.name or contact.primary_number or f"#{contact.pk}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        found: QuerySet[Contact] = super().get_queryset(request)
        return found.prefetch_related("phones")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        named = Contact.objects.matching(search_term).values("pk")
        starts = {search_term, *phones.beginnings(search_term)}
        numbers = [
            ContactPhone.objects.filter(number__gte=start, number__lt=start + "\U0010ffff").values(
                "contact_id"
            )
            for start in starts
        ]
        return queryset.filter(pk__in=named.order_by().union(*numbers)), False

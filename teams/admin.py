"""Administration of people, teams, tokens and the audit trail; and what every admin page here shares."""

import json
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.paginator import InfinitePaginator

from teams.models import ApiToken, AuditEntry, Membership, Team, User


class BigTableAdmin(ModelAdmin):  # type: ignore[misc]
    """A table that may hold millions of rows: never counted, newest first."""

    show_full_result_count = False
    paginator = InfinitePaginator
    list_per_page = 50
    ordering = ("-id",)


class ReadOnlyAdmin(BigTableAdmin):
    """To look at, never to change."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


def as_text(value: object) -> SafeString:
    """Foreign text as it is, escaped, in lines."""
    return format_html('<pre class="whitespace-pre-wrap break-words" dir="auto">{}</pre>', value)


def as_json(value: object) -> SafeString:
    return as_text(json.dumps(value, ensure_ascii=False, indent=2, default=str))


class _LowerCaseEmail:
    """The address is kept in lower case: two writings of it are one account, found before it is stored."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class NewUserForm(_LowerCaseEmail, UserCreationForm):  # type: ignore[misc]
    class Meta:
        model = User
        fields = ("email", "full_name")
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {}


class UserForm(_LowerCaseEmail, UserChangeForm):  # type: ignore[misc]
    class Meta:
        model = User
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {}


class MembershipOfUser(TabularInline):  # type: ignore[misc]
    model = Membership
    extra = 0
    autocomplete_fields = ("team",)


class MembershipOfTeam(TabularInline):  # type: ignore[misc]
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "full_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "memberships__role")
    search_fields = ("email", "full_name")
    ordering = ("email",)
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    inlines = (MembershipOfUser,)
    fieldsets = (
        (None, {"fields": ("email", "password", "full_name", "language", "time_zone")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "full_name", "password1", "password2")}),)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """An account that left is made inactive: what it wrote keeps its name."""
        return False


@admin.register(Team)
class TeamAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "time_zone", "region", "agents_see", "created_at")
    search_fields = ("name",)
    ordering = ("name",)
    inlines = (MembershipOfTeam,)
    # Hours are set where they are understood: a sender reads them as they are.
    readonly_fields = ("commercial_window",)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """With a team its whole history would go."""
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(BigTableAdmin):
    """A token's text is shown once, by the command that makes it; here it is revoked."""

    list_display = ("name", "start", "team", "user", "created_at", "last_used_at", "revoked_at")
    list_filter = ("team",)
    search_fields = ("name", "start", "user__email")
    list_select_related = ("team", "user")
    fields = ("name", "start", "team", "user", "created_at", "last_used_at", "revoked_at")
    readonly_fields = ("start", "team", "user", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Revoked ones stay, so that what they did can be read."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "team", "actor", "action", "object_type", "object_id")
    list_filter = ("team", "action", "object_type")
    search_fields = ("action", "=object_id", "actor__email", "actor__full_name")
    list_select_related = ("team", "actor")
    fields = ("at", "team", "actor", "action", "object_type", "object_id", "details")
    readonly_fields = ("details",)

    @admin.display(description=_("detail"))
    def details(self, entry: AuditEntry) -> SafeString:
        return as_json(entry.detail)

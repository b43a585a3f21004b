"""Administration of campaigns: to look at. They are composed, started and stopped by their team."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sms.models import Campaign
from teams.admin import ReadOnlyAdmin, as_json, as_text


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ("name", "team", "kind", "state", "expected", "figures", "started_at", "finished_at")
    list_filter = ("state", "kind", "team")
    search_fields = ("name", "text")
    list_select_related = ("team",)
    fields = (
        "team", "name", "kind", "state", "paused_reason", "stored_audience", "rest_days", "written", "url",
        "through", "starts_at", "expires_at", "window", "pace", "credit_days", "created_by", "created_at",
        "updated_at", "copy_of", "started_by", "started_at", "expected", "planned_at", "paused_at", "paused_by",
        "finished_at", "counted", "counted_at", "its_messages",
    )  # fmt: skip
    readonly_fields = ("stored_audience", "written", "through", "counted", "its_messages")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        found: QuerySet[Campaign] = super().get_queryset(request)
        return found.defer("audience")

    @admin.display(description=_("figures"))
    def figures(self, campaign: Campaign) -> str:
        """Those that were counted last, the largest first."""
        states: dict[str, int] = campaign.counts.get("states", {})
        largest = sorted(states.items(), key=lambda each: -each[1])[:4]
        return ", ".join(f"{key} {count}" for key, count in largest)

    @admin.display(description=_("audience"))
    def stored_audience(self, campaign: Campaign) -> SafeString:
        return as_json(campaign.audience)

    @admin.display(description=_("text"))
    def written(self, campaign: Campaign) -> SafeString:
        return as_text(campaign.text)

    @admin.display(description=_("lines"))
    def through(self, campaign: Campaign) -> str:
        return ", ".join(campaign.lines.order_by("name").values_list("name", flat=True))

    @admin.display(description=_("counts"))
    def counted(self, campaign: Campaign) -> SafeString:
        return as_json(campaign.counts)

    @admin.display(description=_("messages"))
    def its_messages(self, campaign: Campaign) -> SafeString:
        count = sum(campaign.counts.get("states", {}).values())
        query: dict[str, Any] = {"campaign__id__exact": campaign.pk}
        address = f"{reverse('admin:sms_message_changelist')}?{urlencode(query)}"
        said = ngettext("%(n)d message", "%(n)d messages", count) % {"n": count}
        return format_html('<a href="{}">{}</a>', address, said)

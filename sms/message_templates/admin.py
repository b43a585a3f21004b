"""Administration of templates: to look at."""

from django.contrib import admin

from sms.models import MessageTemplate
from teams.admin import ReadOnlyAdmin


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ReadOnlyAdmin):
    list_display = ("name", "team", "created_by", "updated_at")
    list_filter = ("team",)
    search_fields = ("name", "text")
    list_select_related = ("team", "created_by")
    fields = ("team", "name", "text", "url", "created_by", "created_at", "updated_at")

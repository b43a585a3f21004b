"""Every address. The walk over all of them as every role is tests/test_every_url.py."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from crm import administration, health, styleguide
from teams.views import set_language

administration.prepare()

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="sms:inbox"), name="start"),
    path("", include("sms.urls")),
    path("", include("teams.urls")),
    path("contacts/", include("contacts.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("api/", include("crm.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("styleguide/", styleguide.index, name="styleguide"),
]

"""The admin site: signed in to like every other page, and without what Ligne does not use."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group


def prepare() -> None:
    """Called once by crm/urls.py, when every app has registered its models."""
    admin.autodiscover()
    # allauth's page: its limits on guessing hold, and a second factor will.
    admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
    for unused in (Group, EmailAddress):
        if admin.site.is_registered(unused):
            admin.site.unregister(unused)

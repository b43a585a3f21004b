"""Addresses of what people allow, and of their rights, under /contacts/."""

from django.urls import path

from contacts.privacy import retaining, views

urlpatterns = [
    path("<int:pk>/consent/", views.consent, name="consent"),
    path("<int:pk>/everything/", views.everything, name="everything"),
    path("<int:pk>/everything.json", views.everything_json, name="everything-json"),
    path("<int:pk>/erase/", views.erase, name="erase"),
    path("privacy/", views.settings, name="privacy"),
    path("retention/", retaining.retention, name="retention"),
]

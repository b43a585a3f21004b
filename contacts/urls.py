"""Addresses of the contacts' pages, under /contacts/. A person's own page is `sms:contact`."""

from django.urls import include, path

from contacts.people import views

app_name = "contacts"
urlpatterns = [
    path("", views.contact_list, name="list"),
    path("new/", views.contact_new, name="new"),
    path("<int:pk>/edit/", views.contact_edit, name="edit"),
    path("<int:pk>/numbers/", views.number_add, name="number-add"),
    path("numbers/<int:pk>/primary/", views.number_primary, name="number-primary"),
    path("numbers/<int:pk>/remove/", views.number_remove, name="number-remove"),
    path("", include("contacts.imports.urls")),
    path("", include("contacts.exports.urls")),
    path("", include("contacts.segments.urls")),
    path("", include("contacts.lists.urls")),
    path("", include("contacts.follow_ups.urls")),
    path("", include("contacts.duplicates.urls")),
    path("", include("contacts.privacy.urls")),
    path("", include("contacts.tags.urls")),
    path("", include("contacts.custom_fields.urls")),
]

"""Addresses of the contacts' pages, under /contacts/. A person's own page is `sms:contact`."""

from django.urls import include, path

from contacts.people import belonging, bulk_views, editing, one_field, table_views, views

app_name = "contacts"
urlpatterns = [
    path("", views.contact_list, name="list"),
    path("count/", views.contact_count, name="count"),
    path("columns/", table_views.columns_change, name="columns"),
    path("views/new/", table_views.view_new, name="view-new"),
    path("views/<int:pk>/", table_views.view_edit, name="view-edit"),
    path("views/<int:pk>/change/", table_views.view_change, name="view-change"),
    path("views/<int:pk>/remove/", table_views.view_remove, name="view-remove"),
    path("change/", bulk_views.contacts_change, name="bulk"),
    path("new/", editing.contact_new, name="new"),
    path("new/alike/", editing.contact_alike, name="alike"),
    path("<int:pk>/fields/<str:key>/", one_field.contact_field, name="field"),
    path("<int:pk>/tags/", belonging.tag_form, name="tag-form"),
    path("<int:pk>/tags/add/", belonging.tag_add, name="tag-on"),
    path("<int:pk>/tags/<int:tag_id>/remove/", belonging.tag_remove, name="tag-off"),
    path("<int:pk>/lists/", belonging.lists_of, name="lists-of"),
    path("<int:pk>/lists/add/", belonging.list_add, name="list-on"),
    path("<int:pk>/lists/<int:list_id>/remove/", belonging.list_remove, name="list-off"),
    path("<int:pk>/edit/", editing.contact_edit, name="edit"),
    path("<int:pk>/numbers/", editing.number_add, name="number-add"),
    path("numbers/<int:pk>/primary/", editing.number_primary, name="number-primary"),
    path("numbers/<int:pk>/remove/", editing.number_remove, name="number-remove"),
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

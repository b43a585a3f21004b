"""Addresses, under /contacts/."""

from django.urls import URLPattern, path

from contacts.duplicates import views

urlpatterns: list[URLPattern] = [
    path("duplicates/", views.duplicates, name="duplicates"),
    path("duplicates/look-again/", views.look_again, name="duplicates-look-again"),
    path("duplicates/<int:pk>/dismiss/", views.duplicate_dismiss, name="duplicate-dismiss"),
    path("duplicates/<int:kept_id>/<int:gone_id>/", views.duplicate_compare, name="duplicate-compare"),
    path("duplicates/<int:kept_id>/<int:gone_id>/merge/", views.duplicate_merge, name="duplicate-merge"),
    path("<int:pk>/merge/", views.merge_with, name="merge-with"),
]

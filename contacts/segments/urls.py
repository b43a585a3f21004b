"""Addresses of segments, under /contacts/."""

from django.urls import path

from contacts.segments import builder, views

urlpatterns = [
    path("segments/", views.segments, name="segments"),
    path("segments/new/", builder.segment_new, name="segment-new"),
    path("segments/<int:pk>/", builder.segment_edit, name="segment-edit"),
    path("segments/<int:pk>/duplicate/", views.segment_duplicate, name="segment-duplicate"),
    path("segments/<int:pk>/delete/", views.segment_delete, name="segment-delete"),
    path("segments/<int:pk>/list/", views.segment_to_list, name="segment-to-list"),
]

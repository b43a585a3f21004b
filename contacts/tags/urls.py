"""Addresses of a team's tags. Those of one person are in contacts/urls.py."""

from django.urls import path

from contacts.tags import views

urlpatterns = [
    path("tags/", views.tags, name="tags"),
    path("tags/<int:pk>/", views.tag, name="tag"),
    path("tags/<int:pk>/delete/", views.tag_delete, name="tag-delete"),
]

"""Addresses of lists, under /contacts/."""

from django.urls import path

from contacts.lists import views

urlpatterns = [
    path("lists/", views.lists, name="lists"),
    path("lists/<int:pk>/", views.list_edit, name="list-edit"),
    path("lists/<int:pk>/delete/", views.list_delete, name="list-delete"),
]

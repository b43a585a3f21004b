"""Addresses of a team's own fields."""

from django.urls import path

from contacts.custom_fields import views

urlpatterns = [
    path("fields/", views.fields, name="fields"),
    path("fields/<int:pk>/", views.field, name="custom-field"),
    path("fields/<int:pk>/move/", views.field_move, name="custom-field-move"),
    path("fields/<int:pk>/delete/", views.field_delete, name="custom-field-delete"),
]

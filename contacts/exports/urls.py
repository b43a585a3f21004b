"""Addresses of exports, under /contacts/."""

from django.urls import path

from contacts.exports import views

urlpatterns = [
    path("exports/", views.exports, name="exports"),
    path("exports/new/", views.export_new, name="export-new"),
    path("exports/<int:pk>/file/", views.export_download, name="export-download"),
]

"""Addresses of what is owed to people."""

from django.urls import path

from contacts.follow_ups import views

urlpatterns = [
    path("follow-ups/", views.follow_ups, name="follow-ups"),
    path("follow-ups/<int:pk>/", views.edit, name="follow-up"),
    path("follow-ups/<int:pk>/done/", views.tick, name="follow-up-done"),
    path("follow-ups/<int:pk>/snooze/", views.snooze, name="follow-up-snooze"),
    path("follow-ups/<int:pk>/remove/", views.remove, name="follow-up-remove"),
    path("<int:pk>/follow-ups/", views.of_person, name="follow-ups-of"),
    path("<int:pk>/follow-ups/new/", views.add, name="follow-up-new"),
]

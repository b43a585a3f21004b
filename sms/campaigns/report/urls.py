"""Addresses of campaigns that were started, and of their list."""

from django.urls import path

from sms.campaigns.report import actions, recipients_views, views

urlpatterns = [
    path("campaigns/", views.campaigns, name="campaigns"),
    path("campaigns/compare/", views.campaigns_compare, name="campaigns-compare"),
    path("campaigns/<int:pk>/", views.campaign, name="campaign"),
    path("campaigns/<int:pk>/people/", recipients_views.campaign_people, name="campaign-people"),
    path("campaigns/<int:pk>/people/list/", recipients_views.campaign_to_list, name="campaign-to-list"),
    path("campaigns/<int:pk>/people/csv/", recipients_views.campaign_csv, name="campaign-csv"),
    path("campaigns/<int:pk>/pause/", actions.campaign_pause, name="campaign-pause"),
    path("campaigns/<int:pk>/resume/", actions.campaign_resume, name="campaign-resume"),
    path("campaigns/<int:pk>/cancel/", actions.campaign_cancel, name="campaign-cancel"),
    path("campaigns/<int:pk>/copy/", actions.campaign_clone, name="campaign-clone"),
    path("campaigns/<int:pk>/message/rest/", actions.campaign_edit, name="campaign-edit"),
]

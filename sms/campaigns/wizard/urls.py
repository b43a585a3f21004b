"""Addresses of a draft, below /campaigns/."""

from django.urls import path

from sms.campaigns.wizard import (
    audience_step,
    left_out,
    message_step,
    new,
    review_step,
    try_out_view,
    when_step,
)

urlpatterns = [
    path("campaigns/new/", new.campaign_new, name="campaign-new"),
    path("campaigns/<int:pk>/rename/", new.campaign_rename, name="campaign-rename"),
    path("campaigns/<int:pk>/discard/", new.campaign_discard, name="campaign-discard"),
    path("campaigns/<int:pk>/audience/", audience_step.audience, name="campaign-audience"),
    path("campaigns/<int:pk>/message/", message_step.message, name="campaign-message"),
    path("campaigns/<int:pk>/templates/", message_step.templates, name="campaign-templates"),
    path("campaigns/<int:pk>/test/", try_out_view.campaign_test, name="campaign-test"),
    path("campaigns/<int:pk>/when/", when_step.when, name="campaign-when"),
    path("campaigns/<int:pk>/review/", review_step.review, name="campaign-review"),
    path("campaigns/<int:pk>/start/", review_step.campaign_start, name="campaign-start"),
    path("campaigns/<int:pk>/left-out/", left_out.left_out, name="campaign-left-out"),
]

"""Addresses of the inbox, of the lines' settings and of the callbacks."""

from django.urls import path, re_path

from sms.address_book import views as address_book
from sms.callbacks.store import TOKEN_PATTERN
from sms.callbacks.views import callback
from sms.campaigns.report import urls as report
from sms.campaigns.rules.views import campaign_rules
from sms.campaigns.wizard import urls as wizard
from sms.conversations import actions, choosing
from sms.conversations import views as conversations
from sms.lines import views as lines
from sms.message_templates import views as templates
from sms.people import views as people

app_name = "sms"
urlpatterns = [
    re_path(rf"^cb/(?P<token>{TOKEN_PATTERN})/?$", callback, name="callback"),
    # The inbox.
    path("inbox/", conversations.inbox_page, name="inbox"),
    path("inbox/new/", actions.first, name="compose"),
    path("inbox/new/templates/", choosing.first_templates, name="compose-templates"),
    path("inbox/<int:contact_id>/", conversations.thread_page, name="thread"),
    path("inbox/<int:contact_id>/events/", conversations.thread_events, name="thread-events"),
    path("inbox/<int:contact_id>/templates/", choosing.thread_templates, name="thread-templates"),
    path("inbox/<int:contact_id>/send/", actions.send, name="send"),
    path("inbox/<int:contact_id>/note/", actions.note, name="note"),
    path("inbox/<int:contact_id>/assign/", actions.assign, name="assign"),
    path("inbox/messages/<int:message_id>/again/", actions.message_again, name="message-again"),
    path("inbox/messages/<int:message_id>/leave/", actions.message_leave, name="message-leave"),
    path("inbox/messages/<int:message_id>/cancel/", actions.message_cancel, name="message-cancel"),
    # A person's page; the list and the forms are in contacts.
    path("contacts/<int:pk>/", people.contact, name="contact"),
    path("contacts/<int:pk>/opt-out/", people.opt_out, name="contact-opt-out"),
    path("contacts/<int:pk>/opt-in/", people.opt_in, name="contact-opt-in"),
    # Campaigns.
    *report.urlpatterns,
    *wizard.urlpatterns,
    path("settings/campaigns/", campaign_rules, name="campaign-rules"),
    # Templates: read by everybody who writes.
    path("settings/templates/", templates.templates, name="templates"),
    path("settings/templates/new/", templates.template_new, name="template-new"),
    path("settings/templates/<int:pk>/", templates.template, name="template"),
    path("settings/templates/<int:pk>/delete/", templates.template_delete, name="template-delete"),
    # Lines, for admins.
    path("settings/lines/", lines.lines, name="lines"),
    path("settings/lines/connect/", lines.line_connect, name="line-connect"),
    path("settings/lines/<int:pk>/", lines.line, name="line"),
    path("settings/lines/<int:pk>/test/", lines.line_test, name="line-test"),
    path("settings/lines/<int:pk>/test/<int:message_id>/", lines.line_tested, name="line-tested"),
    path("settings/lines/<int:pk>/hold/", lines.line_hold, name="line-hold"),
    path("settings/lines/<int:pk>/resume/", lines.line_resume, name="line-resume"),
    path("settings/lines/<int:pk>/address-book/", address_book.line_address_book, name="line-address-book"),
    path("settings/lines/<int:pk>/new-address/", lines.line_new_address, name="line-new-address"),
]

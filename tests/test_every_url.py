"""Every address of the URLconf, asked for by a visitor, an outsider and each role. A new one must be entered here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from contacts.models import (
    ConsentChange,
    ContactList,
    ContactPhone,
    CustomField,
    DuplicatePair,
    Export,
    FollowUp,
    Import,
    ImportRow,
    Merge,
    SavedView,
    Segment,
    Suppression,
    Tag,
)
from sms.models import Callback, Campaign, Conversation, GatewayHost, Message, MessageTemplate, SendAttempt
from sms.sending.queue import Draft, enqueue
from teams import audit
from teams.access import Member
from teams.models import ApiToken, AuditEntry, Team
from tests.conftest import contact_of, make_line, make_member

pytestmark = pytest.mark.django_db

BACKEND = "teams.accounts.Backend"
# An outsider is an admin of another team; staff is an admin of this one who may open the administration.
ROLES = ("visitor", "outsider", "agent", "manager", "admin", "staff")

# Method, name: the status for each of ROLES. Objects of the team are 404 for an outsider; forms are posted empty.
PAGES: dict[tuple[str, str], str] = {
    ("GET", "start"): "302 302 302 302 302 302",
    ("GET", "healthz"): "200 200 200 200 200 200",
    ("GET", "readyz"): "200 200 200 200 200 200",
    ("GET", "styleguide"): "200 200 200 200 200 200",
    ("POST", "set_language"): "302 302 302 302 302 302",
    ("GET", "teams:events"): "401 200 200 200 200 200",
    ("GET", "sms:callback"): "200 200 200 200 200 200",
    # The inbox.
    ("GET", "sms:inbox"): "302 200 200 200 200 200",
    ("GET", "sms:compose"): "302 200 200 200 200 200",
    ("POST", "sms:compose"): "302 422 422 422 422 422",
    ("GET", "sms:compose-templates"): "302 200 200 200 200 200",
    ("GET", "sms:thread-templates"): "302 404 200 200 200 200",
    ("GET", "sms:thread"): "302 404 200 200 200 200",
    ("GET", "sms:thread-events"): "302 404 200 200 200 200",
    ("GET", "sms:send"): "405 405 405 405 405 405",
    ("POST", "sms:send"): "302 404 422 422 422 422",
    ("GET", "sms:note"): "405 405 405 405 405 405",
    ("POST", "sms:note"): "302 404 422 422 422 422",
    ("GET", "sms:assign"): "405 405 405 405 405 405",
    ("POST", "sms:assign"): "302 404 302 302 302 302",
    ("GET", "sms:message-again"): "405 405 405 405 405 405",
    ("POST", "sms:message-again"): "302 404 302 302 302 302",
    ("GET", "sms:message-leave"): "405 405 405 405 405 405",
    ("POST", "sms:message-leave"): "302 404 302 302 302 302",
    ("GET", "sms:message-cancel"): "405 405 405 405 405 405",
    ("POST", "sms:message-cancel"): "302 404 302 302 302 302",
    # People.
    ("GET", "contacts:list"): "302 200 200 200 200 200",
    ("GET", "contacts:count"): "302 302 302 302 302 302",
    ("GET", "contacts:bulk"): "405 405 405 405 405 405",
    ("POST", "contacts:bulk"): "302 302 302 302 302 302",  # nobody is selected
    ("GET", "contacts:columns"): "405 405 405 405 405 405",
    ("POST", "contacts:columns"): "302 302 302 302 302 302",
    # A saved view is its maker's alone, here the admin's.
    ("GET", "contacts:view-new"): "405 405 405 405 405 405",
    ("POST", "contacts:view-new"): "302 422 422 422 422 422",
    ("GET", "contacts:view-edit"): "302 404 404 404 200 404",
    ("POST", "contacts:view-edit"): "302 404 404 404 422 404",
    ("GET", "contacts:view-change"): "405 405 405 405 405 405",
    ("POST", "contacts:view-change"): "302 404 404 404 302 404",
    ("GET", "contacts:view-remove"): "405 405 405 405 405 405",
    ("POST", "contacts:view-remove"): "302 404 404 404 302 404",
    ("GET", "contacts:new"): "302 200 200 200 200 200",
    ("GET", "contacts:segments"): "302 200 200 200 200 200",
    ("GET", "contacts:segment-new"): "302 200 200 200 200 200",
    ("POST", "contacts:segment-new"): "302 200 200 200 200 200",
    ("GET", "contacts:segment-edit"): "302 404 200 200 200 200",
    ("POST", "contacts:segment-edit"): "302 404 200 200 200 200",
    ("GET", "contacts:segment-duplicate"): "405 405 405 405 405 405",
    ("POST", "contacts:segment-duplicate"): "302 404 302 302 302 302",
    ("GET", "contacts:segment-delete"): "302 404 200 200 200 200",
    ("POST", "contacts:segment-delete"): "302 404 302 404 404 404",  # deleted once
    ("GET", "contacts:segment-to-list"): "302 404 200 200 200 200",
    ("POST", "contacts:segment-to-list"): "302 404 422 422 422 422",
    ("GET", "contacts:lists"): "302 200 200 200 200 200",
    ("POST", "contacts:lists"): "302 422 422 422 422 422",
    ("GET", "contacts:list-edit"): "302 404 200 200 200 200",
    ("POST", "contacts:list-edit"): "302 404 422 422 422 422",
    ("GET", "contacts:list-delete"): "302 404 302 302 302 302",
    ("POST", "contacts:list-delete"): "302 404 302 404 404 404",  # deleted once
    ("POST", "contacts:new"): "302 422 422 422 422 422",
    ("GET", "sms:contact"): "302 404 200 200 200 200",
    ("GET", "sms:contact-opt-out"): "405 405 405 405 405 405",
    ("POST", "sms:contact-opt-out"): "302 404 422 422 422 422",
    ("GET", "sms:contact-opt-in"): "405 405 405 405 405 405",
    ("POST", "sms:contact-opt-in"): "302 404 422 422 422 422",
    ("GET", "contacts:edit"): "302 404 200 200 200 200",
    ("POST", "contacts:edit"): "302 404 302 302 302 302",
    ("GET", "contacts:number-add"): "405 405 405 405 405 405",
    ("POST", "contacts:number-add"): "302 404 422 422 422 422",
    ("GET", "contacts:number-primary"): "405 405 405 405 405 405",
    ("POST", "contacts:number-primary"): "302 404 302 302 302 302",
    ("GET", "contacts:number-remove"): "405 405 405 405 405 405",
    ("POST", "contacts:number-remove"): "302 404 302 404 404 404",  # removed once
    # What people allow, and their rights.
    ("GET", "contacts:consent"): "302 404 200 200 200 200",
    ("POST", "contacts:consent"): "302 404 404 404 404 404",  # without saying which form it is
    ("GET", "contacts:everything"): "302 404 403 403 200 200",
    ("GET", "contacts:everything-json"): "302 404 403 403 200 200",
    ("GET", "contacts:erase"): "302 404 403 403 200 200",
    ("POST", "contacts:erase"): "302 404 403 403 422 422",
    ("GET", "contacts:privacy"): "302 200 403 403 200 200",
    ("POST", "contacts:privacy"): "302 404 403 403 404 404",
    ("GET", "contacts:retention"): "302 200 403 403 200 200",
    ("POST", "contacts:retention"): "302 404 403 403 404 404",
    # Two who may be one, for managers.
    ("GET", "contacts:duplicates"): "302 200 403 200 200 200",
    ("GET", "contacts:duplicates-look-again"): "405 405 405 405 405 405",
    ("POST", "contacts:duplicates-look-again"): "302 302 403 302 302 302",
    ("GET", "contacts:duplicate-dismiss"): "405 405 405 405 405 405",
    ("POST", "contacts:duplicate-dismiss"): "302 404 403 302 302 302",
    ("GET", "contacts:duplicate-compare"): "302 404 403 200 200 200",
    ("GET", "contacts:duplicate-merge"): "405 405 405 405 405 405",
    ("POST", "contacts:duplicate-merge"): "302 404 403 302 302 302",
    ("GET", "contacts:merge-with"): "302 404 403 200 200 200",
    # What is known of people, and what is owed to them.
    ("GET", "contacts:alike"): "302 200 200 200 200 200",
    ("GET", "contacts:field"): "302 404 302 302 302 302",
    ("POST", "contacts:field"): "302 404 302 302 302 302",
    ("GET", "contacts:tag-form"): "302 404 302 302 302 302",
    ("GET", "contacts:tag-on"): "405 405 405 405 405 405",
    ("POST", "contacts:tag-on"): "302 404 302 302 302 302",
    ("GET", "contacts:tag-off"): "405 405 405 405 405 405",
    ("POST", "contacts:tag-off"): "302 404 302 302 302 302",
    ("GET", "contacts:lists-of"): "302 404 200 200 200 200",
    ("GET", "contacts:list-on"): "405 405 405 405 405 405",
    ("POST", "contacts:list-on"): "302 404 404 404 404 404",  # without saying which
    ("GET", "contacts:list-off"): "405 405 405 405 405 405",
    ("POST", "contacts:list-off"): "302 404 302 302 302 302",
    ("GET", "contacts:follow-ups"): "302 200 200 200 200 200",
    ("GET", "contacts:follow-ups-of"): "302 404 302 302 302 302",
    ("GET", "contacts:follow-up-new"): "302 404 200 200 200 200",
    ("POST", "contacts:follow-up-new"): "302 404 422 422 422 422",
    ("GET", "contacts:follow-up"): "302 404 200 200 200 200",
    ("POST", "contacts:follow-up"): "302 404 422 422 422 422",
    ("GET", "contacts:follow-up-done"): "405 405 405 405 405 405",
    ("POST", "contacts:follow-up-done"): "302 404 302 302 302 302",
    ("GET", "contacts:follow-up-snooze"): "405 405 405 405 405 405",
    ("POST", "contacts:follow-up-snooze"): "302 404 422 422 422 422",
    ("GET", "contacts:follow-up-remove"): "405 405 405 405 405 405",
    ("POST", "contacts:follow-up-remove"): "302 404 302 404 404 404",  # removed once
    # A team's tags and fields are its managers'.
    ("GET", "contacts:tags"): "302 200 403 200 200 200",
    ("POST", "contacts:tags"): "302 422 403 422 422 422",
    ("GET", "contacts:tag"): "302 404 403 200 200 200",
    ("POST", "contacts:tag"): "302 404 403 422 422 422",
    ("GET", "contacts:tag-delete"): "405 405 405 405 405 405",
    ("POST", "contacts:tag-delete"): "302 404 403 302 404 404",  # deleted once
    ("GET", "contacts:fields"): "302 200 403 200 200 200",
    ("POST", "contacts:fields"): "302 422 403 422 422 422",
    ("GET", "contacts:custom-field"): "302 404 403 200 200 200",
    ("POST", "contacts:custom-field"): "302 404 403 422 422 422",
    ("GET", "contacts:custom-field-move"): "405 405 405 405 405 405",
    ("POST", "contacts:custom-field-move"): "302 404 403 302 302 302",
    ("GET", "contacts:custom-field-delete"): "405 405 405 405 405 405",
    ("POST", "contacts:custom-field-delete"): "302 404 403 302 404 404",  # deleted once
    # Files of people in and out, for managers.
    ("GET", "contacts:imports"): "302 200 403 200 200 200",
    ("GET", "contacts:import-new"): "302 200 403 200 200 200",
    ("POST", "contacts:import-new"): "302 422 403 422 422 422",
    (
        "GET",
        "contacts:import-map",
    ): "302 404 403 302 302 302",  # it is finished: each step leads to the result
    ("POST", "contacts:import-map"): "302 404 403 302 302 302",
    ("GET", "contacts:import-read"): "405 405 405 405 405 405",
    ("POST", "contacts:import-read"): "302 404 403 302 302 302",
    ("GET", "contacts:import-check"): "302 404 403 302 302 302",
    ("POST", "contacts:import-check"): "302 404 403 302 302 302",
    ("GET", "contacts:import-choose"): "405 405 405 405 405 405",
    ("POST", "contacts:import-choose"): "302 404 403 302 302 302",
    ("GET", "contacts:import-use"): "405 405 405 405 405 405",
    ("POST", "contacts:import-use"): "302 404 403 302 302 302",
    ("GET", "contacts:import-run"): "302 404 403 302 302 302",
    ("GET", "contacts:import-cancel"): "405 405 405 405 405 405",
    ("POST", "contacts:import-cancel"): "302 404 403 302 302 302",
    ("GET", "contacts:import-result"): "302 404 403 200 200 200",
    ("GET", "contacts:import-rejects"): "302 404 403 200 200 200",
    ("GET", "contacts:import-revert"): "405 405 405 405 405 405",
    ("POST", "contacts:import-revert"): "302 404 403 302 302 302",
    ("GET", "contacts:exports"): "302 200 403 200 200 200",
    ("GET", "contacts:export-new"): "302 200 403 200 200 200",
    ("POST", "contacts:export-new"): "302 200 403 200 200 200",  # without saying which file: the form
    ("GET", "contacts:export-download"): "302 404 403 404 404 404",  # its file is gone
    # Templates: read by everybody who writes, changed by managers.
    ("GET", "sms:templates"): "302 200 200 200 200 200",
    ("GET", "sms:template-new"): "302 200 403 200 200 200",
    ("POST", "sms:template-new"): "302 422 403 422 422 422",
    ("GET", "sms:template"): "302 404 403 200 200 200",
    ("POST", "sms:template"): "302 404 403 422 422 422",
    ("GET", "sms:template-delete"): "405 405 405 405 405 405",
    ("POST", "sms:template-delete"): "302 404 403 302 404 404",  # the manager took it away
    # A campaign that is composed: managers' alone, another team's is not there.
    ("GET", "sms:campaign-new"): "302 200 403 200 200 200",
    ("POST", "sms:campaign-new"): "302 422 403 422 422 422",
    ("GET", "sms:campaign-audience"): "302 404 403 200 200 200",
    ("POST", "sms:campaign-audience"): "302 404 403 302 302 302",
    ("GET", "sms:campaign-left-out"): "302 404 403 200 200 200",
    ("GET", "sms:campaign-message"): "302 404 403 200 200 200",
    ("POST", "sms:campaign-message"): "302 404 403 302 302 302",
    ("GET", "sms:campaign-templates"): "302 404 403 200 200 200",
    ("GET", "sms:campaign-test"): "302 404 403 302 302 302",
    ("POST", "sms:campaign-test"): "302 404 403 422 422 422",
    ("GET", "sms:campaign-when"): "302 404 403 200 200 200",
    ("POST", "sms:campaign-when"): "302 404 403 422 422 422",
    ("GET", "sms:campaign-review"): "302 404 403 200 200 200",
    ("GET", "sms:campaign-start"): "302 404 403 302 302 302",
    ("POST", "sms:campaign-start"): "302 404 403 200 200 200",  # it says what is missing
    ("GET", "sms:campaign-rename"): "302 404 403 302 302 302",
    ("POST", "sms:campaign-rename"): "302 404 403 422 422 422",
    ("GET", "sms:campaign-discard"): "405 405 405 405 405 405",
    ("POST", "sms:campaign-discard"): "302 404 403 302 404 404",  # the manager took it away
    # One that was started, here a paused one.
    ("GET", "sms:campaigns"): "302 200 403 200 200 200",
    ("GET", "sms:campaigns-compare"): "302 422 403 422 422 422",  # none is named
    ("GET", "sms:campaign"): "302 404 403 200 200 200",
    ("GET", "sms:campaign-people"): "302 404 403 200 200 200",
    ("GET", "sms:campaign-csv"): "302 404 403 200 200 200",
    ("GET", "sms:campaign-to-list"): "302 404 403 200 200 200",
    ("POST", "sms:campaign-to-list"): "302 404 403 422 422 422",
    ("GET", "sms:campaign-edit"): "302 404 403 200 200 200",
    ("POST", "sms:campaign-edit"): "302 404 403 422 422 422",
    ("GET", "sms:campaign-cancel"): "302 404 403 200 200 200",
    ("POST", "sms:campaign-cancel"): "302 404 403 302 302 302",
    ("GET", "sms:campaign-pause"): "405 405 405 405 405 405",
    ("POST", "sms:campaign-pause"): "302 404 403 302 302 302",
    ("GET", "sms:campaign-resume"): "405 405 405 405 405 405",
    ("POST", "sms:campaign-resume"): "302 404 403 302 302 302",
    ("GET", "sms:campaign-clone"): "405 405 405 405 405 405",
    ("POST", "sms:campaign-clone"): "302 404 403 302 302 302",
    # What a team fixes for its campaigns, for managers.
    ("GET", "sms:campaign-rules"): "302 200 403 200 200 200",
    ("POST", "sms:campaign-rules"): "302 422 403 422 422 422",
    # Lines are an admin's.
    ("GET", "sms:lines"): "302 200 403 403 200 200",
    ("GET", "sms:line-connect"): "302 200 403 403 200 200",
    ("POST", "sms:line-connect"): "302 422 403 403 422 422",
    ("GET", "sms:line"): "302 404 403 403 200 200",
    ("POST", "sms:line"): "302 404 403 403 422 422",
    ("GET", "sms:line-test"): "302 404 403 403 200 200",
    ("POST", "sms:line-test"): "302 404 403 403 422 422",
    ("GET", "sms:line-tested"): "302 404 403 403 200 200",
    ("GET", "sms:line-hold"): "405 405 405 405 405 405",
    ("POST", "sms:line-hold"): "302 404 403 403 302 302",
    ("GET", "sms:line-resume"): "405 405 405 405 405 405",
    ("POST", "sms:line-resume"): "302 404 403 403 302 302",
    ("GET", "sms:line-address-book"): "302 404 403 403 302 302",
    ("POST", "sms:line-address-book"): "302 404 403 403 302 302",
    ("GET", "sms:line-new-address"): "302 404 403 403 200 200",
    ("POST", "sms:line-new-address"): "302 404 403 403 302 302",
    # Accounts: who is signed in has no business at the sign-in page.
    ("GET", "account_login"): "200 302 302 302 302 302",
    ("GET", "account_logout"): "302 200 200 200 200 200",
    ("GET", "account_signup"): "200 302 302 302 302 302",
    ("GET", "account_inactive"): "200 200 200 200 200 200",
    ("GET", "account_reauthenticate"): "302 200 200 200 200 200",
    ("GET", "account_email"): "302 200 200 200 200 200",
    ("GET", "account_email_verification_sent"): "200 200 200 200 200 200",
    ("GET", "account_confirm_email"): "200 200 200 200 200 200",
    ("GET", "account_confirm_login_code"): "302 302 302 302 302 302",
    ("GET", "account_change_password"): "302 200 200 200 200 200",
    ("GET", "account_set_password"): "302 302 302 302 302 302",
    ("GET", "account_reset_password"): "200 200 200 200 200 200",
    ("GET", "account_reset_password_done"): "200 200 200 200 200 200",
    ("GET", "account_reset_password_from_key"): "200 200 200 200 200 200",
    ("GET", "account_reset_password_from_key_done"): "200 200 200 200 200 200",
}

# The API, with the person's token.
API: dict[tuple[str, str], str] = {
    ("GET", "api:openapi-json"): "200 200 200 200 200 200",
    ("GET", "api:openapi-view"): "200 200 200 200 200 200",
    ("GET", "api:api-root"): "404 404 404 404 404 404",
    ("GET", "api-unknown"): "404 404 404 404 404 404",
    ("POST", "api:create_messages"): "401 422 422 422 422 422",
    ("GET", "api:list_messages"): "401 200 200 200 200 200",
    ("GET", "api:get_message"): "401 404 200 200 200 200",
    ("POST", "api:cancel"): "401 404 409 409 409 409",  # it failed already
    ("GET", "api:list_campaigns"): "401 200 403 200 200 200",
    ("POST", "api:create_campaign"): "401 422 403 422 422 422",
    ("GET", "api:get_campaign"): "401 404 403 200 200 200",
    ("PATCH", "api:change_campaign"): "401 404 403 200 200 200",
    ("GET", "api:list_recipients"): "401 404 403 200 200 200",
    ("POST", "api:start_campaign"): "401 404 403 422 422 422",
    ("POST", "api:pause_campaign"): "401 404 403 409 409 409",  # a draft
    ("POST", "api:resume_campaign"): "401 404 403 409 409 409",
    ("POST", "api:cancel_campaign"): "401 404 403 409 409 409",
    ("DELETE", "api:delete_campaign"): "401 404 403 204 404 404",  # the manager took it away
    ("GET", "api:list_contacts"): "401 200 200 200 200 200",
    ("GET", "api:get_contact"): "401 404 200 200 200 200",
    ("GET", "api:contact_timeline"): "401 404 200 200 200 200",
    ("POST", "api:create_contacts"): "401 422 422 422 422 422",
    ("PUT", "api:upsert_contact"): "401 422 422 422 422 422",
    ("PATCH", "api:change_contact"): "401 404 200 200 200 200",
    ("POST", "api:note_consent"): "401 422 422 422 422 422",
    ("GET", "api:list_tags"): "401 200 200 200 200 200",
    ("POST", "api:create_tag"): "401 422 422 422 422 422",
    ("GET", "api:get_tag"): "401 404 200 200 200 200",
    ("PATCH", "api:rename_tag"): "401 404 403 422 422 422",
    ("DELETE", "api:delete_tag"): "401 404 403 204 404 404",  # the manager took it away
    ("GET", "api:list_lists"): "401 200 200 200 200 200",
    ("POST", "api:create_list"): "401 422 422 422 422 422",
    ("GET", "api:get_list"): "401 404 200 200 200 200",
    ("PATCH", "api:rename_list"): "401 404 422 422 422 422",
    ("GET", "api:list_members"): "401 404 200 200 200 200",
    ("POST", "api:change_members"): "401 404 200 200 200 200",
    ("DELETE", "api:delete_list"): "401 404 204 404 404 404",
    ("GET", "api:list_segments"): "401 200 200 200 200 200",
    ("POST", "api:create_segment"): "401 422 422 422 422 422",
    ("POST", "api:preview_segment"): "401 422 422 422 422 422",
    ("GET", "api:get_segment"): "401 404 200 200 200 200",
    ("PATCH", "api:change_segment"): "401 404 200 200 200 200",
    ("GET", "api:segment_contacts"): "401 404 200 200 200 200",
    ("DELETE", "api:delete_segment"): "401 404 204 404 404 404",
    ("GET", "api:list_follow_ups"): "401 200 200 200 200 200",
    ("POST", "api:create_follow_up"): "401 422 422 422 422 422",
    ("GET", "api:get_follow_up"): "401 404 200 200 200 200",
    ("PATCH", "api:change_follow_up"): "401 404 200 200 200 200",
    ("DELETE", "api:delete_follow_up"): "401 404 204 404 404 404",
    ("GET", "api:list_lines"): "401 200 200 200 200 200",
    ("GET", "api:get_line"): "401 404 200 200 200 200",
    ("PATCH", "api:change_line"): "401 404 403 403 200 200",
    ("GET", "api:list_callbacks"): "401 200 403 403 200 200",
    ("GET", "api:get_callback"): "401 404 403 403 200 200",
    ("POST", "api:replay"): "401 404 403 403 200 409",  # replayed by the admin a moment before
}

# The administration: staff alone. By the end of the name; which models take what stands below.
ADMIN: dict[str, str] = {
    "admin:index": "302 302 302 302 302 200",
    "admin:search": "302 302 302 302 302 200",
    "admin:app_list": "302 302 302 302 302 200",
    "admin:login": "302 403 403 403 403 302",
    "admin:logout": "302 302 302 302 302 405",
    "admin:password_change": "302 302 302 302 302 200",
    "admin:password_change_done": "302 302 302 302 302 200",
    "admin:autocomplete": "302 302 302 302 302 403",  # asked without its field
    "admin:jsi18n": "302 302 302 302 302 200",
    "admin:view_on_site": "302 302 302 302 302 404",
    "admin:auth_user_password_change": "302 302 302 302 302 200",
    "changelist": "302 302 302 302 302 200",
    "add": "302 302 302 302 302 403",
    "history": "302 302 302 302 302 200",
    "delete": "302 302 302 302 302 403",
    "change": "302 302 302 302 302 200",
}
ALLOWED = {
    "admin:contacts_import_add",
    "admin:teams_user_add",
    "admin:teams_team_add",
    "admin:sms_gatewayhost_delete",
}
# Redirects of the admin to its own pages, without a name to ask by.
NAMELESS = {"admin:None"}


@dataclass
class World:
    """One object of everything that an address can name."""

    arguments: dict[str, dict[str, Any]]
    clients: dict[str, Client]
    tokens: dict[str, str]

    def ask(self, role: str, method: str, name: str) -> int:
        if not name.startswith("api"):
            return (
                self.clients[role]
                .generic(method, reverse(name, kwargs=self.arguments.get(name, {})))
                .status_code
            )
        address = (
            "/api/nowhere" if name == "api-unknown" else reverse(name, kwargs=self.arguments.get(name, {}))
        )
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role in self.tokens else {}
        # Without the session: the token alone says who asks.
        return Client().generic(method, address, "{}", "application/json", headers=headers).status_code


def _arguments(team: Team, admin: Member) -> dict[str, dict[str, Any]]:
    line = make_line(team)
    contact = contact_of(team, "+33639984217")
    message = enqueue(team, [Draft(line=line, number="+33639984217", text="Bonjour")], by=admin.user)[0]
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED)
    phone = ContactPhone.objects.create(team=team, contact_id=contact, number="+33639984218")
    callback = Callback.objects.create(
        team=team, line=line, query=b"x", state=Callback.State.QUARANTINED, received_at=timezone.now()
    )
    view = SavedView.objects.create(team=team, user=admin.user, name="Mine")
    template = MessageTemplate.objects.create(team=team, name="Of the admin", text="Bonjour")
    change = _consent_change(team, contact)
    twin = contact_of(team, "0639984217")
    pair = DuplicatePair.objects.create(team=team, first_id=contact, second_id=twin, why="number")
    audit.record(team, "line.held", line, actor=admin.user)
    pages: dict[str, dict[str, Any]] = {
        "contact": {"pk": contact}, "contact-opt-out": {"pk": contact}, "contact-opt-in": {"pk": contact},
        **{name: {"contact_id": contact} for name in ("thread", "thread-events", "send", "note", "assign")},
        "thread-templates": {"contact_id": contact},
        **{name: {"pk": template.pk} for name in ("template", "template-delete")},
        **{f"message-{name}": {"message_id": message.pk} for name in ("again", "leave", "cancel")},
        **{f"line{name}": {"pk": line.pk} for name in ("", "-test", "-hold", "-resume", "-new-address")},
        "line-address-book": {"pk": line.pk},
        "line-tested": {"pk": line.pk, "message_id": message.pk},
        "callback": {"token": line.callback_token},
    }  # fmt: skip
    import_ = Import.objects.create(
        team=team, name="salon.csv", state=Import.State.FINISHED, header=["Tel"], mapping=["phone"]
    )
    row = ImportRow.objects.create(run=import_, line=2, problem="no_phone", outcome="invalid")
    export = Export.objects.create(
        team=team, format="csv", columns=["phone"], language="en", state="finished"
    )
    rows = {
        "teams_user": admin.user.pk, "teams_team": team.pk, "teams_auditentry": _newest(AuditEntry),
        "teams_apitoken": _newest(ApiToken), "sms_line": line.pk, "sms_message": message.pk,
        "sms_callback": callback.pk,
        "sms_campaign": Campaign.objects.create(team=team, name="Of the admin").pk,
        "sms_messagetemplate": MessageTemplate.objects.create(team=team, name="Kept", text="Bonjour").pk,
        "sms_gatewayhost": GatewayHost.objects.create(host="gateway.example").pk,
        "sms_sendattempt": SendAttempt.objects.create(line=line, messages_count=1, duration_ms=5).pk,
        "contacts_contact": contact, "contacts_consentchange": change,
        "contacts_import": import_.pk, "contacts_importrow": row.pk, "contacts_export": export.pk,
        "contacts_tag": Tag.objects.create(team=team, name="Of the admin").pk,
        "contacts_customfield": CustomField.objects.create(team=team, key="of_admin", label="Of the admin").pk,
        "contacts_contactlist": ContactList.objects.create(team=team, name="Of the admin").pk,
        "contacts_segment": Segment.objects.create(team=team, name="Of the admin", definition={}).pk,
        "contacts_followup": FollowUp.objects.create(
            team=team, contact_id=contact, text="Rappeler", due_at=timezone.now()
        ).pk,
        "contacts_merge": Merge.objects.create(
            team=team, kept_id=contact, gone_id=2**40, gone={}, happened_at=timezone.now()
        ).pk,
        "contacts_suppression": Suppression.objects.create(
            team=team, digest=b"x" * 32, reason="erased", since=timezone.now()
        ).pk,
    }  # fmt: skip
    steps = ("map", "read", "check", "choose", "use", "run", "cancel", "result", "rejects", "revert")
    verbs = ("history", "delete", "change")
    assert Conversation.objects.filter(contact=contact).exists()
    return {
        **{f"sms:{name}": given for name, given in pages.items()},
        **{f"admin:{row}_{verb}": {"object_id": pk} for row, pk in rows.items() for verb in verbs},
        **{f"contacts:import-{name}": {"pk": import_.pk} for name in steps},
        "contacts:export-download": {"pk": export.pk},
        **{f"contacts:view-{name}": {"pk": view.pk} for name in ("edit", "change", "remove")},
        "contacts:edit": {"pk": contact},
        **{
            f"contacts:{name}": {"pk": contact}
            for name in ("consent", "everything", "everything-json", "erase")
        },
        **_of_people(team, contact),
        **{
            f"contacts:segment-{name}": {"pk": rows["contacts_segment"]}
            for name in ("edit", "duplicate", "delete", "to-list")
        },
        **{f"contacts:list-{name}": {"pk": rows["contacts_contactlist"]} for name in ("edit", "delete")},
        "contacts:duplicate-dismiss": {"pk": pair.pk},
        "contacts:duplicate-compare": {"kept_id": contact, "gone_id": twin},
        "contacts:duplicate-merge": {"kept_id": contact, "gone_id": twin},
        "contacts:merge-with": {"pk": contact},
        "contacts:number-add": {"pk": contact},
        "contacts:number-primary": {"pk": phone.pk},
        "contacts:number-remove": {"pk": phone.pk},
        "admin:app_list": {"app_label": "sms"},
        "admin:auth_user_password_change": {"id": admin.user.pk},
        "admin:view_on_site": {"content_type_id": "0", "object_id": "0"},
        "account_confirm_email": {"key": "none"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
        "api:get_message": {"message_id": message.pk},
        "api:cancel": {"message_id": message.pk},
        "api:get_contact": {"contact_id": contact},
        "api:contact_timeline": {"contact_id": contact},
        **{f"api:{name}": {"contact_id": contact} for name in ("change_contact", "note_consent")},
        **_of_lists(team, contact),
        **_of_campaigns(team),
        "api:get_line": {"line_id": line.pk},
        "api:change_line": {"line_id": line.pk},
        "api:get_callback": {"callback_id": callback.pk},
        "api:replay": {"callback_id": callback.pk},
    }


def _of_people(team: Team, contact: int) -> dict[str, dict[str, Any]]:
    """What is known of a person and owed to them."""
    tag = Tag.objects.create(team=team, name="Of the pages")
    of_list = ContactList.objects.create(team=team, name="Of the pages")
    own = CustomField.objects.create(team=team, key="town", label="Town")
    due = FollowUp.objects.create(team=team, contact_id=contact, text="Rappeler", due_at=timezone.now())
    ofs = ("tag-form", "tag-on", "lists-of", "list-on", "follow-ups-of", "follow-up-new")
    return {
        "contacts:field": {"pk": contact, "key": "company"},
        "contacts:tag-off": {"pk": contact, "tag_id": tag.pk},
        "contacts:list-off": {"pk": contact, "list_id": of_list.pk},
        **{f"contacts:{name}": {"pk": contact} for name in ofs},
        **{f"contacts:follow-up{name}": {"pk": due.pk} for name in ("", "-done", "-snooze", "-remove")},
        **{f"contacts:tag{name}": {"pk": tag.pk} for name in ("", "-delete")},
        **{f"contacts:custom-field{name}": {"pk": own.pk} for name in ("", "-move", "-delete")},
    }


def _of_lists(team: Team, contact: int) -> dict[str, dict[str, Any]]:
    """What the API names: a tag, a list, a segment, a follow-up."""
    tag = Tag.objects.create(team=team, name="Of the API")
    of_list = ContactList.objects.create(team=team, name="Of the API")
    segment = Segment.objects.create(team=team, name="Of the API", definition={"conditions": []})
    due = FollowUp.objects.create(team=team, contact_id=contact, text="Rappeler", due_at=timezone.now())
    one = ("get", "delete")
    return {
        **{f"api:{verb}_tag": {"tag_id": tag.pk} for verb in (*one, "rename")},
        **{f"api:{verb}_list": {"list_id": of_list.pk} for verb in (*one, "rename")},
        **{f"api:{verb}_members": {"list_id": of_list.pk} for verb in ("list", "change")},
        **{f"api:{verb}_segment": {"segment_id": segment.pk} for verb in (*one, "change")},
        "api:segment_contacts": {"segment_id": segment.pk},
        **{f"api:{verb}_follow_up": {"follow_up_id": due.pk} for verb in (*one, "change")},
    }


def _of_campaigns(team: Team) -> dict[str, dict[str, Any]]:
    """A draft for the API, another for the wizard, and one that was started."""
    draft = Campaign.objects.create(team=team, name="Of the API")
    verbs = ("get", "change", "delete", "start", "pause", "resume", "cancel")
    names = (*(f"{verb}_campaign" for verb in verbs), "list_recipients")
    composed = Campaign.objects.create(team=team, name="Of the wizard")
    pages = (
        "audience",
        "message",
        "when",
        "review",
        "left-out",
        "templates",
        "test",
        "start",
        "rename",
        "discard",
    )
    begun = Campaign.objects.create(
        team=team, name="Of the report", state="paused", started_at=timezone.now()
    )
    of_report = ("", "-people", "-csv", "-to-list", "-edit", "-cancel", "-pause", "-resume", "-clone")
    return {
        **{f"sms:campaign{name}": {"pk": begun.pk} for name in of_report},
        **{f"api:{name}": {"campaign_id": draft.pk} for name in names},
        **{f"sms:campaign-{name}": {"pk": composed.pk} for name in pages},
    }


def _newest(model: Any) -> int:
    return int(model.objects.latest("pk").pk)


def _consent_change(team: Team, contact: int) -> int:
    return ConsentChange.objects.create(
        team=team, contact_id=contact, kind="opt_in", source="rep", happened_at=timezone.now()
    ).pk


@pytest.fixture
def world(
    team: Team,
    admin: Member,
    manager: Member,
    agent: Member,
    outsider: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    staff = make_member(team, "staff@brehat.example", "admin", "Sam Staff")
    staff.user.is_staff = staff.user.is_superuser = True
    staff.user.save()
    members = {"outsider": outsider, "agent": agent, "manager": manager, "admin": admin, "staff": staff}
    clients, tokens = {"visitor": Client()}, {}
    for role, member in members.items():
        clients[role] = Client()
        clients[role].force_login(member.user, backend=BACKEND)
        tokens[role] = ApiToken.issue(team=member.team, user=member.user, name=role)[1]
    # The stream gives its connection back; here it is the one that holds the test's transaction.
    monkeypatch.setattr("teams.views.connections.close_all", lambda: None)
    monkeypatch.setattr("crm.health._broker", lambda: "ok")
    return World(_arguments(team, admin), clients, tokens)


def _names(patterns: Any, space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"
        else:
            yield from _names(
                pattern.url_patterns, space + (f"{pattern.namespace}:" if pattern.namespace else "")
            )


EVERY = sorted(set(_names(get_resolver().url_patterns)) - NAMELESS)


def _expected(name: str) -> dict[str, list[int]]:
    """Statuses by method of one address."""
    table = {method: statuses for (method, entry), statuses in (PAGES | API).items() if entry == name}
    if name.startswith("admin:"):
        statuses = ADMIN.get(name) or ADMIN.get(name.rpartition("_")[2])
        if statuses:
            table["GET"] = statuses[:-3] + "200" if name in ALLOWED else statuses
    return {method: [int(each) for each in statuses.split()] for method, statuses in table.items()}


def test_every_address_is_entered_here() -> None:
    assert [name for name in EVERY if not _expected(name)] == []
    assert sorted({name for _, name in PAGES | API} - set(EVERY)) == [], "no such address any more"


def _walk(world: World, method: str, name: str) -> str:
    """What is not as expected, in words; "" when all is."""
    expected = dict(zip(ROLES, _expected(name)[method], strict=True))
    got = {role: world.ask(role, method, name) for role in ROLES}
    return "" if got == expected else f"{method} {name}: {got}, not {expected}"


def test_looking_at_each_address_as_each_role(world: World) -> None:
    looked = [_walk(world, "GET", name) for name in EVERY if "GET" in _expected(name)]
    assert [wrong for wrong in looked if wrong] == []


@pytest.mark.parametrize(
    ("method", "name"), [(method, name) for name in EVERY for method in _expected(name) if method != "GET"]
)
def test_changing_something_as_each_role(world: World, method: str, name: str) -> None:
    assert _walk(world, method, name) == ""


def test_staff_alone_reach_pages_with_a_looser_policy(world: World) -> None:
    policies = {
        address: world.clients["staff"].get(address).headers["Content-Security-Policy"]
        for address in (reverse("admin:index"), reverse("contacts:list"))
    }
    assert "'unsafe-eval'" in policies[reverse("admin:index")]
    assert "unsafe" not in policies[reverse("contacts:list")]
    for role in ("visitor", "admin"):
        answer = world.clients[role].get(reverse("admin:index"))
        assert "unsafe" not in answer.headers["Content-Security-Policy"]

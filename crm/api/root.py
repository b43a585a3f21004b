"""The API itself: its operations, its answers to errors, its description."""

from ninja import NinjaAPI

from crm.api import (
    callbacks,
    campaign_recipients,
    campaigns,
    consent,
    contacts,
    errors,
    follow_ups,
    lines,
    lists,
    messages,
    segments,
    tags,
)
from crm.api.reference import Reference
from crm.api.tokens import Bearer

DESCRIPTION = """\
Programs speak for a person of a team: `Authorization: Bearer lgn_…`, with that person's rights there.

Lists are `{items, next_cursor}`: give `next_cursor` as `cursor` for the next page, until it is null. Whatever
goes wrong is answered with `{"error": {"code", "message", "fields"}}`. Times are UTC. There is no rate limit.
"""

api = NinjaAPI(
    title="Ligne",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=Bearer(),
    docs=Reference(),
)
errors.install(api)
for module in (
    messages,
    campaigns,
    campaign_recipients,
    contacts,
    consent,
    tags,
    lists,
    segments,
    follow_ups,
    lines,
    callbacks,
):
    api.add_router("/v1", module.router)

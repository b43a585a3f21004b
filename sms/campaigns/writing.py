"""Puts a text into a campaign: with what a commercial one has to say, and with the fields that everybody needs."""

from sms import merge_fields, tracked_link
from sms.campaigns.mention import with_mention
from sms.models import Campaign

# Keys that name something of the person; the others say the same to everybody.
_AROUND = ("sender.", "line.", "team.")
# The gateway's usual word for the place of the link.
_MARKER = "[Lien_Tracking]"


def set_message(campaign: Campaign, text: str, url: str) -> None:
    """Changes the columns, not the database. Raises merge_fields.Wrong for a text that can't be filled in."""
    text = tracked_link.with_place(text.strip(), url, _MARKER)
    if text and campaign.kind == Campaign.Kind.COMMERCIAL:
        text = with_mention(text, campaign.team)
    compiled = merge_fields.checked(text, campaign.team)
    campaign.text, campaign.url = text, url
    campaign.required_fields = [key for key in compiled.required if not key.startswith(_AROUND)]


MESSAGE = ("text", "url", "required_fields")

"""With whom something happened since an import made them: those stay when it is taken back."""

from collections.abc import Collection

from contacts.imports import revert
from sms.models import Call, Click, Conversation, Message, Note, Qualification


def follow_reverts() -> None:
    revert.register(touched)


def touched(contact_ids: Collection[int]) -> set[int]:
    """Those of these people who have anything on their timeline, or a conversation. One look-up a kind."""
    found: set[int] = set()
    for model in (Message, Call, Click, Qualification, Note, Conversation):
        left = set(contact_ids) - found
        happened = model._default_manager.filter(contact__in=left)
        found |= set(happened.order_by().values_list("contact_id", flat=True).distinct())
    return found

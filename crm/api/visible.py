"""What a caller may see of the team's: the rule is the inbox's (sms.models.Conversation.visible_to)."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from contacts.models import Contact
from sms.models import Conversation, Message
from teams.access import Member


def messages(member: Member) -> QuerySet[Message]:
    found = Message.objects.for_team(member.team)
    if member.sees_only_own:
        found = found.filter(contact__conversation__in=Conversation.objects.visible_to(member))
    return found


def contacts(member: Member) -> QuerySet[Contact]:
    """People whose story the member may read; somebody without a conversation is everybody's."""
    found = Contact.objects.for_team(member.team)
    if member.sees_only_own:
        seen = Conversation.objects.visible_to(member)
        found = found.filter(Q(conversation=None) | Q(conversation__in=seen))
    return found


def hidden(member: Member, contact_ids: Collection[int]) -> set[int]:
    """Those of `contact_ids` whose conversation the member may not see, hence not write to."""
    if not member.sees_only_own or not contact_ids:
        return set()
    seen = Conversation.objects.visible_to(member)
    others = Conversation.objects.for_team(member.team).filter(pk__in=contact_ids).exclude(pk__in=seen)
    return set(others.values_list("pk", flat=True))

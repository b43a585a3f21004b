"""Phone numbers as people write them."""

from django import template
from django.template import Context

from contacts import phones

register = template.Library()


@register.simple_tag(takes_context=True)
def phone(context: Context, number: str) -> str:
    """A number as people of the reader's team write it; a raw sender id as it is."""
    member = context.get("member")
    return phones.display(number, member.team.region if member else "FR")

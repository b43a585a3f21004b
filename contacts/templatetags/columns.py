"""Values of custom fields in the contact list."""

from django import template

from contacts.models import Contact
from contacts.people.columns import Column

register = template.Library()


@register.simple_tag
def custom_value(column: Column, contact: Contact) -> str:
    return column.shown(contact)

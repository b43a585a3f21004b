"""Adds, removes and chooses the numbers of a person. A number belongs to one person of a team."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from contacts import phones
from contacts.models import Contact, ContactPhone
from contacts.privacy import opting


class NumberTaken(Exception):
    """Somebody of the team has this number: added a moment ago, since forms look before."""


class LastTrace(Exception):
    """A person without a name would be nobody without their last number."""


def add(contact: Contact, number: str) -> ContactPhone:
    """Gives the person an E.164 number; their first one is the primary. Raises NumberTaken."""
    try:
        with transaction.atomic():
            locked = _lock(contact)
            phone = ContactPhone.objects.create(
                team_id=contact.team_id,
                contact=contact,
                number=number,
                textable=phones.E164.fullmatch(number) is not None,
                is_primary=not any(each.is_primary for each in locked),
            )
            # A number that must not be texted opts its new holder out; one of an opted-out person joins the list.
            opting.brought([contact.pk])
            return phone
    except IntegrityError as error:
        raise NumberTaken from error


def make_primary(phone: ContactPhone) -> None:
    with transaction.atomic():
        _lock(phone.contact)
        ContactPhone.objects.filter(contact_id=phone.contact_id, is_primary=True).update(is_primary=False)
        ContactPhone.objects.filter(pk=phone.pk).update(is_primary=True)


def remove(phone: ContactPhone) -> None:
    """Takes a number away; another becomes the primary one. Raises LastTrace."""
    with transaction.atomic():
        numbers = _lock(phone.contact)
        rest = [each for each in numbers if each.pk != phone.pk]
        if not rest and not phone.contact.name:
            raise LastTrace
        ContactPhone.objects.filter(pk=phone.pk).delete()
        opting.left([(phone.contact_id, phone.number)])
        if rest and not any(each.is_primary for each in rest):
            heir = min(rest, key=lambda each: (not each.textable, each.pk))
            ContactPhone.objects.filter(pk=heir.pk).update(is_primary=True)


def _lock(contact: Contact) -> list[ContactPhone]:
    """The person's numbers as they are, while nobody else changes them. The change is written down on them."""
    Contact.objects.select_for_update().only("pk").get(pk=contact.pk)
    Contact.objects.filter(pk=contact.pk).update(updated_at=timezone.now())
    return list(ContactPhone.objects.filter(contact_id=contact.pk))

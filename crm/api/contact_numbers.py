"""The numbers of people: which stay, come and go, and which one is texted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contacts import phones
from contacts.models import Contact, ContactPhone
from contacts.privacy import opting


@dataclass(frozen=True)
class Given:
    """A number that was asked for: its place among those asked, and whether it is said to be the primary one."""

    place: int
    primary: bool = False


@dataclass(frozen=True)
class Numbers:
    """What becomes of one person's numbers. `final` in order, `primary` one of them ("" for nobody's)."""

    held: Sequence[ContactPhone]
    final: Sequence[str]
    primary: str

    @classmethod
    def of(cls, held: Sequence[ContactPhone], given: Mapping[str, Given], *, replace: bool) -> "Numbers":
        """`given`: numbers in their order.

        With `replace` no others stay, and the first is the primary one unless another is said to be.
        """
        had = [phone.number for phone in held]
        final = list(given) if replace else list(dict.fromkeys([*had, *given]))
        said = [number for number, each in given.items() if each.primary]
        stands = [phone.number for phone in held if phone.is_primary and not replace]
        primary = next(iter([*said, *stands, *final]), "")
        return cls(held, final, primary)

    @property
    def added(self) -> list[str]:
        had = {phone.number for phone in self.held}
        return [number for number in self.final if number not in had]

    @property
    def removed(self) -> list[ContactPhone]:
        return [phone for phone in self.held if phone.number not in self.final]

    @property
    def was_primary(self) -> str:
        return next((phone.number for phone in self.held if phone.is_primary), "")

    @property
    def changes(self) -> bool:
        return bool(self.added or self.removed) or self.primary != self.was_primary


def write_numbers(people: Iterable[tuple[Contact, Numbers]]) -> list[int]:
    """Stores them, in four statements at most. Ids of those who were given a number.

    Raises IntegrityError where somebody else got one of the numbers a moment ago.
    """
    changed = [(contact, numbers) for contact, numbers in people if numbers.changes]
    gone = [phone for _, numbers in changed for phone in numbers.removed]
    if gone:
        ContactPhone.objects.filter(pk__in=[phone.pk for phone in gone]).delete()
        opting.left([(phone.contact_id, phone.number) for phone in gone])
    # The old primary steps down before the new one is there: an index sees to it that there is one at most.
    demoted, raised = [], []
    for _, numbers in changed:
        for phone in numbers.held:
            if phone.is_primary and phone.number != numbers.primary:
                demoted.append(phone.pk)
            elif not phone.is_primary and phone.number == numbers.primary:
                raised.append(phone.pk)
    if demoted:
        ContactPhone.objects.filter(pk__in=demoted).update(is_primary=False)
    made = [
        ContactPhone(
            team_id=contact.team_id,
            contact=contact,
            number=number,
            textable=phones.E164.fullmatch(number) is not None,
            is_primary=number == numbers.primary,
        )
        for contact, numbers in changed
        for number in numbers.added
    ]
    # In one order everywhere, so that two who add the same numbers wait for each other and never lock.
    ContactPhone.objects.bulk_create(sorted(made, key=lambda phone: phone.number))
    if raised:
        ContactPhone.objects.filter(pk__in=raised).update(is_primary=True)
    return sorted({phone.contact_id for phone in made})

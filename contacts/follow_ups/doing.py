"""What happens to a follow-up: added, done, opened again, put off. Each change is told to the team's browsers."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts.models import Contact, FollowUp
from teams import live
from teams.access import Member
from teams.models import Team, User


def visible_to(member: Member) -> QuerySet[FollowUp]:
    """The team's follow-ups; of an agent who sees only their own, theirs, those of nobody and those they added."""
    found = FollowUp.objects.for_team(member.team)
    if not member.sees_only_own:
        return found
    return found.filter(owner=member.user) | found.filter(owner=None) | found.filter(created_by=member.user)


def add(
    contact: Contact, text: str, due_at: datetime, owner: User | None = None, by: User | None = None
) -> FollowUp:
    """Something to do for `contact` at `due_at`. `owner` None: nobody's yet."""
    with transaction.atomic():
        made = FollowUp.objects.create(
            team_id=contact.team_id, contact=contact, text=text, due_at=due_at, owner=owner, created_by=by
        )
        _touch(contact.pk)
        live.announce([contact.team_id])
    return made


def done(follow_up: FollowUp, by: User | None) -> bool:
    """False when somebody was quicker."""
    return _change(follow_up, is_open=True, done_at=timezone.now(), done_by=by)


def reopen(follow_up: FollowUp) -> bool:
    return _change(follow_up, is_open=False, done_at=None, done_by=None)


def snooze(follow_up: FollowUp, until: datetime, by: User | None) -> bool:
    """Due at `until` instead; of nobody's it becomes that of `by`. False for one that is done."""
    whose: dict[str, Any] = {} if follow_up.owner_id or by is None else {"owner": by}
    return _change(follow_up, is_open=True, due_at=until, **whose)


def edit(follow_up: FollowUp, *, text: str, due_at: datetime, owner: User | None) -> bool:
    return _change(follow_up, is_open=True, text=text, due_at=due_at, owner=owner)


def remove(follow_up: FollowUp) -> bool:
    with transaction.atomic():
        gone, _per_model = FollowUp.objects.filter(pk=follow_up.pk).delete()
        if gone:
            live.announce([follow_up.team_id])
    return bool(gone)


def overdue_count(team: Team, user: User, most: int) -> int:
    """How many of somebody's are overdue, at most `most`. One scan of an index."""
    late = FollowUp.objects.for_team(team).filter(owner=user, done_at=None, due_at__lt=timezone.now())
    return late.order_by()[:most].count()


def _change(follow_up: FollowUp, *, is_open: bool, **values: Any) -> bool:
    """One conditional UPDATE; the object shows what was written."""
    with transaction.atomic():
        changed = FollowUp.objects.filter(pk=follow_up.pk, done_at__isnull=is_open).update(
            **values, updated_at=timezone.now()
        )
        if changed:
            live.announce([follow_up.team_id])
    if changed:
        for name, value in values.items():
            setattr(follow_up, name, value)
    return bool(changed)


def _touch(contact_id: int) -> None:
    """Whoever is owed something is not taken away with the import that brought them."""
    Contact.objects.filter(pk=contact_id).update(updated_at=timezone.now())

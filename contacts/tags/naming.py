"""A team's tags as a whole: how many people have each, new names, and the end of one."""

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from contacts.models import Contact, Tag
from contacts.segments import references
from contacts.tags import tagging
from teams import audit, live
from teams.models import Team, User


def counted(team: Team) -> QuerySet[Tag]:
    """The team's tags by name, with `people`: how many have each. One grouped statement."""
    return Tag.objects.for_team(team).annotate(people=Count("contacts")).order_by("name", "pk")


def rename(tag: Tag, name: str, by: User) -> Tag:
    """The tag under its new name; where another is called so already, its people are that one's now.

    Raises ValueError for a name of which nothing is left.
    """
    plain = tagging.clean(name)
    if not plain:
        raise ValueError(name)
    with transaction.atomic():
        Tag.objects.select_for_update().get(pk=tag.pk)
        other = tagging.named(tag.team, [plain], create=False).get(plain)
        if other is None or other.pk == tag.pk:
            audit.record(tag.team, "tag.renamed", tag, actor=by, was=tag.name, name=plain)
            Tag.objects.filter(pk=tag.pk).update(name=plain)
            tag.name = plain
            kept = tag
        else:
            audit.record(tag.team, "tag.merged", other, actor=by, was=tag.name, name=other.name)
            tagging.put([other], Contact.objects.for_team(tag.team).filter(tags=tag))
            references.replace(tag.team, "tag", tag.pk, other.pk)
            Tag.objects.filter(pk=tag.pk).delete()
            kept = other
        live.announce([tag.team_id])
    return kept


def delete(tag: Tag, by: User) -> int:
    """Takes the tag off everybody and ends it. How many people had it."""
    with transaction.atomic():
        people = tagging.take([tag], Contact.objects.for_team(tag.team))
        audit.record(tag.team, "tag.deleted", tag, actor=by, name=tag.name, people=people)
        # Without the ORM's collector: nothing of it is left on anybody.
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM contacts_tag WHERE id = %s", [tag.pk])
        live.announce([tag.team_id])
    return people

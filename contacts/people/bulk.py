"""One change to many people: a few statements for any number of them."""

from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.lists import members
from contacts.models import ContactList
from contacts.models.contact import ContactQuerySet
from contacts.people.choice import Choice
from contacts.people.crowds import expect_many
from contacts.tags import tagging
from teams import audit, live
from teams.access import Member
from teams.models import User

ACTIONS = ("tag", "untag", "assign", "enlist", "unlist")
NOBODY = "0"
# So many people are found by their keys, one by one.
FEW = 100

# In the order of their ids, so that two who change the same crowd wait for each other and never lock.
_ASSIGN = """
WITH locked AS (
    SELECT id FROM contacts_contact
    WHERE id IN ({people}) AND owner_id IS DISTINCT FROM %s ORDER BY id FOR UPDATE
)
UPDATE contacts_contact c SET owner_id = %s, updated_at = now() FROM locked WHERE c.id = locked.id
"""


class BulkForm(forms.Form):
    """What to do, and with what. Without `do` it is what a field was filled for."""

    do = forms.ChoiceField(choices=[(each, each) for each in ACTIONS])
    put_tag = forms.CharField(label=gettext_lazy("Tag"), required=False, max_length=300)
    to_owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    to_list = forms.ModelChoiceField(
        ContactList.objects.none(),
        label=gettext_lazy("List"),
        required=False,
        empty_label=gettext_lazy("A new list"),
    )
    new_list = forms.CharField(label=gettext_lazy("Name of a new list"), required=False, max_length=80)

    def __init__(self, data: Any, *, member: Member) -> None:
        given = data.copy()
        if not given.get("do"):
            filled = [
                ("put_tag", "tag"),
                ("new_list", "enlist"),
                ("to_list", "enlist"),
                ("to_owner", "assign"),
            ]
            given["do"] = next((action for name, action in filled if given.get(name)), "")
        super().__init__(given)
        self.member = member
        lists: Any = self.fields["to_list"]
        lists.queryset = ContactList.objects.for_team(member.team)
        owner: Any = self.fields["to_owner"]
        colleagues = User.objects.filter(memberships__team=member.team, is_active=True)
        named = [(str(each.pk), str(each)) for each in colleagues.order_by("full_name", "email")]
        owner.choices = [("", _("Choose")), (NOBODY, _("Nobody")), *named]

    @property
    def action(self) -> str:
        """One of ACTIONS; "" when nothing that can be done was asked."""
        asked = str(self.data.get("do", ""))
        return asked if asked in ACTIONS else ""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        action = self.action
        if action in ("tag", "untag") and "put_tag" in given:
            self._need_tags(given)
        elif action == "assign" and not given.get("to_owner") and "to_owner" not in self.errors:
            self.add_error("to_owner", _("Choose an owner, or nobody."))
        elif action == "unlist" and not given.get("to_list"):
            self.add_error("to_list", _("Choose a list."))
        elif action == "enlist" and not given.get("to_list") and not given.get("new_list"):
            self.add_error("new_list", _("Choose a list, or give the new one a name."))
        return given

    def _need_tags(self, given: dict[str, Any]) -> None:
        given["tags"] = tagging.split(given["put_tag"])
        if not given["tags"]:
            self.add_error("put_tag", _("Write the name of a tag."))
        elif self.action == "untag" and not tagging.named(self.member.team, given["tags"], create=False):
            self.add_error("put_tag", _("There is no such tag."))


def act(member: Member, choice: Choice, form: BulkForm) -> str:
    """Does what `form`, which is valid, asks, and says what happened, with numbers."""
    people = choice.found(member.team)
    given = form.cleaned_data
    with transaction.atomic():
        if choice.ids is None or len(choice.ids) > FEW:
            expect_many()
        match form.action:
            case "tag" | "untag":
                changed, said, detail = _tag(member, people, given["tags"], form.action == "tag")
            case "assign":
                changed, said, detail = _assign(member, people, given["to_owner"])
            case _:
                changed, said, detail = _list(member, people, given, form.action == "enlist")
        if changed:
            detail |= {"people": changed, "query": choice.query()[:1000]}
            audit.record(member.team, f"contacts.{form.action}", member.team, actor=member.user, **detail)
            live.announce([member.team.pk])
    return said


Done = tuple[int, str, dict[str, Any]]


def _tag(member: Member, people: ContactQuerySet, names: list[str], on: bool) -> Done:
    tags = list({tag.pk: tag for tag in tagging.named(member.team, names, create=on).values()}.values())
    changed = (tagging.put if on else tagging.take)(tags, people)
    named = ", ".join(tag.name for tag in tags)
    told = {"number": changed, "tags": named}
    if on:
        said = ngettext(
            "%(number)s person tagged “%(tags)s”.", "%(number)s people tagged “%(tags)s”.", changed
        )
        none = _("All of them had the tag “%(tags)s” already.")
    else:
        said = ngettext(
            "“%(tags)s” taken off %(number)s person.", "“%(tags)s” taken off %(number)s people.", changed
        )
        none = _("None of them had the tag “%(tags)s”.")
    return changed, (said if changed else none) % _readable(told), {"tags": [tag.name for tag in tags]}


def _assign(member: Member, people: ContactQuerySet, owner: str) -> Done:
    to = None if owner == NOBODY else User.objects.get(pk=owner, memberships__team=member.team)
    changed = _give(people, to.pk if to else None)
    told = {"number": changed, "owner": str(to) if to else _("nobody")}
    said = ngettext("%(number)s person given to %(owner)s.", "%(number)s people given to %(owner)s.", changed)
    none = _("All of them are %(owner)s's already.") if to else _("None of them has an owner.")
    return changed, (said if changed else none) % _readable(told), {"owner": str(to) if to else ""}


def _give(people: ContactQuerySet, owner: int | None) -> int:
    try:
        statement, values = people.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGN.format(people=statement), [*values, owner, owner])
        return int(cursor.rowcount)


def _list(member: Member, people: ContactQuerySet, given: dict[str, Any], on: bool) -> Done:
    to = given["to_list"] or _list_named(member, given["new_list"])
    changed = (members.add if on else members.remove)(to, people)
    told = {"number": changed, "list": to.name}
    if on:
        said = ngettext(
            "%(number)s person added to “%(list)s”.", "%(number)s people added to “%(list)s”.", changed
        )
        none = _("All of them are on “%(list)s” already.")
    else:
        said = ngettext(
            "%(number)s person taken off “%(list)s”.", "%(number)s people taken off “%(list)s”.", changed
        )
        none = _("None of them is on “%(list)s”.")
    return changed, (said if changed else none) % _readable(told), {"list": to.name}


def _list_named(member: Member, name: str) -> ContactList:
    """The team's list of this name: a second press of the button finds what the first one made."""
    name = " ".join(name.split())
    found = ContactList.objects.for_team(member.team).filter(name__iexact=name).first()
    if found is not None:
        return found
    made = ContactList(team=member.team, name=name, created_by=member.user)
    ContactList.objects.bulk_create([made], ignore_conflicts=True)
    return ContactList.objects.for_team(member.team).get(name__iexact=name)


def _readable(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"number": intcomma(told["number"])}

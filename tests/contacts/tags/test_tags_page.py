"""A team's tags as a whole, and those of one person."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import Contact, Tag
from contacts.tags import tagging
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.contacts.people.conftest import make_contact, sign_in

pytestmark = pytest.mark.django_db
TAGS = reverse("contacts:tags")
HTMX = {"HX-Request": "true"}


def tagged(team: Team, contact: Contact, *names: str) -> list[Tag]:
    tags = list(tagging.named(team, names).values())
    tagging.put(tags, Contact.objects.filter(pk=contact.pk))
    return tags


def names_of(contact: Contact) -> list[str]:
    return sorted(contact.tags.values_list("name", flat=True))


def test_says_how_many_people_have_each(manager: Member, team: Team) -> None:
    for number in range(3):
        tagged(team, make_contact(team, first_name=f"P{number}"), "salon")
    page = sign_in(manager).get(TAGS).content.decode()
    assert "salon" in page
    assert '<td class="n num">3</td>' in page


def test_as_many_statements_for_one_tag_as_for_many(manager: Member, team: Team) -> None:
    client = sign_in(manager)

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(TAGS)
        return len(caught)

    tagging.named(team, ["un"])
    client.get(TAGS)
    few = statements()
    tagging.named(team, [f"tag {number}" for number in range(40)])
    assert statements() == few <= 8


@pytest.mark.parametrize("method", ["get", "post"])
def test_agents_do_not_manage_tags(agent: Member, team: Team, method: str) -> None:
    tag = tagging.named(team, ["a"])["a"]
    client = sign_in(agent)
    for name, args in (("tags", []), ("tag", [tag.pk])):
        assert getattr(client, method)(reverse(f"contacts:{name}", args=args)).status_code == 403
    assert client.post(reverse("contacts:tag-delete", args=[tag.pk])).status_code == 403


def test_another_teams_tag_is_not_there(outsider: Member, team: Team) -> None:
    tag = tagging.named(team, ["a"])["a"]
    client = sign_in(outsider)
    assert client.post(reverse("contacts:tag", args=[tag.pk]), {"name": "b"}).status_code == 404
    assert client.post(reverse("contacts:tag-delete", args=[tag.pk])).status_code == 404
    assert Tag.objects.get().name == "a"


def test_a_new_name_is_kept_with_who_gave_it(manager: Member, team: Team) -> None:
    tag = tagging.named(team, ["salon"])["salon"]
    sign_in(manager).post(reverse("contacts:tag", args=[tag.pk]), {"name": " Salon  Rennes "})
    assert Tag.objects.get().name == "Salon Rennes"
    entry = AuditEntry.objects.get(action="tag.renamed")
    assert (entry.actor, entry.detail["was"]) == (manager.user, "salon")


def test_accents_of_a_name_can_be_put_right(manager: Member, team: Team) -> None:
    tag = tagging.named(team, ["renovation"])["renovation"]
    sign_in(manager).post(reverse("contacts:tag", args=[tag.pk]), {"name": "Rénovation"})
    assert Tag.objects.get().name == "Rénovation"


def test_the_name_of_another_makes_the_two_one(manager: Member, team: Team) -> None:
    first, second = make_contact(team, first_name="A"), make_contact(team, first_name="B")
    tagged(team, first, "salon")
    tagged(team, second, "salon", "foire")
    fair = Tag.objects.get(name="foire")
    sign_in(manager).post(reverse("contacts:tag", args=[fair.pk]), {"name": "SALON"})
    assert [tag.name for tag in Tag.objects.all()] == ["salon"]
    assert names_of(first) == names_of(second) == ["salon"]


@pytest.mark.parametrize("name", ["", "  ", ",", "x" * 61])
def test_a_name_that_is_none_is_refused_beside_its_field(manager: Member, team: Team, name: str) -> None:
    tag = tagging.named(team, ["a"])["a"]
    answer = sign_in(manager).post(reverse("contacts:tag", args=[tag.pk]), {"name": name})
    assert answer.status_code == 422
    assert 'class="wrong"' in answer.content.decode()


def test_deleting_takes_it_off_everybody(manager: Member, team: Team) -> None:
    person = make_contact(team, first_name="A")
    (tag, _kept) = tagged(team, person, "a", "b")
    answer = sign_in(manager).post(reverse("contacts:tag-delete", args=[tag.pk]), follow=True)
    assert "taken off one person" in answer.content.decode()
    assert names_of(person) == ["b"]
    assert AuditEntry.objects.get(action="tag.deleted").detail["people"] == 1


def test_anybody_puts_tags_on_a_person_and_makes_new_ones(
    agent: Member, team: Team, camille: Contact
) -> None:
    answer = sign_in(agent).post(
        reverse("contacts:tag-on", args=[camille.pk]), {"names": "salon, Aides 2026"}, headers=HTMX
    )
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert names_of(camille) == ["Aides 2026", "salon"]


def test_a_tag_is_taken_off_one_person_alone(agent: Member, team: Team, camille: Contact) -> None:
    other = make_contact(team, first_name="Autre")
    (tag,) = tagged(team, camille, "salon")
    tagged(team, other, "salon")
    sign_in(agent).post(reverse("contacts:tag-off", args=[camille.pk, tag.pk]))
    assert (names_of(camille), names_of(other)) == ([], ["salon"])


@pytest.mark.parametrize("name", ["tag-on", "tag-off"])
def test_an_outsider_touches_nobodys_tags(outsider: Member, team: Team, camille: Contact, name: str) -> None:
    (tag,) = tagged(team, camille, "salon")
    args = [camille.pk] if name == "tag-on" else [camille.pk, tag.pk]
    assert sign_in(outsider).post(reverse(f"contacts:{name}", args=args), {"names": "x"}).status_code == 404
    assert names_of(camille) == ["salon"]


def test_another_teams_tag_is_put_on_nobody(agent: Member, other_team: Team, camille: Contact) -> None:
    tag = tagging.named(other_team, ["x"])["x"]
    address = reverse("contacts:tag-off", args=[camille.pk, tag.pk])
    assert sign_in(agent).post(address).status_code == 404


def test_names_are_only_text(manager: Member, team: Team, camille: Contact) -> None:
    tagged(team, camille, "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>')
    client = sign_in(manager)
    for address in (
        TAGS,
        reverse("sms:contact", args=[camille.pk]),
        reverse("contacts:tag", args=[Tag.objects.all()[0].pk]),
    ):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page

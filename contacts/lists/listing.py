"""The lists of a team, with how many people are on each."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import IntegerField
from django.db.models.expressions import RawSQL
from django.db.models.query import QuerySet

from contacts.models import ContactList
from teams.models import Team

# People are counted up to here, from the index alone; one more means "10,000+".
COUNTED = 10_000

_PEOPLE = """(
    SELECT count(*) FROM (
        SELECT 1 FROM contacts_listmember m WHERE m.list_id = contacts_contactlist.id LIMIT %s
    ) AS few
)"""


def counted(team: Team) -> QuerySet[ContactList]:
    """By name, with `people`: COUNTED + 1 for more than COUNTED. One statement."""
    people = RawSQL(_PEOPLE, [COUNTED + 1], output_field=IntegerField())  # noqa: S611 - our own words
    return ContactList.objects.for_team(team).select_related("created_by").annotate(people=people)


def written(people: int) -> str:
    return f"{intcomma(COUNTED)}+" if people > COUNTED else str(intcomma(people))

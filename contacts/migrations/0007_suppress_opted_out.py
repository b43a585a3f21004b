"""The numbers of everybody who opted out before there was a suppression list."""

from django.db import migrations

from contacts.privacy import suppression

STEP = 5000


def suppress(apps, schema_editor):
    phones = apps.get_model("contacts", "ContactPhone")
    held = phones.objects.filter(contact__opted_out_at__isnull=False).order_by("pk")
    after = 0
    while rows := list(
        held.filter(pk__gt=after).values_list("pk", "team_id", "number", "contact__opted_out_at")[:STEP]
    ):
        suppression.put([row[1:] for row in rows], "opted_out")
        after = rows[-1][0]


class Migration(migrations.Migration):
    dependencies = [("contacts", "0006_retention")]
    operations = [migrations.RunPython(suppress, migrations.RunPython.noop)]

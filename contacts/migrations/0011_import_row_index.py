import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0010_contact_walks")]

    operations = [
        migrations.RemoveIndex(model_name="importrow", name="import_row_number"),
        migrations.AlterField(
            model_name="importrow",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="staged",
                to="contacts.import",
            ),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                condition=models.Q(("number", ""), _negated=True),
                fields=["number", "run", "line"],
                name="import_row_by_number",
            ),
        ),
    ]

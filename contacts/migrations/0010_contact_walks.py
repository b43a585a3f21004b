import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0009_follow_ups_done"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["team", "id"], name="contact_team_id"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["team", "updated_at", "id"], name="contact_updated"),
        ),
        migrations.AlterField(
            model_name="contact",
            name="team",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="teams.team",
                verbose_name="team",
            ),
        ),
    ]

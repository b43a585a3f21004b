"""Indexes for segments: who was texted and who wrote in the last days, and who ever wrote."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sms", "0003_address_book")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["happened_at"], name="message_when", pages_per_range=64
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("direction", "in")),
                fields=["contact", "-happened_at"],
                name="message_from_them",
            ),
        ),
    ]

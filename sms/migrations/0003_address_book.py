import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_people_known"),
        ("sms", "0002_callback_about"),
        ("teams", "0003_stored_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="AddressBook",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="address_book",
                        serialize=False,
                        to="sms.line",
                    ),
                ),
                ("stopped", models.CharField(blank=True, max_length=40)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("not_before", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("batch_limit", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("again_at", models.DateTimeField(null=True)),
                ("pushed_at", models.DateTimeField(null=True)),
                ("complete_at", models.DateTimeField(null=True)),
                ("worker", models.CharField(blank=True, max_length=80)),
                ("lease_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="line",
            name="contact_path",
            field=models.CharField(
                default="/api/contact", max_length=100, verbose_name="path for the address book"
            ),
        ),
        migrations.AddField(
            model_name="line",
            name="push_contacts",
            field=models.BooleanField(default=False, verbose_name="fill the phone's address book"),
        ),
        migrations.CreateModel(
            name="AddressBookEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=200)),
                ("digest", models.UUIDField()),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("made", "in the phone"),
                            ("warned", "in the phone, with a remark"),
                            ("refused", "refused"),
                        ],
                        max_length=7,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("pushed_at", models.DateTimeField()),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contacts.contact"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="address_book_entries",
                        to="sms.line",
                    ),
                ),
                ("team", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="teams.team")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("result__in", ["refused", "warned"])),
                        fields=["line", "id"],
                        name="address_book_remarks",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("line", "number"), name="address_book_number")
                ],
            },
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0007_suppress_opted_out")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="has_header",
            field=models.BooleanField(default=True, verbose_name="first row names the columns"),
        ),
        migrations.AddField(
            model_name="import",
            name="step_at",
            field=models.DateTimeField(null=True),
        ),
    ]

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("teams", "0001_initial")]
    operations = [
        # Numbers the notifications of teams/live.py.
        migrations.RunSQL("CREATE SEQUENCE teams_live_sequence", "DROP SEQUENCE teams_live_sequence"),
    ]

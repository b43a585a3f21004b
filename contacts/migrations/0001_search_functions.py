from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

# `unaccent(text)` looks its dictionary up along the search path and is therefore not immutable; with the
# dictionary named it always gives the same answer, and may stand in an index and a generated column.
CREATE = """
CREATE FUNCTION ligne_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT public.unaccent('public.unaccent'::regdictionary, $1) $$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(CREATE, "DROP FUNCTION ligne_unaccent(text)"),
    ]

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Coalesce, Collate, Concat, Lower, NullIf, Reverse, Trim

import contacts.models.unaccent


def _sorted_as(text):
    plain = NullIf(Trim(contacts.models.unaccent.Unaccent(Lower(text))), models.Value(""))
    return Collate(Coalesce(plain, models.Value("\U0010fffd"), output_field=models.TextField()), "C")


NAME = Concat(
    "last_name",
    models.Value(" "),
    "first_name",
    models.Value(" "),
    "company",
    output_field=models.TextField(),
)

# `<%` goes by a threshold of the session; a function keeps its own, in whatever pool the connection stands. Two letters
# that changed places leave a name of eight letters 0.38 alike; the default of 0.6 would not find it. Where somebody is
# much more alike than that, the others are left out.
NEAR = """
CREATE FUNCTION ligne_near(team bigint, words text, most int) RETURNS TABLE (id bigint)
LANGUAGE sql STABLE PARALLEL SAFE SET pg_trgm.word_similarity_threshold = 0.36
AS $$
    WITH alike AS (
        SELECT c.id, public.word_similarity(public.ligne_unaccent(lower($2)), c.search_text) AS likeness
        FROM public.contacts_contact c
        WHERE c.team_id = $1 AND public.ligne_unaccent(lower($2)) OPERATOR(public.<%) c.search_text
        ORDER BY likeness DESC, c.id LIMIT $3
    )
    SELECT alike.id FROM alike WHERE likeness >= 0.8 * (SELECT max(likeness) FROM alike) ORDER BY likeness DESC, alike.id
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_people_known"),
    ]
    operations = [
        migrations.RemoveIndex(model_name="contact", name="contact_team_sort"),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(models.F("team"), _sorted_as(NAME), models.F("id"), name="contact_team_sort"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.F("team"), _sorted_as("company"), models.F("id"), name="contact_company_sort"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.F("team"), _sorted_as("email"), models.F("id"), name="contact_email_sort"
            ),
        ),
        migrations.AddIndex(
            model_name="contactphone",
            index=models.Index(
                models.F("team"), OpClass(Reverse("number"), name="text_pattern_ops"), name="phone_ending"
            ),
        ),
        migrations.RunSQL(NEAR, "DROP FUNCTION ligne_near(bigint, text, int)"),
    ]

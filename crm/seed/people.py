"""The statements that make people: with numbers, tags, lists, custom values and consents.

`%(name)s` are values. Everything random is drawn once a row, in a subquery that is not folded. The first surnames are
the most frequent: about one person in 250 has the very first.
"""

# The numbers. The 10,000 mobiles that the French numbering plan keeps for fiction come first: +33 6 39 98 and
# four digits. The others have four digits more than any French number: no exchange completes them, and one that
# drops what is too much arrives in the range for fiction again. They are marked as not textable besides.
# Those that somebody of the team has already are passed over.
PERSON = """
CREATE TEMP TABLE seed_person ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY place) AS n, nextval('contacts_contact_id_seq') AS id, number FROM (
    SELECT place, number FROM (
        SELECT place, CASE WHEN place <= 10000 THEN '+3363998' || lpad((place - 1)::text, 4, '0')
                      ELSE '+3363998' || lpad((place * 48271 %% 100000000)::text, 8, '0') END AS number
        FROM generate_series(1, %(contacts)s + (
            SELECT count(*) FROM contacts_contactphone WHERE team_id = %(team)s AND number LIKE '+3363998%%')) AS place
    ) AS every
    WHERE NOT EXISTS (
        SELECT FROM contacts_contactphone known WHERE known.team_id = %(team)s AND known.number = every.number)
    ORDER BY place LIMIT %(contacts)s
) AS free
"""
# 48271 and 10^8 have no divisor in common: up to here no number comes twice.
MOST = 99_000_000

PEOPLE = """
INSERT INTO contacts_contact (id, team_id, first_name, last_name, company, email, address, language, custom,
    consent, consent_at, opted_out_at, do_not_call_at, owner_id, created_at, updated_at)
SELECT id, %(team)s, first_name, last_name, company,
    CASE WHEN has_email < 0.7 AND last_name <> '' THEN
        lower(regexp_replace(ligne_unaccent(first_name || '.' || last_name), '[^A-Za-z.]', '', 'g'))
        || n || '@exemple.example' ELSE '' END,
    CASE WHEN has_email < 0.4 THEN (1 + n %% 180) || ' rue des Embruns, ' || place ELSE '' END,
    CASE WHEN lang < 0.9 THEN 'fr' WHEN lang < 0.95 THEN 'en' ELSE '' END,
    jsonb_strip_nulls(jsonb_build_object(
        'town', CASE WHEN c1 < 0.8 THEN place END,
        'surface', CASE WHEN c1 < 0.5 THEN 30 + n %% 220 END,
        'heating', CASE WHEN c2 < 0.5 THEN (ARRAY['gaz', 'fioul', 'électrique', 'bois'])[1 + n %% 4] END,
        'last_visit', CASE WHEN c2 < 0.25 THEN to_char(now() - age * 0.4, 'YYYY-MM-DD') END,
        'owner_occupied', CASE WHEN c1 < 0.3 THEN c2 < 0.6 END)),
    CASE WHEN given < 0.35 THEN 'opted_in' WHEN given < 0.55 THEN 'customer' WHEN given < 0.65 THEN 'professional'
         WHEN given < 0.68 THEN 'withdrawn' ELSE '' END,
    CASE WHEN given < 0.68 THEN now() - age * 0.9 END,
    CASE WHEN refused < 0.02 THEN now() - age * 0.3 END,
    CASE WHEN refused > 0.99 THEN now() - age * 0.2 END,
    CASE WHEN owned < 0.75 THEN (%(owners)s::bigint[])[1 + floor(c2 * cardinality(%(owners)s::bigint[]))::int] END,
    now() - age, now() - age * 0.5
FROM (
    SELECT p.id, p.n,
        CASE WHEN named < 0.94 THEN (%(first)s::text[])[1 + floor(random() * cardinality(%(first)s::text[]))::int]
             ELSE '' END AS first_name,
        CASE WHEN named < 0.90
             THEN (%(last)s::text[])[1 + floor(power(random(), 1.3) * cardinality(%(last)s::text[]))::int]
             ELSE '' END AS last_name,
        CASE WHEN named > 0.55 AND named < 0.97
             THEN (%(trade)s::text[])[1 + floor(random() * cardinality(%(trade)s::text[]))::int] || ' de '
                  || (%(place)s::text[])[1 + floor(random() * cardinality(%(place)s::text[]))::int]
             ELSE '' END AS company,
        (%(place)s::text[])[1 + floor(random() * cardinality(%(place)s::text[]))::int] AS place,
        random() AS has_email, random() AS lang, random() AS given, random() AS refused, random() AS owned,
        random() AS c1, random() AS c2, interval '1 day' * (1 + 1400 * random()) AS age
    FROM (SELECT *, random() AS named FROM seed_person OFFSET 0) p
    OFFSET 0
) AS drawn;

INSERT INTO contacts_contactphone (team_id, contact_id, number, textable, is_primary, created_at)
SELECT %(team)s, id, number, length(number) = 12, true, now() FROM seed_person;

INSERT INTO contacts_contacttag (tag_id, contact_id, created_at)
SELECT t.id, p.id, now() - interval '1 day' * (p.n %% 600)
FROM unnest(%(tags)s::bigint[]) WITH ORDINALITY AS t(id, place)
JOIN seed_person p ON (p.n * 2654435761 + t.place * 40503) %% 1000 < 380 / (t.place + 1)
ON CONFLICT DO NOTHING;

INSERT INTO contacts_listmember (list_id, contact_id, added_at)
SELECT l.id, p.id, now() - interval '1 day' * (p.n %% 300)
FROM unnest(%(lists)s::bigint[]) WITH ORDINALITY AS l(id, place)
JOIN seed_person p ON (p.n * 2246822519 + l.place * 7919) %% 1000 < 160 / l.place
ON CONFLICT DO NOTHING;

INSERT INTO contacts_consentchange (team_id, contact_id, kind, basis, source, wording, proof, happened_at, received_at)
SELECT c.team_id, c.id, CASE c.consent WHEN 'withdrawn' THEN 'withdrawn' ELSE 'granted' END,
    CASE c.consent WHEN 'withdrawn' THEN '' ELSE c.consent END, 'Salon de Rennes',
    'J''accepte de recevoir des offres par SMS.', 'bulletin ' || c.id, c.consent_at, c.consent_at
FROM contacts_contact c JOIN seed_person p ON p.id = c.id WHERE c.consent <> ''
UNION ALL
SELECT c.team_id, c.id, 'opt_out', '', 'sms', 'STOP', '', c.opted_out_at, c.opted_out_at
FROM contacts_contact c JOIN seed_person p ON p.id = c.id WHERE c.opted_out_at IS NOT NULL
UNION ALL
SELECT c.team_id, c.id, 'do_not_call', '', 'rep', '', '', c.do_not_call_at, c.do_not_call_at
FROM contacts_contact c JOIN seed_person p ON p.id = c.id WHERE c.do_not_call_at IS NOT NULL;
"""

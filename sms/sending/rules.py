"""Why a campaign leaves somebody out, as one SQL expression: the same when people are counted, planned and claimed.

It speaks of `c` (contacts_contact), `k` (sms_campaign) and `p(number, mobile)`, and gives "" for whoever may be texted.
A person has the first reason that applies.
"""

from contacts import number_plans

# It left, or it may have.
LEFT = ("sending", "submitted", "sent", "delivered", "uncertain")
_LEFT = ", ".join(f"'{state}'" for state in LEFT)

# The first field that the text needs and that is empty for this person.
_EMPTY = """(
    SELECT 'field_empty:' || f.key FROM unnest(k.required_fields) WITH ORDINALITY AS f(key, place)
    WHERE btrim(coalesce(CASE f.key
        WHEN 'first_name' THEN c.first_name WHEN 'last_name' THEN c.last_name WHEN 'company' THEN c.company
        WHEN 'email' THEN c.email WHEN 'address' THEN c.address WHEN 'language' THEN c.language
        ELSE c.custom ->> substr(f.key, 8) END, '')) = ''
    ORDER BY f.place LIMIT 1)"""

# A person's texts, by their timeline whatever the statistics say (OFFSET keeps its order).
_THEIRS = """SELECT id, campaign_id, state, direction FROM sms_message
    WHERE contact_id = c.id AND {since} ORDER BY happened_at DESC OFFSET 0"""

# Other campaigns and what people wrote count as texted; this campaign itself does not.
_TEXTED = f"""EXISTS (
    SELECT 1 FROM ({_THEIRS.format(since="happened_at > now() - k.rest_days * interval '1 day'")}) o
    WHERE o.direction = 'out' AND o.state IN ({_LEFT}) AND o.campaign_id IS DISTINCT FROM k.id)"""  # noqa: S608 - our names

REASON = f"""CASE
    WHEN c.opted_out_at IS NOT NULL THEN 'opted_out'
    WHEN p.number IS NULL THEN 'no_number'
    WHEN NOT p.mobile THEN 'not_mobile'
    WHEN k.kind = 'commercial' AND c.consent NOT IN ('opted_in', 'customer', 'professional') THEN 'no_consent'
    WHEN k.rest_days IS NOT NULL AND {_TEXTED} THEN 'texted_lately'
    WHEN cardinality(k.required_fields) > 0 THEN coalesce({_EMPTY}, '')
    ELSE '' END"""

# Two people of a campaign became one after it was planned: they got it under their other number.
ALREADY = f"""EXISTS (
    SELECT 1 FROM ({_THEIRS.format(since="true")}) o
    WHERE o.campaign_id = k.id AND o.id <> m.id AND o.state IN ({_LEFT}))"""  # noqa: S608 - our names

# Most numbers are French mobiles, which their beginning tells; the expression is for the others.
_MOBILE = "(left(held.number, 4) IN ('+336', '+337') OR held.number ~ %(mobile)s)"

# The number that a campaign goes to: the primary one, or where that is no mobile, the first that is.
NUMBER = f"""LEFT JOIN LATERAL (
    SELECT held.number, {_MOBILE} AS mobile FROM contacts_contactphone held
    WHERE held.contact_id = c.id AND held.textable
    ORDER BY {_MOBILE} DESC, held.is_primary DESC, held.id LIMIT 1
) p ON true"""  # noqa: S608 - our names


def parameters() -> dict[str, str]:
    """What NUMBER needs."""
    return {"mobile": number_plans.mobile_pattern()}

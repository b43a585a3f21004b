"""Merge fields that were typed into a message: what leaves has the person's own words in their place."""

from django.utils.translation import gettext as _

from contacts.models import Contact
from sms import merge_fields, tracked_link
from sms.conversations.forms import LONGEST_TEXT, TextForm
from sms.message_templates.gaps import first_gap
from sms.message_templates.offered import person_of
from teams.models import Team


def fill(form: TextForm, team: Team, contact: Contact | None) -> None:
    """Fills in the fields of a valid form's text, for somebody or for a number of whom nothing is known.

    What cannot be filled in stands beside the text, as an error that names it: nobody ever receives braces.
    """
    given = form.cleaned_data
    if gap := first_gap(given["text"]):
        form.add_error("text", _("Fill in %(gap)s first.") % {"gap": gap})
        return
    if "{{" not in given["text"] and "{%" not in given["text"]:
        return
    line = given["line"]
    # The link's place is looked for in what was written, never in what somebody is called.
    written = tracked_link.with_place(given["text"], given["url"], line.marker)
    try:
        compiled = merge_fields.checked(written, team)
        person = person_of(contact) if contact is not None else {}
        text = compiled.render(merge_fields.values_of(person, **merge_fields.shared_of(line, team)))
    except merge_fields.Wrong as wrong:
        form.add_error("text", str(wrong))
    except merge_fields.Empty as empty:
        form.add_error("text", _empty(merge_fields.label(empty.key, team)))
    else:
        given["typed"], given["text"] = given["text"], text.strip()
        if not given["text"]:
            form.add_error("text", _("Nothing is left of the text for this person."))
        elif len(text) >= LONGEST_TEXT:
            form.add_error("text", _("With its fields the text is too long."))


def _empty(label: str) -> str:
    return _("%(field)s is not known of this person: write it yourself, or take the field out.") % {
        "field": label
    }

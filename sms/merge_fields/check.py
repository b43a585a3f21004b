"""A text against what its team knows of people."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from contacts.models import CustomField
from sms.merge_fields.fields import CUSTOM, SENDER, written
from sms.merge_fields.render import Compiled, compile
from sms.merge_fields.wrong import Wrong
from teams.models import Team


def checked(text: str, team: Team) -> Compiled:
    """`text`, ready to be rendered. Raises Wrong, also for a custom field that this team does not have."""
    compiled = compile(text)
    if gone := missing(compiled.fields, team):
        raise Wrong(_("There is no field “%(word)s”.") % {"word": written(gone[0])})
    return compiled


def needs_sender(text: str) -> bool:
    """Whether nobody gets it from a line that nobody holds. No for a text that can't be filled in at all."""
    try:
        return SENDER in compile(text).required
    except Wrong:
        return False


def missing(keys: Iterable[str], team: Team) -> list[str]:
    """Those of `keys` that name a custom field which the team does not have. At most one statement."""
    own = [key for key in keys if key.startswith(CUSTOM)]
    if not own:
        return []
    names = [key.removeprefix(CUSTOM) for key in own]
    known = set(CustomField.objects.for_team(team).filter(key__in=names).values_list("key", flat=True))
    return [key for key in own if key.removeprefix(CUSTOM) not in known]

"""Values of any kind as the page that tells everything shows them."""

import json
from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _

from teams.templatetags.ligne import clock, full_date

register = template.Library()


@register.filter
def readable(value: Any) -> str:
    """Moments in the reader's zone, yes and no in words, "–" for nothing; whatever has parts as JSON."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        # Translators: a date and a time of day.
        return _("%(date)s, %(time)s") % {"date": full_date(value), "time": clock(value)}
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)

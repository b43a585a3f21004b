"""Public holidays by time zone: what "a public holiday" means where a recipient lives. Pure.

The library knows the calendars; it is loaded when the first commercial text asks (11 MB, most of it in countries that
nobody writes to), and each year of each place is kept as a set of days.
"""

from datetime import date
from functools import cache

# Time zone → country and subdivision (ISO 3166). Overseas France keeps the days of the Republic and its own: the
# abolition of slavery, Good Friday. Where regions differ and a number does not tell which, the whole country's count.
_CALENDARS: dict[str, tuple[str, str | None]] = {
    "Europe/Paris": ("FR", None),
    "Indian/Reunion": ("FR", "974"),
    "Indian/Mayotte": ("FR", "976"),
    "America/Guadeloupe": ("FR", "971"),
    "America/Martinique": ("FR", "972"),
    "America/Cayenne": ("FR", "973"),
    "America/Miquelon": ("FR", "PM"),
    "America/St_Barthelemy": ("FR", "BL"),
    "America/Marigot": ("FR", "MF"),
    "Pacific/Noumea": ("FR", "NC"),
    "Pacific/Tahiti": ("FR", "PF"),
    "Pacific/Marquesas": ("FR", "PF"),
    "Pacific/Gambier": ("FR", "PF"),
    "Pacific/Wallis": ("FR", "WF"),
    "Europe/Monaco": ("MC", None),
    "Europe/Brussels": ("BE", None),
    "Europe/Luxembourg": ("LU", None),
    "Europe/Zurich": ("CH", None),
    "Europe/London": ("GB", "ENG"),  # England's: Easter Monday is a holiday there, not in Scotland
    "Europe/Dublin": ("IE", None),
    "Europe/Berlin": ("DE", None),
    "Europe/Vienna": ("AT", None),
    "Europe/Amsterdam": ("NL", None),
    "Europe/Madrid": ("ES", None),
    "Atlantic/Canary": ("ES", None),
    "Europe/Lisbon": ("PT", None),
    "Europe/Rome": ("IT", None),
    "Europe/Warsaw": ("PL", None),
    "Europe/Bucharest": ("RO", None),
    "Africa/Tunis": ("TN", None),
    "Africa/Casablanca": ("MA", None),
    "Africa/Algiers": ("DZ", None),
    "Africa/Dakar": ("SN", None),
    "Africa/Abidjan": ("CI", None),
}


def is_holiday(day: date, zone: str) -> bool:
    """Whether `day` is a public holiday where clocks show `zone`. A zone without a known country has none."""
    calendar = _CALENDARS.get(zone)
    return calendar is not None and day in _days(*calendar, day.year)


@cache
def _days(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    from holidays import country_holidays  # not before somebody asks: see above

    return frozenset(country_holidays(country, subdiv=subdivision, years=[year]))

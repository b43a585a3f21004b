"""The languages that a person may be written in: ISO 639-1, named in the reader's own language."""

from django.conf.global_settings import LANGUAGES as _DJANGO
from django.utils.translation import gettext_lazy

# Django translates these names; those of variants ("zh-hans", "pt-br") stand under their two letters.
LANGUAGES = [(code, gettext_lazy(name)) for code, name in _DJANGO if len(code) == 2]
CODES = frozenset(code for code, _name in LANGUAGES)

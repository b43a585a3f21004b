"""What is known of a person, written into a text: `Bonjour {{ contact.first_name | default: "" }}`.

A text is compiled once (`compile`) and rendered for everybody; a campaign's batch, a template in the composer and
a preview go the same way. The tracked link's place is `{link}`, with single braces.
"""

from .check import checked, needs_sender
from .fields import Field, catalogue, label
from .render import Compiled, compile
from .values import example_of, shared_of, values_of
from .wrong import Empty, Wrong

__all__ = [
    "Compiled",
    "Empty",
    "Field",
    "Wrong",
    "catalogue",
    "checked",
    "compile",
    "example_of",
    "label",
    "needs_sender",
    "shared_of",
    "values_of",
]

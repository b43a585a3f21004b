"""Why a message was not sent, failed or is uncertain, as a sentence for the person who wrote it.

The codes are those of sms.gateway.v1 and sms.gateway.errors, of the queue and of the claim. What the gateway
itself said stands after the code (`not_sent: Number not in service`), and is shown when it helps.
"""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAYBE = gettext_lazy("The phone did not answer, it may have gone out.")

SENTENCES: dict[str, str | Promise] = {
    # Decided by us, before anything was sent.
    "opted_out": gettext_lazy("They opted out."),
    "not_textable": gettext_lazy("This sender is no phone number and cannot be texted."),
    "number_removed": gettext_lazy("The number was taken from this person before it left."),
    # The gateway's word about this message.
    "not_sent": gettext_lazy("The gateway did not send it."),
    "refused": gettext_lazy("The gateway refused it."),
    # The request may have been accepted.
    "sender_lost": gettext_lazy("Ligne was stopped while handing it over, it may have gone out."),
    "read_timeout": MAYBE,
    "deadline": MAYBE,
    "connection_lost": gettext_lazy("The connection broke before the answer, it may have gone out."),
    "body_over_limit": gettext_lazy("The gateway's answer was too long to read, it may have gone out."),
    "unreadable": gettext_lazy("The gateway's answer could not be read, it may have gone out."),
    "not_named": gettext_lazy("The gateway answered without naming it, it may have gone out."),
    "no_verdict": gettext_lazy("The gateway did not say whether it was sent."),
    "contradiction": gettext_lazy("The gateway said both that it was sent and that it was not."),
}
# The gateway's own words say more than our sentence.
WITH_WORDS = {"not_sent", "refused"}
HTTP = re.compile(r"http_([0-9]{3})", re.ASCII)
CODE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def sentence(reason: str) -> str:
    """The sentence for `Message.state_reason`; the gateway's own words for a code nobody here knows; "" for ""."""
    code, _colon, words = reason.partition(": ")
    words = words.strip()
    if code in SENTENCES:
        said = str(SENTENCES[code])
        return f"{said} {_('“%(words)s”') % {'words': words}}" if words and code in WITH_WORDS else said
    if status := HTTP.fullmatch(code):
        return _("The gateway answered with an error (%(status)s), it may have gone out.") % {
            "status": status[1]
        }
    return words if words and CODE.fullmatch(code) else reason

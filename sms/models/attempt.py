"""One request to the gateway and what it answered: the evidence when a message is doubtful."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .line import Line


class SendAttempt(models.Model):
    line = models.ForeignKey(Line, models.CASCADE, related_name="attempts", verbose_name=_("line"))
    at = models.DateTimeField(_("at"), auto_now_add=True)
    # How many messages it carried.
    messages_count = models.PositiveIntegerField(_("messages count"))
    duration_ms = models.PositiveIntegerField(_("duration in ms"))
    # None: no answer.
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    # The answer as it came, cut at 8 kB; "" when there was none.
    answer = models.TextField(blank=True)
    # What went wrong on the way, in our words.
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("request to the gateway")
        verbose_name_plural = _("requests to the gateway")
        indexes = [
            # Housekeeping, and the newest of a line.
            models.Index(fields=["line", "-id"], name="attempt_line_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.at:%Y-%m-%d %H:%M:%S} {self.http_status or self.error}"

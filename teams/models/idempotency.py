"""What was asked under a key is done once: API retries, double clicks, the back button."""

from django.db import models

from .team import Team


class IdempotencyKey(models.Model):
    team = models.ForeignKey(Team, models.CASCADE)
    # "api:<token id>" or "form:<user id>": one client's keys never meet another's.
    scope = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    # SHA-256 of the request, so that the same key with another body is refused.
    digest = models.CharField(max_length=64)
    # Ids of what was made, in order; the answer is drawn from them anew.
    made = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # The gate itself: the second of two parallel requests waits here for the first one's commit.
            models.UniqueConstraint(fields=["team", "scope", "key"], name="idempotency_key_unique"),
        ]
        indexes = [
            # Housekeeping deletes those older than a week.
            models.Index(fields=["created_at"], name="idempotency_age"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"

"""API tokens: shown once, stored hashed."""

import hashlib
import secrets
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .team import Team, TeamManager
from .user import User

PREFIX = "lgn_"


def hash_of(token: str) -> str:
    """SHA-256 in hex: enough for 192 random bits, and one index look-up."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiToken(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="api_tokens", verbose_name=_("team"))
    # The token acts as this person, with their role in the team.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=80)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # The first characters, to recognise it in a list.
    start = models.CharField(_("start"), max_length=12, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects: ClassVar[TeamManager["ApiToken"]] = TeamManager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    @classmethod
    def issue(cls, *, team: Team, user: User, name: str) -> tuple["ApiToken", str]:
        """A new token and its text, which can't be read again."""
        text = PREFIX + secrets.token_urlsafe(24)
        token = cls.objects.create(team=team, user=user, name=name, token_hash=hash_of(text), start=text[:9])
        return token, text

    @classmethod
    def find(cls, text: str) -> "ApiToken | None":
        """The living token with this text, with its user and team; None for any other text."""
        return (
            cls.objects.select_related("user", "team")
            .filter(token_hash=hash_of(text), revoked_at=None, user__is_active=True)
            .first()
        )

    def touch(self) -> None:
        """Notes the use, once a minute at most: a busy client must not write a row a request."""
        now = timezone.now()
        ApiToken.objects.filter(pk=self.pk).filter(
            models.Q(last_used_at=None) | models.Q(last_used_at__lt=now - timedelta(minutes=1))
        ).update(last_used_at=now)

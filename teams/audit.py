"""Writes the audit trail."""

from typing import Any

from django.db import models

from teams.models import AuditEntry, Team, User


def record(
    team: Team, action: str, target: models.Model, *, actor: User | None = None, **detail: Any
) -> None:
    """Notes that `actor` (None: the system) did `action` to `target`. `detail` must be fit for JSON."""
    AuditEntry.objects.create(
        team=team,
        actor=actor,
        action=action,
        object_type=target._meta.model_name or "",
        object_id=str(target.pk),
        detail=detail,
    )

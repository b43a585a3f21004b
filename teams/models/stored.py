"""Files of a team in the database: every host sees them, a backup holds them, an erasure reaches them."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from .team import Team, TeamManager


class StoredFile(models.Model):
    team = models.ForeignKey(Team, models.CASCADE)
    # As the person named it; shown, never a path.
    name = models.CharField(max_length=200)
    size = models.BigIntegerField(default=0)  # bytes
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # Housekeeping removes it then.
    expires_at = models.DateTimeField()

    objects: ClassVar[TeamManager["StoredFile"]] = TeamManager()

    class Meta:
        # What housekeeping looks for.
        indexes = [models.Index(fields=["expires_at"], name="stored_file_expires")]

    def __str__(self) -> str:
        return self.name


class StoredChunk(models.Model):
    """One mebibyte of a file; the last one less."""

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="stored_chunk_number")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"

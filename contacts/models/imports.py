"""One import: the file, what its columns mean, its rows as they were read, and what they changed."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from teams.models import StoredFile, Team
from teams.models.team import TeamManager


class Import(models.Model):
    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")  # step 2: the columns are to be named
        CHECKING = "checking", _("Being checked")  # rows are read into ImportRow
        CHECKED = "checked", _("Checked")  # step 3: nothing is written yet
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        CANCELLED = "cancelled", _("Cancelled")  # what was written before stays, and can be taken back
        FAILED = "failed", _("Failed")  # the file can't be read on: `error` says why
        REVERTING = "reverting", _("Being taken back")
        REVERTED = "reverted", _("Taken back")

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    # None once it is not needed any more.
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField(_("size"), default=0)  # bytes
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.UPLOADED)
    # Somebody asked for the end of it; the worker sees it at the next chunk.
    stop_asked = models.BooleanField(default=False)
    error = models.CharField(_("error"), max_length=300, blank=True)

    # How the file is read: guessed, shown with a preview, and chosen by the person.
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)  # a codec's name; "" for XLSX
    delimiter = models.CharField(_("separator"), max_length=1, blank=True)
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    # Whether the first row names the columns; else `header` is "Column 1", "Column 2" …
    has_header = models.BooleanField(_("first row names the columns"), default=True)
    header = ArrayField(models.CharField(max_length=200), default=list)
    # One entry a column of the file: a key of contacts/fields.py, or "" to leave it out.
    mapping = ArrayField(models.CharField(max_length=60, blank=True), default=list)

    # Replaces values that are filled already; else only empty ones are filled.
    overwrite = models.BooleanField(_("overwrite"), default=False)
    # The person importing says that the proof in the file's consent columns is true.
    consent_confirmed = models.BooleanField(_("consent confirmed"), default=False)
    # Everybody in the file is put on it.
    target_list = models.ForeignKey(
        "contacts.ContactList",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("list"),
    )
    tag_names = ArrayField(models.CharField(max_length=60), verbose_name=_("tags"), default=list, blank=True)

    # Read so far: bytes of the file for the bar, the number of data rows, and the last line staged.
    bytes_read = models.BigIntegerField(default=0)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    staged_line = models.PositiveIntegerField(default=0)
    # Written so far: rows up to this line are done, in the same transaction as what they changed.
    done_line = models.PositiveIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)
    # What becomes, or became, of the rows; each row counts once.
    created = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    invalid = models.PositiveIntegerField(_("invalid"), default=0)
    duplicates = models.PositiveIntegerField(_("duplicate in the file"), default=0)
    # Rows that are imported with a remark; counted beside the others.
    warnings = models.PositiveIntegerField(_("warnings"), default=0)
    # Of a revert: people taken away or put back, and people left alone because they had changed since.
    reverted = models.PositiveIntegerField(default=0)
    left_alone = models.PositiveIntegerField(default=0)

    # The worker that works on it, and until when nobody else may, by the database's clock.
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    step_at = models.DateTimeField(null=True)  # since when it is being checked, written or taken back
    started_at = models.DateTimeField(_("started at"), null=True)  # of the run
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects: ClassVar[TeamManager["Import"]] = TeamManager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            # The list of imports.
            models.Index(fields=["team", "-id"], name="import_newest"),
            # Work that a killed worker left.
            models.Index(
                fields=["state"],
                condition=Q(state__in=["checking", "running", "reverting"]),
                name="import_working",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """What was found out about a row of the file; its values stay in the file, which the run reads again.

    Written a chunk at a time. Plain rows go soon after the import ended, the others when it is forgotten.
    """

    # Without an index of its own: those below begin with it.
    run = models.ForeignKey(
        Import, models.CASCADE, related_name="staged", db_constraint=False, db_index=False
    )
    # The line of the file where the row begins, from 1; a header is line 1.
    line = models.PositiveIntegerField()
    # E.164; "" where the row has no valid number.
    number = models.CharField(max_length=20, blank=True)
    # {"name": who it is}, and {"use": number} where somebody took the number that was suggested.
    fields = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # The cells as they stand in the file, of rows that are left out or remarked on; None for plain ones.
    raw = models.JSONField(null=True)
    # Why it is left out (contacts/imports/problems.py), or "".
    problem = models.CharField(max_length=24, blank=True)
    # Remarks of a row that is imported all the same.
    remarks = ArrayField(models.CharField(max_length=24), default=list)
    # The value that a problem or remark means, or the other line; one line for each remark.
    detail = models.CharField(max_length=200, blank=True)
    # new, update, unchanged, invalid, duplicate; "" until it was looked at.
    outcome = models.CharField(max_length=9, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="import_row_line")]
        indexes = [
            # The same number twice in a file: the first line is kept. The number leads, for while an import runs
            # the planner's idea of how many rows it has is old.
            models.Index(
                fields=["number", "run", "line"], condition=~Q(number=""), name="import_row_by_number"
            ),
            # The chips of the check, and the rejects.
            models.Index(fields=["run", "outcome", "line"], name="import_row_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.line}"


class ImportChange(models.Model):
    """What an import changed of a person who was there before: enough to take it back."""

    run = models.ForeignKey(Import, models.CASCADE, related_name="changes")
    contact = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="+")
    # {field: value} of the fields that changed, before and after.
    before = models.JSONField(encoder=DjangoJSONEncoder)
    after = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "contact"], name="import_change_contact")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.contact_id}"

"""The name of a segment or of a list."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactList, Segment
from teams.models import Team


class NameForm(forms.Form):
    """A name that none of the team's others has, whatever the case."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        error_messages={"required": _("Give it a name.")},
    )
    model: ClassVar[Any]
    taken: ClassVar[Any]

    def __init__(self, *args: Any, team: Team, own: int | None = None, **kwargs: Any) -> None:
        """`own`: the id of the one that may keep its name."""
        super().__init__(*args, **kwargs)
        self.team = team
        self.own = own

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if is_taken(self.model, self.team, name, own=self.own):
            raise forms.ValidationError(self.taken)
        return name

    def refuse_taken(self) -> None:
        """Somebody else gave another this name a moment ago."""
        self.add_error("name", str(self.taken))


def is_taken(model: Any, team: Team, name: str, *, own: int | None = None) -> bool:
    others = model.objects.for_team(team).exclude(pk=own).annotate(low=Lower("name"))
    return bool(others.filter(low=Lower(Value(name))).exists())


class SegmentForm(NameForm):
    model = Segment
    taken = _("There is a segment of this name.")


class ListForm(NameForm):
    model = ContactList
    taken = _("There is a list of this name.")

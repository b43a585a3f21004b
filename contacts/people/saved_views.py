"""How somebody looks at the contact list, kept: their columns and order, and views under a name."""

from collections.abc import Sequence

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from contacts.models import SavedView
from contacts.people.choice import Choice
from teams.access import Member

# As many columns as anybody can look at; keys beyond are dropped.
MOST_COLUMNS = 40


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name of the view"), max_length=80)

    def __init__(
        self, *args: object, member: Member, view: SavedView | None = None, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.member, self.view = member, view

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        others = SavedView.objects.for_team(self.member.team).filter(user=self.member.user, name__iexact=name)
        if self.view is not None:
            others = others.exclude(pk=self.view.pk)
        if others.exists():
            raise self.taken
        return name

    @property
    def taken(self) -> forms.ValidationError:
        return forms.ValidationError(_("You have a view of this name."), code="taken")


def save(member: Member, form: NameForm, choice: Choice, columns: Sequence[str]) -> SavedView | None:
    """A new view of this name; None when another of the same name was kept a moment ago. `form` is valid."""
    return _unless_taken(
        form,
        SavedView(
            team=member.team,
            user=member.user,
            name=form.cleaned_data["name"],
            query=choice.query(near=""),
            columns=list(columns)[:MOST_COLUMNS],
        ),
    )


def rename(view: SavedView, form: NameForm) -> SavedView | None:
    view.name = form.cleaned_data["name"]
    return _unless_taken(form, view)


def change(view: SavedView, choice: Choice, columns: Sequence[str]) -> None:
    """What the view shows from now on."""
    view.query, view.columns = choice.query(near=""), list(columns)[:MOST_COLUMNS]
    view.save(update_fields=["query", "columns"])


def keep_columns(member: Member, view: SavedView | None, keys: Sequence[str], sort: str | None) -> None:
    """The columns of `view`, or of the table as it opens; there also the order, where `sort` says one."""
    columns = list(dict.fromkeys(keys))[:MOST_COLUMNS]
    if view is not None:
        SavedView.objects.filter(pk=view.pk).update(columns=columns)
        return
    query = {} if sort is None else {"query": f"sort={sort}" if sort else ""}
    SavedView.objects.update_or_create(
        team=member.team, user=member.user, name="", defaults={"columns": columns, **query}
    )


def _unless_taken(form: NameForm, view: SavedView) -> SavedView | None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        form.add_error("name", form.taken)
        return None
    return view

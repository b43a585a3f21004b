"""The design language on one page: every component in every state. For people who build Ligne, not for its users."""

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from sms.lines.hours import HoursField

STATES = (
    ("queued", "waits for its turn"),
    ("sending", "a worker holds it"),
    ("submitted", "the gateway took it"),
    ("sent", "left the phone"),
    ("delivered", "on their handset"),
    ("uncertain", "maybe gone, a person decides"),
    ("failed", "did not go out, with the reason"),
    ("skipped", "refused by a rule, with the reason"),
    ("cancelled", "taken back before it left"),
)
ROWS: tuple[dict[str, Any], ...] = (
    {
        "name": "Sofia Delmarre",
        "snippet": "Opened brehat.example/devis, 2nd time",
        "kind": "click",
        "minutes": 2,
    },
    {
        "name": "Camille Aubertin",
        "snippet": "Bonjour, je suis chez moi jeudi après 17 h 30",
        "kind": "in",
        "minutes": 14,
        "waits": True,
        "unread": True,
        "current": True,
    },
    {
        "name": "Yann Kerrien",
        "snippet": "Missed call, rang 22 s",
        "kind": "missed",
        "minutes": 38,
        "waits": True,
        "unread": True,
    },
    {
        "name": "06 39 98 71 44",
        "snippet": "Bonjour je vous contacte",
        "kind": "in",
        "minutes": 185,
        "waits": True,
    },
    {"name": "Nadia Ferhane", "snippet": "Je vous envoie le plan ce soir", "kind": "out", "minutes": 61},
    {"name": "Émilie Garrigou", "snippet": "Call, 6 min 40 · Interested", "kind": "call-out", "minutes": 270},
    {"name": "Hugo Stenger", "snippet": "Not sure it went out", "kind": "uncertain", "minutes": 2000},
    {"name": "Raphaël Ozannat", "snippet": "Son frère décide avec lui", "kind": "note", "minutes": 3000},
    {"name": "Loïc Guéhennec", "snippet": "STOP, opted out", "kind": "stopped", "minutes": 9000},
    {"name": "Patricia Vauquelin", "snippet": "Number not in service", "kind": "failed", "minutes": 30000},
)
COLOURS = (
    ("base-100", "bg-base-100", "what one reads"),
    ("base-200", "bg-base-200", "sidebar"),
    ("base-300", "bg-base-300", "hairlines"),
    ("fill", "bg-fill", "incoming, chips"),
    ("hover", "bg-hover", "row, pointed at"),
    ("tint", "bg-tint", "selected, outgoing"),
    ("line", "bg-line", "the line at rest"),
    ("faint", "bg-faint", "times, labels"),
    ("muted", "bg-muted", "secondary text"),
    ("primary", "bg-primary", "open, selected, act"),
    ("success", "bg-success", "a good outcome"),
    ("warning", "bg-warning", "uncertain, quiet"),
    ("error", "bg-error", "failed, held, refused"),
)


class SampleForm(forms.Form):
    name = forms.CharField(initial="Camille Aubertin")
    town = forms.CharField(required=False, help_text="As it stands in the address.")
    mobile = forms.CharField()
    owner = forms.ChoiceField(choices=[("malik", "Malik Oumar"), ("ines", "Inès Marchal")])
    about = forms.CharField(widget=forms.Textarea, required=False)
    commercial = forms.BooleanField(required=False, label="May receive commercial texts")
    hours = HoursField(label="Hours", unset="At any hour", law=True)

    def clean_mobile(self) -> str:
        raise forms.ValidationError("Too short: a French mobile has 10 digits.")


def index(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or settings.STYLEGUIDE):
        raise Http404
    now = timezone.now()
    form = SampleForm(
        {
            "name": "Camille Aubertin",
            "town": "Saint-Brieuc",
            "mobile": "06 39 98 4",
            "owner": "malik",
            "hours": "chosen",
        }
        | {
            f"hours-{day}{part}": typed
            for day in (0, 4)
            for part, typed in (("", "on"), ("-from", "08:00"), ("-to", "12:30"))
        }
        | {"hours-5": "on", "hours-5-from": "07:00", "hours-5-to": "18:00"}
    )
    form.is_valid()
    rows = [{**row, "at": now - datetime.timedelta(minutes=row["minutes"])} for row in ROWS]
    context = {
        "now": now,
        "earlier": now - datetime.timedelta(minutes=27),
        "waiting": now - datetime.timedelta(minutes=14),
        "yesterday": now - datetime.timedelta(days=1),
        "last_week": now - datetime.timedelta(days=5),
        "tomorrow": now + datetime.timedelta(days=1),
        "states": STATES,
        "rows": rows,
        "colours": COLOURS,
        "form": form,
        "lines": [("1", "Malik's line, 06 39 98 10 20"), ("2", "Inès's line, 06 39 98 10 51")],
    }
    return render(request, "styleguide/index.html", context)

"""The campaigns of the demo: one that is over, one that somebody paused, one that is being written; and templates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.demo.happenings import Happening, In, Opened, Out, Rang, after
from crm.demo.known import CLIENTS, PUMP, SALON, STOVE, TAG_OF, WATER


@dataclass(frozen=True)
class Trouble:
    """What became of a text that was not delivered."""

    state: str
    reason: str = ""


@dataclass(frozen=True)
class Sent:
    """A campaign of the past. It began at the last lawful hour for such texts that is at least `days` back.

    `left`: so many of its texts left before it was paused; None: all of them. `without`: the result of the first one
    that keeps people out of it. What people did is told from the moment of their own text, by their keys.
    """

    name: str
    kind: str
    text: str
    url: str
    days: int
    tags: tuple[str, ...]
    by: str = "ines"
    lists: tuple[str, ...] = ()
    pace: int = 6
    left: int | None = None
    rest_days: int | None = None
    without: str = ""
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    deeds: Mapping[str, tuple[Happening, ...]] = field(default_factory=dict)


def _opened(minutes: Mapping[str, float]) -> dict[str, tuple[Happening, ...]]:
    return {key: (Opened(after(each)),) for key, each in minutes.items()}


# Minutes from the text to the click.
_READ = {
    "sofia": 6, "emilie": 3, "claire": 41, "thibault": 190, "marc": 8, "ewen": 75, "fanny": 22, "jeanne": 620,
    "olivier": 15, "o01": 2, "o06": 33, "o10": 55, "o12": 1510, "o17": 7, "o20": 1440, "o24": 3, "o31": 26,
}  # fmt: skip

_DONE: dict[str, tuple[Happening, ...]] = {
    "o02": (Opened(after(0), doubtful=True),),
    "o15": (Opened(after(0), doubtful=True), Opened(after(64))),
    "o03": (
        Opened(after(5)),
        In(after(14), "Oui pour le bilan, plutôt un mardi matin ?"),
        Out(after(31), "Bonjour Erwan, mardi à 9 h 30, cela vous va ? Inès", by="ines"),
        In(after(37), "Parfait, à mardi"),
        Out(after(39), "C'est noté, à mardi !", by="ines"),
    ),
    "o05": (Opened(after(9)), Rang(after(47), "incoming", 210, "Visite prise")),
    "o07": (In(after(11), "STOP", stop=True),),
    "o08": (
        Opened(after(4)),
        In(after(22), "C'est vraiment gratuit ?"),
        Out(after(40), "Oui, le bilan est offert et sans engagement. Théo", by="theo"),
    ),
    "o11": (
        In(after(130), "Je suis locataire, ça marche quand même ?"),
        Out(after(171), "Bonjour Yasmine, oui, avec l'accord de votre propriétaire. Inès", by="ines"),
    ),
    "o14": (
        Opened(after(120)),
        Rang(after(1500), "missed", 20),
        Rang(after(1530), "outgoing", 184, "À rappeler"),
    ),
    "o19": (Opened(after(260)), Rang(after(300), "incoming", 95, "Intéressée")),
    "o22": (
        Opened(after(14)),
        In(after(55), "Pas avant le printemps, merci"),
        Out(after(90), "C'est noté, je vous rappelle en mars. Théo", by="theo"),
    ),
    "o23": (In(after(16), "stop svp", stop=True),),
    "o26": (Opened(after(480)), Rang(after(1730), "incoming", 305, "Visite prise")),
}

SENT = (
    Sent(
        "Rentrée chaudières",
        "commercial",
        "Bonjour {{ contact.first_name }}, bilan de chauffage offert à {{ contact.custom.ville }} ce mois-ci : {link}",
        "https://brehat.example/bilan-chauffage",
        days=9,
        lists=(SALON, CLIENTS),
        tags=(TAG_OF[PUMP], TAG_OF[WATER], TAG_OF[STOVE]),
        troubles={
            "o09": Trouble("failed", "not_sent: number not in service"),
            "o18": Trouble("failed", "not_sent: number not in service"),
            "o21": Trouble("uncertain", "read_timeout"),
            "o27": Trouble("sent"),
            "o30": Trouble("sent"),
        },
        deeds=_opened(_READ) | _DONE,
    ),
    Sent(
        "Aides 2026 : dernières visites",
        "commercial",
        "Bonjour {{ contact.first_name }}, plus que 8 visites avant la fin des aides 2026 : {link}",
        "https://brehat.example/visites",
        days=1,
        lists=(SALON,),
        tags=(TAG_OF[PUMP],),
        left=11,
        pace=3,
        rest_days=5,
        without="clicked",
        deeds={
            "raphael": (Opened(after(4)),),
            "patricia": (Opened(after(12)),),
            "driss": (Opened(after(2)),),
        },
    ),
)

DRAFT: Mapping[str, Any] = {
    "name": "Entretien annuel",
    "kind": "service",
    "tags": (TAG_OF[STOVE], TAG_OF[WATER]),
    "text": "Bonjour {{ contact.first_name }}, l'entretien annuel de votre installation est à prévoir. Quel jour vous "
    "arrange ? {{ sender.first_name }}, {{ team.name }}",
}

# Name, text, tracked link.
TEMPLATES = (
    (
        "Visite confirmée",
        "Bonjour {{ contact.first_name }}, votre visite technique est confirmée. {{ sender.first_name }}, "
        "{{ team.name }}",
        "",
    ),
    (
        "Devis prêt",
        "Bonjour {{ contact.first_name }}, votre devis est prêt : {link} Je reste à votre écoute. "
        "{{ sender.first_name }}",
        "https://brehat.example/devis",
    ),
    (
        "Appel manqué",
        'Bonjour {{ contact.first_name | default: "" }}, j\'ai essayé de vous joindre. Quand puis-je vous rappeler ? '
        "{{ sender.first_name }}, {{ team.name }}",
        "",
    ),
    (
        "Aides 2026",
        "Bonjour {{ contact.first_name }}, les aides 2026 en une page : {link}",
        "https://brehat.example/guide-aides-2026",
    ),
)

"""What the demo's team knows of its people: their own fields, tags, lists, what they allowed, what they are owed."""

from dataclasses import dataclass

from crm.demo.happenings import When, ago, day

PUMP, STOVE, ROOF, WATER = "Pompe à chaleur", "Poêle à granulés", "Isolation", "Chauffe-eau"

# Label, kind, choices: the keys are made as anybody's are.
FIELDS = (
    ("Ville", "text", ()),
    ("Projet", "choice", (PUMP, STOVE, ROOF, WATER)),
    ("Logement", "text", ()),
    ("Budget", "number", ()),
    ("Propriétaire", "yes_no", ()),
    ("Visite", "date", ()),
)

SALON = "Salon de l'habitat, Rennes"
CLIENTS = "Clients posés en 2025"

# Tag after the project that is asked about; people of a project have it.
TAG_OF = {PUMP: "pompe à chaleur", STOVE: "poêle", ROOF: "rénovation", WATER: "chauffe-eau"}

WORDING = "J'accepte de recevoir par SMS des offres de l'Atelier Bréhat."


@dataclass(frozen=True)
class Known:
    """Of one person. `consent` is a ground: "form", "fair", "customer", "professional", or "" for none."""

    town: str = ""
    project: str = ""
    home: str = ""
    budget: int = 0
    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    consent: str = ""
    address: str = ""
    language: str = ""
    imported: bool = False


def _from_salon(town: str, project: str = PUMP, home: str = "", budget: int = 0, *tags: str) -> Known:
    return Known(
        town, project, home, budget, ("salon Rennes", *tags), (SALON,), "fair", language="fr", imported=True
    )


KNOWN: dict[str, Known] = {
    "sofia": Known("Lamballe", PUMP, "96 m², gaz, 1988", 9400, (), (), "form", "4 rue des Lilas, Lamballe", "fr"),
    "camille": Known(
        "Saint-Brieuc (22)", PUMP, "118 m², fioul, 1979", 0, ("salon Rennes", "aides 2026"), (SALON,), "form",
        "12 rue du Port, 22000 Saint-Brieuc", "fr", imported=True,
    ),
    "bruno": Known("Pordic", PUMP, "Atelier de 210 m²", 7200, ("pro",), (CLIENTS,), "customer", language="fr"),
    "nadia": Known("Rennes", PUMP, "", 0, ("pro", "prescripteur"), (), "professional", "8 quai Lamennais, Rennes"),
    "emilie": Known("Plérin", PUMP, "140 m², fioul, 1974", 15300, ("rénovation",), (), "form", language="fr"),
    "yann": Known("Pordic", PUMP),
    "landline": Known("", PUMP),
    "hugo": Known("Trégueux", WATER, "Appartement de 62 m²", 2900),
    "claire": Known("Lannion", PUMP, "105 m², gaz, 1995", 11150, (), (), "form", "3 allée du Moulin, Lannion"),
    "raphael": _from_salon("Paimpol", PUMP, "88 m², électrique", 6800),
    "mireille": Known("Étables", PUMP, "", 0, (), (), "form", language="fr"),
    "loic": Known("Guingamp", ROOF, "", 0, ("aides 2026",)),
    "patricia": Known("Trégueux", PUMP, "", 0, (), (), "form"),
    "driss": Known("Binic", PUMP, "74 m², électrique", 0, (), (), "form"),
    "aude": Known("Quintin", PUMP, "Trois gîtes", 10600, ("pro",), (CLIENTS,), "customer", "Le Bourg, Quintin", "fr"),
    "layla": Known("Rennes", STOVE, "", 3800, (), (), "form", language="ar"),
    "gael": _from_salon("Ploufragan", PUMP, "130 m², fioul, 1968", 8350, "aides 2026"),
    "thibault": Known("Plaintel", PUMP, "", 9900, (), (), "form"),
    "marc": Known("Hillion", PUMP, "165 m², fioul", 13700, ("rénovation",), (), "form"),
    "nolwenn": Known("Pléguien", STOVE, "", 0, (), (), "form"),
    "inaya": _from_salon("Langueux"),
    "solene": Known("Yffiniac", PUMP),
    "jeanne": Known("Pléneuf", PUMP, "", 0, (), (), "form"),
    "olivier": Known("Erquy", PUMP, "", 7900, ("pro",), (CLIENTS,), "customer"),
    "fanny": Known("Plédran", PUMP, "101 m², gaz", 0, ("aides 2026",), (), "form"),
    "ewen": Known("Saint-Quay", PUMP, "", 12200, (), (), "form"),
}  # fmt: skip


@dataclass(frozen=True)
class Owed:
    """A follow-up: whose person, what, when it is due and, where it is done, when it was."""

    person: str
    text: str
    due: When
    owner: str = "malik"
    done: When | None = None


OWED = (
    Owed("raphael", "Rappeler Raphaël et son frère", day(1, "17:30")),
    Owed("patricia", "Trouver un autre numéro", day(3, "11:00")),
    Owed("claire", "Chiffrer la chaudière en secours", day(1, "09:30"), "theo"),
    Owed("sofia", "Appeler : elle relit le devis", ago(-45)),
    Owed("nadia", "Envoyer le plan de pose", ago(-150), "ines"),
    Owed("camille", "Visite témoin à Plérin", day(-2, "17:30")),
    Owed("driss", "Reparler du devis", day(-3, "10:00")),
    Owed("marc", "Préparer le dossier d'aides", day(-5, "09:00"), "theo"),
    Owed("gael", "Confirmer la visite technique", day(-6, "14:00"), "ines"),
    Owed("stranger", "Demander le nom et l'adresse", day(-1, "09:00"), ""),
    Owed("emilie", "Envoyer la page des aides 2026", day(6, "14:00"), done=day(6, "14:02")),
    Owed("camille", "Rappeler après le devis", day(1, "17:00"), done=day(1, "17:10")),
    Owed("mireille", "Réserver l'équipe de pose", day(4, "16:30"), "ines", done=day(4, "15:40")),
)


def segments(tags: dict[str, int]) -> dict[str, dict[str, object]]:
    """Definitions by name; `tags` are ids by name."""
    opted = {"field": "opted_out", "op": "no"}
    return {
        "Chauds à relancer": {
            "match": "all",
            "conditions": [
                {"field": "tag", "op": "any", "value": [tags[TAG_OF[PUMP]]]},
                {"field": "clicked", "op": "in_last", "value": 14},
                opted,
            ],
        },
        "Sans réponse 30 j": {
            "match": "all",
            "conditions": [
                {"field": "texted", "op": "in_last", "value": 30},
                {"field": "replied", "op": "not_in_last", "value": 30},
                opted,
            ],
        },
        "Clients à parrainer": {
            "match": "all",
            "conditions": [{"field": "consent", "op": "any", "value": ["customer"]}, opted],
        },
    }

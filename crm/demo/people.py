"""The people of the demo. Everyone and every number is invented (06 39 98 …, 01 99 00 …: kept for fiction)."""

from dataclasses import dataclass, field

from crm.demo.others import OTHERS
from teams.accounts import DEMO_PASSWORD

TEAM = "Atelier Bréhat"
PASSWORD = DEMO_PASSWORD

LINE_NAME = "Sandbox"
LINE_NUMBER = "+33639980001"
LINE_LOGIN = "demo"
LINE_KEY = "sandbox"  # noqa: S105 - the key that the pretend gateway takes


@dataclass(frozen=True)
class Colleague:
    key: str
    name: str
    email: str
    role: str


COLLEAGUES = (
    Colleague("malik", "Malik Oumar", "malik@brehat.example", "admin"),
    Colleague("ines", "Inès Marchal", "ines@brehat.example", "manager"),
    Colleague("theo", "Théo Vasseur", "theo@brehat.example", "agent"),
)


@dataclass(frozen=True)
class Someone:
    """A contact. `owner` and `assignee` are keys of colleagues, "" for nobody; the first number is primary."""

    key: str
    first: str
    last: str
    numbers: tuple[str, ...]
    owner: str = ""
    assignee: str = ""
    company: str = ""
    email: str = ""
    # Days since they were added.
    known_for: int = field(default=60)


def _someone(key: str, name: str, number: str, owner: str = "", assignee: str = "", **more: str) -> Someone:
    """`number` as people write it in France; `name` is the first name, a space, the last name."""
    first, _, last = name.partition(" ")
    return Someone(key, first, last, ("+33" + number.replace(" ", "")[1:],), owner, assignee, **more)  # type: ignore[arg-type]


PEOPLE = (
    _someone(
        "sofia", "Sofia Delmarre", "06 39 98 55 03", "malik", "malik", email="sofia.delmarre@courriel.example"
    ),
    Someone(
        "camille",
        "Camille",
        "Aubertin",
        ("+33639984217", "+33199004217"),
        "malik",
        "malik",
        email="camille.aubertin@courriel.example",
        known_for=265,
    ),
    _someone("yann", "Yann Kerrien", "06 39 98 40 26", "malik", "malik"),
    _someone(
        "bruno", "Bruno Lachenal", "06 39 98 33 81", email="bruno@lachenal.example", company="Lachenal & fils"
    ),
    Someone("stranger", "", "", ("+33639987144",), known_for=0),
    _someone("nadia", "Nadia Ferhane", "06 39 98 14 62", "ines", "ines", company="Ferhane Architecture"),
    _someone(
        "emilie", "Émilie Garrigou", "06 39 98 12 60", "malik", "malik", email="e.garrigou@courriel.example"
    ),
    _someone("hugo", "Hugo Stenger", "06 39 98 66 17", "malik", "malik"),
    _someone("claire", "Claire Pontois", "06 39 98 27 44", "theo", "theo"),
    _someone("raphael", "Raphaël Ozannat", "06 39 98 90 12", "malik", "malik"),
    _someone("mireille", "Mireille Tassard", "06 39 98 64 75", "ines", "ines"),
    _someone("loic", "Loïc Guéhennec", "06 39 98 31 90"),
    _someone("patricia", "Patricia Vauquelin", "06 39 98 19 58", "malik", "malik"),
    _someone("driss", "Driss Amrani-Colin", "06 39 98 77 20", "malik", "malik"),
    _someone("aude", "Aude Lestienne", "06 39 98 08 31", "theo", "theo", company="Gîtes de Quintin"),
    _someone("layla", "ليلى المنصوري", "06 39 98 52 48", "ines", "ines"),
    _someone("gael", "Gaël Le Berrigaud", "06 39 98 46 09", "ines", "ines"),
    _someone("thibault", "Thibault Morvannic", "06 39 98 22 70", "malik", "malik"),
    _someone("marc", "Marc-Antoine Duvivier", "06 39 98 83 27", "theo", "theo"),
    _someone("nolwenn", "Nolwenn Castaigne", "06 39 98 29 41", "malik", "malik"),
    _someone("inaya", "Inaya Belhadri", "06 39 98 60 93", "ines", "ines"),
    _someone("landline", "", "01 99 00 31 18"),
    Someone("info", "", "", ("INFO",), known_for=20),
    _someone("solene", "Solène Autissier", "06 39 98 51 36", "malik"),
    _someone("jeanne", "Jeanne Corbillon", "06 39 98 38 15", "malik"),
    _someone("olivier", "Olivier Ruellan-Pic", "06 39 98 94 62", "theo", company="Ruellan Couverture"),
    _someone("fanny", "Fanny Estival", "06 39 98 71 07", "ines", email="fanny.estival@courriel.example"),
    _someone("ewen", "Ewen Trémeur", "06 39 98 05 84", "malik"),
    # Aude Lestienne once more, from another number: one person, as anybody can see.
    _someone("aude2", "A. Lestienne", "06 39 98 08 32", company="Gîtes de Quintin"),
    *(_someone(key, name, number, owner) for key, name, number, _town, _project, owner in OTHERS),
)

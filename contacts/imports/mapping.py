"""Which column is what: guessed from its header and its values, and what is wrong with a choice."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from contacts import phones
from contacts.fields import Field
from contacts.models import CustomField

# A column that becomes a custom field of this kind when the check starts: "new:text".
NEW = "new:"

# Names of columns as programs and people write them, without accents, case and signs.
_KNOWN = {
    "first_name": (
        "prenom", "prenoms", "first name", "firstname", "given name", "forename", "fname", "prenom contact",
        "prenom client", "contact prenom",
    ),
    "last_name": (
        "nom", "nom de famille", "last name", "lastname", "surname", "family name", "lname", "nom contact",
        "nom client", "nom usuel", "contact nom",
    ),
    "phone": (
        "telephone", "tel", "phone", "phone number", "portable", "tel portable", "telephone portable", "mobile",
        "tel mobile", "telephone mobile", "mobile phone", "cell", "cell phone", "cellphone", "gsm", "numero",
        "no de tel", "n de tel", "n tel", "n telephone", "n de telephone", "no de telephone", "no tel",
        "numero de telephone", "numero de tel", "numero de portable", "numero de mobile", "num tel",
        "num telephone", "num portable", "numero telephone", "numero mobile", "numero portable", "number",
        "mobile number", "msisdn", "tel 1", "telephone 1", "phone 1", "n portable", "n mobile", "n de portable",
        "n de mobile", "contact telephone", "telephone contact", "telephone client", "sms", "primary phone",
        "phone 1 value",
    ),
    "other_phones": (
        "other phones", "other phone", "autres telephones", "autre telephone", "autres numeros", "tel 2",
        "telephone 2", "phone 2", "fixe", "tel fixe", "telephone fixe", "landline", "home phone", "work phone",
        "telephone bureau", "tel bureau", "telephone domicile", "domicile", "business phone", "phone 2 value",
        "tel 3", "mobile 2", "portable 2", "autre numero", "numero fixe",
    ),
    "email": (
        "email", "e mail", "mail", "courriel", "email address", "e mail address", "adresse email",
        "adresse e mail", "adresse mail", "mel", "e mail 1 value", "adresse electronique", "adresse courriel",
    ),
    "company": (
        "societe", "entreprise", "company", "company name", "organisation", "organization", "raison sociale",
        "nom de l entreprise", "nom entreprise", "nom societe", "nom de la societe", "employeur", "structure",
        "etablissement", "account name", "organization name", "compte",
    ),
    "address": (
        "adresse", "address", "adresse postale", "street", "rue", "postal address", "adresse complete", "adresse 1",
        "street address",
    ),
    "language": ("langue", "language", "lang", "locale"),
    "owner": (
        "commercial", "responsable", "owner", "sales rep", "vendeur", "proprietaire", "charge de clientele",
        "conseiller", "account manager", "assigned to", "attribue a", "suivi par", "account owner", "referent",
    ),
    "tags": ("etiquettes", "etiquette", "tags", "tag", "labels", "label", "mots cles", "libelles"),
    "lists": ("listes", "liste", "lists", "list", "groupes", "groupe", "groups", "group"),
    "consent": ("consentement", "consent", "base legale", "opt in", "optin", "accord"),
    "consent_at": (
        "date de consentement", "date du consentement", "date consentement", "consent date", "consent since",
        "opted in", "opt in date", "date opt in", "date optin", "consentement depuis", "date d accord",
        "opted in at",
    ),
    "consent_source": ("source du consentement", "consent source", "source consentement", "consentement source"),
    "consent_wording": (
        "texte du consentement", "consent wording", "texte consentement", "formulation", "consentement texte",
        "consent text", "consentement formulation",
    ),
    "consent_proof": ("preuve du consentement", "preuve", "consent proof", "proof", "consentement preuve"),
    "opted_out_at": (
        "opted out", "opt out", "optout", "desinscrit", "desinscription", "date de desinscription", "stop",
        "unsubscribed", "desabonne", "date desinscription", "stop le", "desinscrit le",
    ),
    "do_not_call_at": ("do not call", "ne pas appeler", "bloctel", "opposition appel", "dnc"),
}  # fmt: skip
_FULL_NAMES = frozenset(
    {"nom complet", "name", "full name", "nom prenom", "nom et prenom", "prenom nom", "contact", "client",
     "nom prenoms", "fullname", "prenom et nom", "display name", "contact name"}
)  # fmt: skip
_KEY_OF = {name: key for key, names in _KNOWN.items() for name in names}
_MOBILES = frozenset({"mobile", "portable", "gsm", "cell", "sms"})
# May stand over several columns.
_SEVERAL = frozenset({"other_phones", "tags", "lists"})
_MAIL = re.compile(r"[^@\s;,]+@[^@\s;,]+\.[^@\s;,]+")


def plain(name: str) -> str:
    """A column's name without accents, case and signs: "N° de tél." is "n de tel"."""
    apart = unicodedata.normalize("NFKD", name.replace("°", " ").replace("º", " ").casefold())
    letters = "".join(each for each in apart if not unicodedata.combining(each))
    # first_name, PhoneNumber and consent_at are names of programs.
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())


def knows_any(header: Sequence[str]) -> bool:
    """Whether one of these names is one that columns have."""
    return any(plain(name) in _KEY_OF or plain(name) in _FULL_NAMES for name in header)


def guess(
    header: Sequence[str], fields: Sequence[Field], sample: Sequence[Sequence[str]], region: str = "FR"
) -> list[str]:
    """For each column the key of a field, or "" to leave it out. `sample`: some data rows."""
    importable = [field for field in fields if field.importable]
    named = {plain(str(field.label)): field.key for field in importable}
    # Keys as an export and programs write them.
    named |= {plain(field.key): field.key for field in importable}
    named |= {plain(field.custom.key): field.key for field in importable if field.custom}
    found = [named.get(plain(name)) or _KEY_OF.get(plain(name), "") for name in header]
    columns = [[row[at] for row in sample if at < len(row)] for at in range(len(header))]
    _by_content(found, columns, region)
    _one_phone(found, header, columns, region)
    _whole_names(found, header)
    return _each_once(found)


def problems(mapping: Sequence[str], fields: Sequence[Field]) -> list[str]:
    """Sentences on why this can't be imported: no phone, a field chosen twice, an unknown key. [] is well."""
    labels = {field.key: str(field.label) for field in fields if field.importable}
    wrong = []
    if "phone" not in mapping:
        wrong.append(_("Choose the column that holds the phone: nobody is imported without a number."))
    for key, times in Counter(mapping).items():
        if key.startswith(NEW):
            if key.removeprefix(NEW) not in CustomField.Kind.values:
                wrong.append(_("There is no field of this kind."))
        elif key and key not in labels:
            wrong.append(_("“%(field)s” is no field that a file can fill.") % {"field": key})
        elif key and times > 1 and key not in _SEVERAL:
            wrong.append(_("“%(field)s” is chosen for more than one column.") % {"field": labels[key]})
    return wrong


def _by_content(found: list[str], columns: list[list[str]], region: str) -> None:
    """Columns whose name says nothing: a phone or an e-mail is known by its values, when none is named."""
    for at, values in enumerate(columns):
        if found[at]:
            continue
        if "email" not in found and _share(values, lambda each: bool(_MAIL.fullmatch(each))) > 0.6:
            found[at] = "email"
    if "phone" not in found:
        shares = [
            0.0 if found[at] else _share(values, lambda each: phones.normalise(each, region) is not None)
            for at, values in enumerate(columns)
        ]
        for at, share in enumerate(shares):
            if share > 0.5:
                found[at] = "phone"


def _share(values: Sequence[str], holds) -> float:  # type: ignore[no-untyped-def]
    """The share of the filled ones that are such."""
    filled = [each.strip() for each in values if each.strip()]
    return sum(map(holds, filled)) / len(filled) if filled else 0.0


def _one_phone(found: list[str], header: Sequence[str], columns: list[list[str]], region: str) -> None:
    """Of several columns of phones the one of mobiles is the phone; the rest are other phones."""
    candidates = [at for at, key in enumerate(found) if key == "phone"]
    if not candidates:
        candidates = [at for at, key in enumerate(found) if key == "other_phones"][:1]
    if not candidates:
        return

    def mobiles(at: int) -> tuple[bool, float, float]:
        numbers = [phones.normalise(each, region) for each in columns[at]]
        known = [number for number in numbers if number]
        share = sum(map(phones.is_mobile, known)) / len(known) if known else 0.0
        return bool(_MOBILES & set(plain(header[at]).split())), share, -float(at)

    first = max(candidates, key=mobiles)
    for at in candidates:
        found[at] = "phone" if at == first else "other_phones"


def _whole_names(found: list[str], header: Sequence[str]) -> None:
    """ "Name" holds all of it: kept as the last name where no column holds a part."""
    whole = [at for at, name in enumerate(header) if not found[at] and plain(name) in _FULL_NAMES]
    if whole and "last_name" not in found:
        found[whole[0]] = "last_name"


def _each_once(found: Sequence[str]) -> list[str]:
    """The first column of a name keeps it."""
    seen: set[str] = set()
    kept = []
    for key in found:
        kept.append("" if key in seen and key not in _SEVERAL else key)
        seen.add(key)
    return kept

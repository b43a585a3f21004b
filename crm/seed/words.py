"""What invented people are called, where they live, what they say."""


def _each(words: str) -> list[str]:
    return words.split(", ")


FIRST = _each(
    "Camille, Sofia, Bruno, Émilie, Claire, Raphaël, Mireille, Driss, Patricia, Aude, Gaël, Solène, "
    "Marc-Antoine, Inaya, Thibault, Jeanne, Olivier, Fanny, Ewen, Léa, Zoé, Hugo, Manon, Noé, Élise, "
    "Cédric, Hélène, François, Aïcha, Jérôme, Nathalie, Pierre-Yves, Maëlle, Loïc, Chloé, Mathéo, Anaïs, "
    "Benoît, Yasmine, Rémi, Océane, Stéphane, Agnès, Karim, Margaux, Ludovic, Salomé, Étienne, Valérie, "
    "Enzo, Joséphine, Tristan, Ségolène, Baptiste, Nour, Gwenaëlle, Régis, Amélie, Fabrice, Louna, Yann, "
    "Bérénice, Timothée, Capucine, Didier, Esther, Mehdi, Rozenn, Anatole, Véronique, Malo, Sabrina, "
    "Corentin, Édith, Victor, Fatou, Guénolé, Irène, Samuel, Clémence, Erwan, Maïwenn, Ronan, Nolwenn, "
    "Axel, Jade"
)

LAST = _each(
    "Aubertin, Delmarre, Lachenal, Garrigou, Pontois, Ozannat, Tassard, Amrani-Colin, Vauquelin, "
    "Lestienne, Berrigaud, Autissier, Duvivier, Belhadri, Morvannic, Corbillon, Ruellan, Estival, "
    "Trémeur, Quéméneur, Kerguélen, Abgrall, Boisgontier, Chauvelin, Daubenton, Esnault, Fouquières, "
    "Guivarc'h, Hautecloque, Inizan, Jaffrézic, Kermorvan, Langonnet, Malestroit, Nédélec, Orveillon, "
    "Penmarch, Quintrec, Rostrenen, Scaërou, Tanguy, Urvoas, Vourc'h, Wallaert, Yvinec, Zimmerlin, "
    "Ardouin, Bellanger, Couëdic, Derrien, Échivard, Floch, Gourvennec, Hamonic, Illien, Jézéquel, "
    "Kerbrat, Le-Bihan, Le-Goff, Mazurier, N'Diaye, Ollivaud, Philippot, Quillévéré, Rivoalan, Sénéchal, "
    "Thoraval, Ben-Salah, Haddadi, Bouazizi, Traoré, Diallo, Nguyên, Pereira, Fernandes, Moretti, "
    "Kowalski, Novák, Schröder, Müller, Lindqvist, Osei, Mensah, Rahmani, Cissé, Keïta, Achour, Zerrouki, "
    "Marchadour, Guégan, Salaün"
)

# Surnames are many: these stand for the thousand others of a region, roots and endings in every pairing.
_ROOTS = _each(
    "Ber, Cor, Dar, Fal, Gar, Hel, Jar, Kerb, Lan, Mal, Ner, Or, Pel, Quem, Ros, Sal, Tal, Urv, Val, Yv, Bres, "
    "Cloar, Dru, Feug, Gour, Hél, Lour, Morv, Plou, Trév"
)
_ENDINGS = _each(
    "adec, aret, ault, azec, eau, egan, enn, eret, erou, evin, ezec, iac, idou, iguel, illon, inec, ioux, iquel, "
    "isson, ivet, oac, ogan, oic, onnec, oret, ouarn, ouet, ousse, uel, ulaire, urand, usseau"
)
LAST += [root + ending for root in _ROOTS for ending in _ENDINGS]

TRADE = _each(
    "Chauffage, Toiture, Menuiserie, Électricité, Plomberie, Isolation, Garage, Imprimerie, Boulangerie, "
    "Conserverie, Pépinière, Serrurerie, Carrosserie, Maçonnerie, Peinture, Nautisme, Transports, "
    "Clinique, Librairie, Hôtel"
)

PLACE = _each(
    "l'Ouest, Saint-Brieuc, Lamballe, Pordic, Plérin, Lannion, Paimpol, Étables, Binic, Trégueux, "
    "Quintin, Ploufragan, Yffiniac, Hillion, Langueux, Plaintel, Pléneuf, Erquy, Plédran, Saint-Quay"
)

TAGS = _each(
    "pompe à chaleur, aides 2026, rénovation, salon Rennes, devis envoyé, rappel, parrainage, "
    "professionnel, panneaux solaires, isolation des combles, contrat d'entretien, urgent, propriétaire, "
    "locataire, copropriété, foire de Brest, site web, bouche à oreille, relance, litige, fidèle, étude "
    "thermique, chaudière, bois"
)

LISTS = _each(
    "Invités du salon, Tournée du nord, Clients de 2025, Essai de la pompe à chaleur, Lettre de "
    "printemps, À revoir, Voisins du chantier, Premier cercle"
)
# Key, name, kind, choices.
FIELDS: tuple[tuple[str, str, str, list[str]], ...] = (
    ("town", "Ville", "text", []),
    ("surface", "Surface", "number", []),
    ("heating", "Chauffage", "choice", ["gaz", "fioul", "électrique", "bois"]),
    ("last_visit", "Dernière visite", "date", []),
    ("owner_occupied", "Propriétaire", "yes_no", []),
)

SAID = (
    "Bonjour, vous pouvez passer jeudi ?",
    "Merci, c'est noté. À demain.",
    "Combien pour une maison de 120 m² ?",
    "Je suis en réunion, rappelez-moi vers 17 h.",
    "Le devis est bien arrivé, je regarde ce soir.",
    "Pas avant le mois prochain, merci.",
    "D'accord pour mardi à 9 h.",
    "Est-ce que les aides sont encore possibles ?",
)
WROTE = (
    "Bonjour, votre devis est prêt : nous pouvons passer jeudi à 14 h. Cela vous convient-il ?",
    "Bonjour, notre technicien sera chez vous entre 9 h et 11 h.",
    "Bonsoir, avez-vous pu regarder notre proposition ?",
    "C'est entendu, à lundi. Bonne fin de semaine.",
    "Voici le dossier des aides : {link}",
    "Bonjour, l'entretien annuel est à prévoir : quel jour vous arrange ?",
)
NOTED = (
    "Intéressé, rappeler.",
    "Rendez-vous pris.",
    "Pas de réponse.",
    "À rappeler le mois prochain.",
    "Refus.",
)
NOTES = ("Préfère le matin.", "Décide avec son frère.", "Chaudière de 1998.", "A vu la concurrence.")

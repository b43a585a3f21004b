"""People of the demo with whom nothing happened yet: most of them left their name at a fair."""

from crm.demo.known import PUMP, ROOF, STOVE, WATER

# Key, name, number, town, project, owner. Everyone and every number is invented (06 39 98 …).
OTHERS = (
    ("o01", "Anaëlle Botrel", "06 39 98 10 01", "Saint-Brieuc (22)", PUMP, "malik"),
    ("o02", "Maëlys Corvaisier", "06 39 98 10 02", "Dinan", STOVE, "ines"),
    ("o03", "Erwan Quéméner", "06 39 98 10 03", "Morlaix", PUMP, "malik"),
    ("o04", "Sylvie Haudebourg", "06 39 98 10 04", "Loudéac", ROOF, "theo"),
    ("o05", "Karim Benallou", "06 39 98 10 05", "Rennes", PUMP, "ines"),
    ("o06", "Gwenola Tanguy-Roux", "06 39 98 10 06", "Perros-Guirec", PUMP, "malik"),
    ("o07", "Hervé Ladurelle", "06 39 98 10 07", "Lamballe", WATER, ""),
    ("o08", "Océane Pirault", "06 39 98 10 08", "Plérin", PUMP, "theo"),
    ("o09", "Tugdual Kervella", "06 39 98 10 09", "Tréguier", STOVE, "malik"),
    ("o10", "Bérengère Vasnier", "06 39 98 10 10", "Pordic", PUMP, "ines"),
    ("o11", "Yasmine Dridi", "06 39 98 10 11", "Rennes", PUMP, "ines"),
    ("o12", "Patrick Le Guillerm", "06 39 98 10 12", "Paimpol", ROOF, "theo"),
    ("o13", "Lucie Amieux", "06 39 98 10 13", "Lannion", PUMP, ""),
    ("o14", "Jean-Noël Pasquiou", "06 39 98 10 14", "Guingamp", PUMP, "malik"),
    ("o15", "Mathilde Roustan", "06 39 98 10 15", "Erquy", WATER, "malik"),
    ("o16", "Ronan Le Coadic", "06 39 98 10 16", "Binic", PUMP, "theo"),
    ("o17", "Élodie Szymanski", "06 39 98 10 17", "Plédran", PUMP, "ines"),
    ("o18", "Denis Coupeau", "06 39 98 10 18", "Quintin", STOVE, ""),
    ("o19", "Rozenn Abalain", "06 39 98 10 19", "Étables", PUMP, "malik"),
    ("o20", "Vincent Mahaut", "06 39 98 10 20", "Yffiniac", PUMP, "ines"),
    ("o21", "Ágnes Kovács", "06 39 98 10 21", "Dinard", ROOF, "malik"),
    ("o22", "Pol-Aurélien Nicol", "06 39 98 10 22", "Hillion", PUMP, "theo"),
    ("o23", "Chantal Dervieux", "06 39 98 10 23", "Langueux", PUMP, ""),
    ("o24", "Samuel Ouattara", "06 39 98 10 24", "Rennes", PUMP, "malik"),
    ("o25", "Typhaine Gouriou", "06 39 98 10 25", "Saint-Quay", STOVE, "ines"),
    ("o26", "Alain Bréhinier", "06 39 98 10 26", "Pléneuf", PUMP, "theo"),
    ("o27", "Inès Fauvel", "06 39 98 10 27", "Plaintel", WATER, "malik"),
    ("o28", "Jacky Le Morzadec", "06 39 98 10 28", "Ploufragan", PUMP, ""),
    ("o29", "Delphine Artur", "06 39 98 10 29", "Trégueux", PUMP, "ines"),
    ("o30", "Mickaël Thoraval", "06 39 98 10 30", "Loudéac", ROOF, "malik"),
    ("o31", "Noémie Cadiou", "06 39 98 10 31", "Morlaix", PUMP, "theo"),
)

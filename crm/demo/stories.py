"""What happened with each person of the demo, oldest first. The events of one person must be in order.

Yesterday's stand before 18:00 and today's within the last five hours, so that they keep that order at
whatever time of day the demo is loaded.
"""

from crm.demo.happenings import Happening, In, Noted, Opened, Out, Rang, ago, day

QUOTE = "https://brehat.example/devis"
GUIDE = "https://brehat.example/guide-aides-2026"

STORIES: dict[str, tuple[Happening, ...]] = {
    "sofia": (
        Rang(day(4, "09:40"), "outgoing", 190, "À rappeler"),
        Out(
            day(1, "11:05"),
            "Bonjour Sofia, votre devis pour la pompe à chaleur est prêt : {link} Malik",
            url=QUOTE,
        ),
        Opened(day(1, "11:12")),
        Opened(ago(2)),
    ),
    "camille": (
        Out(
            day(5, "10:02"),
            "Bonjour Camille, votre devis pour la pompe à chaleur est prêt : {link} Bonne lecture. "
            "Malik, Atelier Bréhat. STOP pour ne plus recevoir",
            url=QUOTE,
        ),
        Opened(day(5, "10:02"), doubtful=True),
        Opened(day(5, "10:06")),
        In(day(5, "10:31"), "Merci ! Est-ce que la pose est comprise dans le prix ?"),
        Out(day(5, "11:02"), "Oui, la pose est comprise, et la dépose de l'ancienne chaudière aussi."),
        Rang(day(1, "16:47"), "missed", 22),
        Rang(day(1, "17:05"), "outgoing", 252, "Intéressée"),
        Noted(
            day(1, "17:12"),
            "Compare avec un autre devis à 11 400 €. Son mari veut voir une installation en vrai.",
        ),
        Out(
            ago(27),
            "Bonjour Camille, une visite chez un client à Plérin jeudi, ça vous dirait ?",
            state="uncertain",
            reason="read_timeout",
        ),
        In(ago(14), "Bonjour, je suis chez moi jeudi après 17 h 30. Vous pouvez passer ?", unread=True),
    ),
    "yann": (
        Out(day(2, "15:20"), "Bonjour Yann, avez-vous pu regarder notre proposition ? Malik"),
        Rang(ago(38), "missed", 22, unread=True),
    ),
    "bruno": (
        Out(day(3, "09:15"), "Bonjour Bruno, voici le devis révisé : {link}", url=QUOTE),
        Opened(day(3, "12:40")),
        In(ago(120), "D'accord pour le prix, vous posez quand ?"),
    ),
    "stranger": (
        In(ago(183), "Bonjour je vous contacte pour un devis pompe à chaleur", unread=True),
        In(ago(182), "maison de 110 m² à Binic", unread=True),
    ),
    "nadia": (
        In(ago(210), "Vous avez le plan de pose pour le chantier de Pordic ?"),
        Out(ago(195), "Je vous envoie le plan de pose ce soir", by="ines"),
    ),
    "emilie": (
        Out(day(6, "14:00"), "Bonjour Émilie, les aides 2026 expliquées en une page : {link}", url=GUIDE),
        Opened(day(6, "18:21")),
        Rang(ago(265), "incoming", 400, "Intéressée"),
    ),
    "hugo": (
        In(day(1, "15:10"), "Vous passez toujours ce matin ?"),
        Out(
            ago(290),
            "Bonjour Hugo, oui, j'arrive vers 10 h 30.",
            state="uncertain",
            reason="deadline",
        ),
    ),
    "claire": (
        Out(day(2, "10:10"), "Bonjour Claire, la visite technique est confirmée pour mardi 9 h.", by="theo"),
        In(day(1, "12:32"), "Et si on garde la chaudière en secours ?"),
    ),
    "raphael": (
        Rang(day(1, "15:20"), "outgoing", 108, "À rappeler"),
        Noted(day(1, "15:26"), "Son frère décide avec lui, rappeler en fin de semaine."),
    ),
    "mireille": (
        Rang(day(5, "17:22"), "incoming", 316, "Visite prise"),
        In(day(4, "16:02"), "Tout est noté pour jeudi. Bon week-end"),
        Out(day(4, "16:05"), "Merci Mireille, bon week-end à vous aussi", by="ines"),
    ),
    "loic": (
        Out(
            day(4, "10:00"),
            "Bonjour Loïc, les aides changent au 1er janvier : {link} STOP au même numéro",
            url=GUIDE,
        ),
        In(day(4, "10:22"), "STOP", stop=True),
    ),
    "patricia": (
        Rang(day(5, "16:40"), "outgoing", 0, "Faux numéro"),
        Out(
            day(5, "16:55"),
            "Bonjour Patricia, j'ai essayé de vous joindre pour votre devis. Malik",
            state="failed",
            reason="not_sent: number not in service",
        ),
    ),
    "driss": (
        Rang(day(1, "09:52"), "outgoing", 123, "À rappeler"),
        Out(
            day(-2, "10:00"),
            "Bonjour Driss, comme convenu : avez-vous pu en parler à la maison ? Malik",
            state="queued",
            written=day(1, "09:58"),
        ),
    ),
    "aude": (
        In(day(6, "11:40"), "Mercredi 14 h au gîte, ça marche pour vous ?"),
        Out(day(6, "11:48"), "Parfait, à mercredi alors", by="theo"),
    ),
    "layla": (
        Out(day(2, "14:30"), "Bonjour, votre rendez-vous est bien noté pour lundi 10 h. Inès", by="ines"),
        In(day(2, "14:41"), "شكراً جزيلاً، إلى اللقاء يوم الاثنين"),
        Out(day(2, "14:45"), "Avec plaisir, à lundi !", by="ines"),
    ),
    "gael": (
        Out(day(7, "10:00"), "Bonjour Gaël, les aides 2026 en une page : {link}", by="ines", url=GUIDE),
        Opened(day(7, "10:00"), doubtful=True),
        Opened(day(7, "12:18")),
        Rang(day(6, "11:36"), "outgoing", 545, "Visite prise"),
    ),
    "thibault": (
        Out(
            day(3, "17:00"),
            "Bonjour Thibault, le chauffagiste peut passer vendredi. Cela vous convient ?",
            state="sent",
        ),
        Rang(day(1, "09:12"), "missed", 30, unread=True),
    ),
    "marc": (Rang(day(4, "15:02"), "incoming", 207, "Intéressé"),),
    "nolwenn": (
        Rang(day(4, "10:15"), "missed", 14),
        Rang(day(4, "10:33"), "outgoing", 95),
    ),
    "inaya": (
        Out(day(8, "10:00"), "Bonjour Inaya, les aides 2026 en une page : {link}", by="ines", url=GUIDE),
        Opened(day(8, "19:30")),
        Rang(day(5, "11:48"), "outgoing", 52, "Pas intéressée"),
    ),
    "landline": (Rang(ago(285), "missed", 8, unread=True),),
    # Before all campaigns: these are left out of them.
    "o32": (
        Out(
            day(64, "11:20"),
            "Bonjour Gildas, merci de votre visite au salon. Vos questions sur la pompe à chaleur ?",
        ),
        In(day(64, "11:24"), "STOP", stop=True),
    ),
    "o35": (
        Out(day(58, "15:05"), "Bonjour Maryvonne, toujours intéressée par un chauffe-eau ? Malik"),
        In(day(58, "18:40"), "Non merci, arrêt svp. STOP", stop=True),
    ),
    "info": (In(day(3, "08:00"), "Info conso : il vous reste 12 Go jusqu'au 30. Service gratuit."),),
}

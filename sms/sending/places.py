"""Which clock a number lives by: the time zone of a recipient, as far as the number's country tells. Pure.

The same table answers in Python and, for the many rows of a campaign, as an SQL expression.
"""

from functools import cache

# IANA names and the beginnings of the numbers that live there (E.164, without the plus). Countries of several zones are
# left out, so the team's clock counts for them, but for those where nearly everybody lives in one. +33 is left to the
# team's clock too: a team of La Réunion has neighbours with French numbers.
_PLACES = """
Indian/Reunion 262
Indian/Mayotte 262269 262639 26270935 26270936 26270937
America/Guadeloupe 590
America/Cayenne 594
America/Martinique 596
America/Miquelon 508
Pacific/Noumea 687
Pacific/Tahiti 689
Pacific/Wallis 681
Europe/Brussels 32
Europe/Luxembourg 352
Europe/Zurich 41
Europe/Monaco 377
Europe/London 44
Europe/Dublin 353
Europe/Berlin 49
Europe/Vienna 43
Europe/Vaduz 423
Europe/Amsterdam 31
Europe/Madrid 34
Atlantic/Canary 34822 34828 34922 34928
Europe/Lisbon 351
Europe/Andorra 376
Europe/Gibraltar 350
Europe/Rome 39
Europe/San_Marino 378
Europe/Malta 356
Europe/Copenhagen 45
Europe/Oslo 47
Europe/Stockholm 46
Europe/Helsinki 358
Atlantic/Faroe 298
Atlantic/Reykjavik 354
Europe/Tallinn 372
Europe/Riga 371
Europe/Vilnius 370
Europe/Warsaw 48
Europe/Prague 420
Europe/Bratislava 421
Europe/Budapest 36
Europe/Ljubljana 386
Europe/Zagreb 385
Europe/Sarajevo 387
Europe/Belgrade 381 383
Europe/Podgorica 382
Europe/Skopje 389
Europe/Tirane 355
Europe/Athens 30
Asia/Nicosia 357
Europe/Sofia 359
Europe/Bucharest 40
Europe/Chisinau 373
Europe/Kyiv 380
Europe/Minsk 375
Europe/Istanbul 90
Asia/Tbilisi 995
Asia/Yerevan 374
Asia/Baku 994
Africa/Tunis 216
Africa/Casablanca 212
Africa/Algiers 213
Africa/Tripoli 218
Africa/Cairo 20
Africa/Nouakchott 222
Africa/Dakar 221
Africa/Banjul 220
Africa/Bissau 245
Africa/Conakry 224
Africa/Freetown 232
Africa/Monrovia 231
Africa/Bamako 223
Africa/Abidjan 225
Africa/Ouagadougou 226
Africa/Niamey 227
Africa/Accra 233
Africa/Lome 228
Africa/Porto-Novo 229
Africa/Lagos 234
Africa/Ndjamena 235
Africa/Bangui 236
Africa/Douala 237
Africa/Malabo 240
Africa/Sao_Tome 239
Africa/Libreville 241
Africa/Brazzaville 242
Africa/Luanda 244
Atlantic/Cape_Verde 238
Africa/Khartoum 249
Africa/Juba 211
Africa/Addis_Ababa 251
Africa/Djibouti 253
Africa/Mogadishu 252
Africa/Nairobi 254
Africa/Kampala 256
Africa/Kigali 250
Africa/Bujumbura 257
Africa/Dar_es_Salaam 255
Africa/Maputo 258
Africa/Blantyre 265
Africa/Lusaka 260
Africa/Harare 263
Africa/Gaborone 267
Africa/Windhoek 264
Africa/Johannesburg 27
Africa/Maseru 266
Africa/Mbabane 268
Indian/Comoro 269
Indian/Antananarivo 261
Indian/Mauritius 230
Indian/Mahe 248
Asia/Beirut 961
Asia/Damascus 963
Asia/Amman 962
Asia/Jerusalem 972
Asia/Baghdad 964
Asia/Riyadh 966
Asia/Kuwait 965
Asia/Bahrain 973
Asia/Qatar 974
Asia/Dubai 971
Asia/Muscat 968
Asia/Tehran 98
Asia/Karachi 92
Asia/Kolkata 91
Asia/Colombo 94
Asia/Dhaka 880
Asia/Bangkok 66
Asia/Ho_Chi_Minh 84
Asia/Phnom_Penh 855
Asia/Vientiane 856
Asia/Kuala_Lumpur 60
Asia/Singapore 65
Asia/Manila 63
Asia/Shanghai 86
Asia/Hong_Kong 852
Asia/Taipei 886
Asia/Seoul 82
Asia/Tokyo 81
Pacific/Efate 678
America/Port-au-Prince 509
America/Bogota 57
America/Caracas 58
America/Lima 51
America/La_Paz 591
America/Asuncion 595
America/Montevideo 598
America/Argentina/Buenos_Aires 54
"""


@cache
def _zones() -> dict[int, dict[str, str]]:
    """By the length of a number's beginning, the plus included, longest first: the beginning and its zone."""
    zones: dict[int, dict[str, str]] = {}
    for zone, *codes in map(str.split, _PLACES.strip().splitlines()):
        for code in codes:
            zones.setdefault(len(code) + 1, {})[f"+{code}"] = zone
    return dict(sorted(zones.items(), reverse=True))


def zone_of(number: str, default: str) -> str:
    """The time zone of an E.164 number; `default`, the team's, where it does not tell."""
    for length, zones in _zones().items():
        if zone := zones.get(number[:length]):
            return zone
    return default


@cache
def _cases(column: str) -> str:
    cases = []
    for length, zones in _zones().items():
        whens = " ".join(f"WHEN '{begin}' THEN '{zone}'" for begin, zone in zones.items())
        cases.append(f"CASE left({column}, {length}) {whens} END")
    # One comparison for most numbers of a French team.
    return (
        f"CASE WHEN left({column}, 3) = '+33' THEN %(zone_default)s::text"
        f" ELSE coalesce({', '.join(cases)}, %(zone_default)s::text) END"
    )


def sql(column: str, default: str) -> tuple[str, dict[str, str]]:
    """`zone_of` as an expression over a column of the caller's own naming, with the parameters it needs."""
    return _cases(column), {"zone_default": default}

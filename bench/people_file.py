"""A file of people as teams bring them: numbers in four writings, 5 % bad ones, 3 % that stood before."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

HEADER = ["Prénom", "Nom", "Téléphone", "E-mail", "Société"]
FIRST = ["Camille", "Hervé", "Katell", "Perrine", "Paul", "Bruno", "Yuna", "Graham", "Maëlle", "Émilie"]
LAST = ["Dréano", "Salaün", "Vauclair", "Hénaut", "Lachenal", "Goascoz", "Pellow", "Garrigou"]
BAD = ["", "test", "06 39 98 4", "6,3998E+08", "06 39 98 O2 14", "0639984217 poste 3"]
BAD_SHARE, TWICE_SHARE = 0.05, 0.03


def rows(count: int) -> Iterator[list[str]]:
    chance = random.Random(7)
    good: list[int] = []
    for at in range(count):
        first = f"{chance.choice(FIRST)} {at % 977}"
        last = f"{chance.choice(LAST)} {at % 1009}"
        kind = chance.random()
        if kind < BAD_SHARE:
            phone = chance.choice(BAD)
        elif kind < BAD_SHARE + TWICE_SHARE and good:
            phone = written(chance.choice(good), at)
        else:
            phone = written(at, at)
            # Enough to choose from, without keeping a million.
            if len(good) < 10_000:
                good.append(at)
        yield [first, last, phone, f"p{at}@example.com", f"Atelier {at % 5000}"]


def written(number: int, at: int) -> str:
    """A French mobile, in the next of the four usual writings."""
    digits = f"06{10_000_000 + number:08d}"
    match at % 4:
        case 0:
            return digits
        case 1:
            return " ".join(digits[begin : begin + 2] for begin in range(0, 10, 2))
        case 2:
            return "+33" + digits[1:]
    return "+33 (0)" + digits[1:]


def write(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(rows(count))

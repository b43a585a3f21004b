"""Whom a raw callback is about, as one number that an index finds: what an erasure goes by.

No secret is needed: the number itself stands in the bytes beside it, and goes with them.
"""

import hashlib
from collections.abc import Iterable

# Nobody, or several people, or unreadable: only the bytes tell.
UNTOLD = 0


def key_of_number(number: str) -> int:
    """63 bits of a number as `resolve.key_of` writes it. Two numbers that meet are told apart by the bytes."""
    digest = hashlib.blake2b(number.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1 or 1


def about_of(numbers: Iterable[str]) -> int:
    """The key of a callback whose parts concern these numbers ("" for a part that concerns nobody's)."""
    different = set(numbers)
    only = different.pop() if len(different) == 1 else ""
    return key_of_number(only) if only else UNTOLD

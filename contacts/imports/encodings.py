"""Which encoding a file of text is in. A guess: the person sees a preview and can choose another."""

import codecs
import unicodedata

# Enough to see accents and columns; a file is never read whole for this.
SAMPLE = 2**18  # bytes

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Eight bits a character: told apart by which of them makes words.
_EIGHT_BITS = ("cp1252", "mac_roman", "cp1250")

_FRENCH = frozenset("éèêàçôîïûùëâœÉÈÊÀÇÔÎÏÛËÂŒ")
_CENTRAL = frozenset("ąćęłńśźżčřšžěůőűďťňŁŚŻŹČŘŠŽ")
_WESTERN = frozenset("áíóúñäöüßæåøãõÁÍÓÚÑÄÖÜÅØýÿŸŒÆïÏ")
_SIGNS = frozenset("’‘“”«»–—…€°\u00a0")


def opened_as(encoding: str) -> str:
    """The codec that reads a file of this encoding, with or without its byte order mark."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def of_mark(head: bytes) -> str | None:
    """The encoding that the file's first bytes name."""
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), None)


def guess(sample: bytes, *, is_utf8: bool) -> str:
    """The likeliest encoding. `is_utf8`: whether the whole file is valid UTF-8."""
    if marked := of_mark(sample):
        return marked
    if wide := _sixteen_bits(sample):
        return wide
    if is_utf8:
        return "utf-8"
    return max(_EIGHT_BITS, key=lambda encoding: _sense(sample.decode(encoding, "replace")))


def mostly_utf8(sample: bytes) -> bool:
    """Whether a file with a few broken characters is UTF-8 all the same."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(not each.isascii() for each in text) - broken > 4 * broken


def _sixteen_bits(sample: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Western text is zero."""
    pairs = len(sample) // 2
    if pairs < 4:
        return None
    even, odd = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if odd > 0.4 * pairs and even < 0.1 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * pairs and odd < 0.1 * pairs else None


def _sense(text: str) -> int:
    """How much the characters beyond ASCII look like letters of words."""
    score = 0
    before = " "
    for each in text:
        if not each.isascii():
            score += _weight(each, before)
        before = each
    return score


def _weight(each: str, before: str) -> int:
    if each in _FRENCH:
        weight = 4
    elif each in _CENTRAL:
        weight = 3
    elif each in _WESTERN:
        weight = 2
    elif each in _SIGNS:
        weight = 0 if before.isalpha() and each != "’" else 1
    else:
        weight = 0 if unicodedata.category(each)[0] == "L" else -4
    # "RenÈ": nobody writes a capital after a small letter.
    if each.isupper() and before.islower():
        weight -= 6
    return weight

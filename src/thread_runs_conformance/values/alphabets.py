"""Texts of any length in several alphabets, in which every position is different and recognizable."""

from collections.abc import Callable
from functools import cache

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def mark(salt: int) -> str:
    """Four characters that identify the text that contains them."""
    return "".join(_DIGITS[salt >> shift & 31] for shift in (15, 10, 5, 0))


def _cycled(first: int, count: int) -> Callable[[int, int], str]:
    @cache
    def whole(start: int, length: int) -> str:
        # The step and the count are coprime, so that neighbours differ and the sequence is long.
        return "".join(chr(first + (start + index * 5 + index // count) % count) for index in range(length))

    return lambda length, salt: whole(salt * 7 % count, _rounded(length))[:length]


def _ascii(length: int, salt: int) -> str:
    head = mark(salt)[:length]
    return head + _letters(salt % 25, _rounded(length))[: length - len(head)]


@cache
def _letters(start: int, length: int) -> str:
    return "".join("abcdefghijkmnopqrstuvwxyz"[(start + index * 7 + index // 25) % 25] for index in range(length))


def _combining(length: int, salt: int) -> str:
    letters = "aeiouyn"
    pairs = "".join(letters[(salt + index) % 7] + "\u0301" for index in range(length // 2 + 1))
    return pairs[:length]


def _rounded(length: int) -> int:
    """The next power of two: texts with the same beginning are made once, and cut to their lengths."""
    return 1 << length.bit_length()


ALPHABETS: dict[str, Callable[[int, int], str]] = {
    "ASCII": _ascii,
    # Latin letters that NFC does not change.
    "two-byte": _cycled(0x0100, 48),
    "three-byte": _cycled(0x4E00, 97),
    # One character, but four bytes in UTF-8 and two units in UTF-16.
    "astral": _cycled(0x1F600, 64),
    # A letter and its accent: two characters each, one after NFC.
    "combining": _combining,
}
"""Functions of a length in characters and a salt. Different salts give different texts."""


def sizes(limit: int) -> list[int]:
    """Lengths on the way to a limit: powers of two and ten with their neighbours, and the limit itself."""
    powers = [2**exponent for exponent in range(limit.bit_length() + 1)]
    powers += [10**exponent for exponent in range(len(str(limit)) + 1)]
    found = {size + step for size in powers for step in (-1, 0, 1)} | {limit - 1, limit}
    return sorted(size for size in found if 0 <= size <= limit)

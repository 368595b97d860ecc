"""New identifiers, in the format of an example."""

import re
import string
from random import Random
from typing import Any
from uuid import UUID

_CLASSES = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_SHORTEST = 6
"""The number of random characters in an identifier; with fewer, identifiers would collide soon."""


def new_identifier(example: Any, random: Random) -> Any:
    """Return an identifier like the example: an integer, a UUID, or text.

    Of a text the part up to the last `_`, `-` or `.` is kept. As many random characters follow as in the example, of
    the kinds that it has there: digits, lower case, upper case.
    """
    if isinstance(example, int):
        return random.randrange(1, 2**31)
    text = example if isinstance(example, str) else ""
    if _UUID.fullmatch(text):
        return str(UUID(int=random.getrandbits(128), version=4))
    cut = max(text.rfind(mark) for mark in "_-.") + 1
    prefix, pattern = text[:cut], text[cut:]
    kinds = [kind for kind in _CLASSES if not set(kind).isdisjoint(pattern)]
    alphabet = "".join(kinds) or string.ascii_lowercase + string.digits
    return prefix + "".join(random.choice(alphabet) for _ in range(max(_SHORTEST, len(pattern))))

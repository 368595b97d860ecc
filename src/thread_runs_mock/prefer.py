"""The header `Prefer` (RFC 7240): documented responses, and faults, that a request asks for."""

import re
from collections.abc import Sequence

from thread_runs_mock import errors
from thread_runs_mock.documented import Choice, Documented, listing

# RFC 7240, section 2: a token, a value that may be quoted, and parameters, which none of ours has.
_PREFERENCE = re.compile(r'\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?\s*(?:;[^,]*)?(?:,|$)')
_LONGEST = 1000
"""The most characters of a header that are parsed, so that a client cannot make the pattern slow."""


def preferred(prefer: str, responses: Sequence[Documented]) -> tuple[int, Documented] | None:
    """Return the response that a `Prefer` header selects: `code=429, example=rateLimit`. Other preferences are ignored.

    Raises:
        ApiError: 400; the operation documents no such response.
    """
    values: dict[str, str] = {}
    for name, quoted, plain in _PREFERENCE.findall(prefer[:_LONGEST]):
        # RFC 7240: if a preference is given twice, the first one counts.
        values.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted else plain)
    if not values.keys() & {"code", "example"}:
        return None
    code = values.get("code")
    if code is not None and not re.fullmatch(r"[1-5][0-9][0-9]", code):
        raise errors.unknown_preference(f"code={code}", listing(responses))
    choice = Choice(None if code is None else int(code), values.get("example"))
    found = choice.find(responses)
    if found is None:
        raise errors.unknown_preference(str(choice), listing(responses))
    return found

"""Media types as OpenAPI documents and HTTP messages name them (RFC 9110, section 8.3)."""

from collections.abc import Iterable

_RANGES = ("*/*", "application/*")


def essence(media_type: str) -> str:
    """Return type and subtype in lower case, without parameters such as `charset`."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Return whether bodies of this type or range are JSON: `application/json`, `text/json`, `+json`, `*/*`."""
    name = essence(media_type)
    return name in ("application/json", "text/json", *_RANGES) or name.endswith("+json")


def best_match(sent: str, documented: Iterable[str]) -> str | None:
    """Return the documented media type or range that covers the one sent, the most specific first, or None.

    Parameters such as `charset` do not have to be documented. Where a documented type has parameters, a message with
    the same ones is matched first.
    """
    name = essence(sent)
    kind = name.partition("/")[0]
    parameters = _parameters(sent)

    def rank(candidate: str) -> int:
        documented_name = essence(candidate)
        if documented_name == name:
            return 0 if _parameters(candidate) == parameters else 1
        return {f"{kind}/*": 2, "*/*": 3}.get(documented_name, 4)

    found = min(documented, key=rank, default=None)
    return None if found is None or "/" not in name or rank(found) == 4 else found


def _parameters(media_type: str) -> frozenset[tuple[str, str]]:
    pairs = (part.partition("=") for part in media_type.split(";")[1:])
    return frozenset((name.strip().lower(), value.strip().strip('"').lower()) for name, _, value in pairs)

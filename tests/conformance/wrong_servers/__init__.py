"""Wrong servers: each is the mock, wrong in one way. They show whether the suite notices."""

from tests.conformance.wrong_servers import (
    answers,
    framing,
    http_spelling,
    leaks,
    limits,
    requests,
    rollout,
    routing,
    state,
    storage,
    text,
)
from tests.conformance.wrong_servers.proxy import Group, Mutant, MutantApp

__all__ = ["FROM_OTHER_ANGLES", "MUTANTS", "Mutant", "MutantApp"]

GROUPS: list[Group] = [
    answers.STATUS,
    answers.HEADERS,
    answers.SCHEMA,
    answers.ERRORS,
    answers.RARE,
    limits.LIMITS,
    text.TEXT,
    requests.BODY,
    requests.AUTH,
    requests.HEADER,
    requests.WRITES,
    state.STATE,
    leaks.LEAKS,
    leaks.OTHER_FIELDS,
    routing.ROUTING,
    state.CONCURRENCY,
]
MUTANTS: list[Mutant] = [mutant for group in GROUPS for mutant in group.mutants]

FROM_OTHER_ANGLES: list[Mutant] = [
    mutant
    for group in (
        http_spelling.HTTP,
        http_spelling.JSON,
        http_spelling.NEGOTIATION,
        framing.FRAMING,
        framing.CONNECTIONS,
        framing.SECRETS,
        storage.COLLATIONS,
        storage.SIZES,
        storage.POSITIONS,
        storage.MAPPING,
        rollout.CACHES,
        rollout.QUEUES,
        rollout.MIGRATIONS,
        rollout.RACES,
    )
    for mutant in group.mutants
]
"""Written from what server teams get wrong elsewhere, before the suite knew any of them."""

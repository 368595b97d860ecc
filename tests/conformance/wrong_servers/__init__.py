"""Wrong servers: each is the mock, wrong in one way. They show whether the suite notices."""

from tests.conformance.wrong_servers import answers, leaks, limits, requests, routing, state, text
from tests.conformance.wrong_servers.proxy import Group, Mutant, MutantApp

__all__ = ["MUTANTS", "Mutant", "MutantApp"]

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

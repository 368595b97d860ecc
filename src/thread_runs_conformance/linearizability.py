"""Whether some order of concurrent calls explains what each of them saw (Wing and Gong, 1993)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thread_runs_conformance.exchange import Exchange

Pairs = Mapping[str, str]


@dataclass(frozen=True)
class Call:
    """One call on a map of pairs.

    Attributes:
        begin: When the request was sent, in seconds.
        end: When the response was complete.
        sent: The pairs to store; None for a read.
        seen: The pairs in the response; None if it could not be read.
        succeeded: The response was a success.
        rejected: The response was a rejection: nothing was stored. If it was neither, the outcome is unknown.
    """

    begin: float
    end: float
    sent: Pairs | None
    seen: Pairs | None
    succeeded: bool
    rejected: bool
    exchange: Exchange


def explains(first: Pairs, calls: Sequence[Call], final: Pairs, *, merge: bool) -> bool:
    """Search for an order of the calls that respects their times and explains every response and the final state.

    Args:
        first: What was stored before.
        merge: New pairs are merged into the stored ones; otherwise they replace them.
    """
    relevant = [call for call in calls if not call.rejected]
    visited: set[tuple[frozenset[int], frozenset[tuple[str, str]]]] = set()

    def search(left: frozenset[int], stored: dict[str, str]) -> bool:
        if all(not relevant[index].succeeded for index in left) and stored == dict(final):
            return True
        state = (left, frozenset(stored.items()))
        if state in visited:
            return False
        visited.add(state)
        # A call may come first if no other call had ended before it began. One without a response never ended.
        ends = [relevant[index].end for index in left if relevant[index].succeeded]
        horizon = min(ends, default=float("inf"))
        for index in left:
            call = relevant[index]
            if call.begin > horizon:
                continue
            after = stored if call.sent is None else {**stored, **call.sent} if merge else dict(call.sent)
            if call.succeeded and call.seen is not None and after != dict(call.seen):
                continue
            if search(left - {index}, after):
                return True
        return False

    return search(frozenset(range(len(relevant))), dict(first))

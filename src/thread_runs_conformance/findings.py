"""The findings: one for each defect of the server, however often it was seen."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from thread_runs_conformance.exchange import Exchange
from thread_runs_conformance.rules import RULES
from thread_runs_conformance.spec import Place

MOST_CASES = 4
"""The most cases that a finding names."""


@dataclass
class Finding:
    """One defect.

    Attributes:
        code: The rule that is violated, a key of `rules.RULES`.
        sentence: What the server does.
        place: The place in the spec or the RFC that requires something else.
        sent: The request as a curl command, with credentials masked.
        received: The response.
        seen: How many exchanges showed it.
        cases: The first few cases in which it was seen.
        size: The size of the request that is shown, in bytes.
    """

    code: str
    sentence: str
    place: Place
    sent: str = ""
    received: str = ""
    seen: int = 0
    cases: list[str] = field(default_factory=list)
    size: int = 0

    @property
    def times(self) -> str:
        """How often it was seen, and in which cases, in words."""
        return f"{self.seen} time{'s' if self.seen > 1 else ''}: {'; '.join(self.cases)}"

    def text(self) -> str:
        """The finding for a console."""
        rows = [
            ("sent", self.sent),
            ("spec", str(self.place)),
            ("received", self.received),
            ("seen", self.times),
            ("fix", RULES[self.code].fix),
        ]
        lines = [f"{self.sentence}  [{self.code}]"]
        for name, value in rows:
            first, *rest = value.splitlines() or [""]
            lines.append(f"    {name:<10}{first}")
            lines.extend(f"    {'':<10}{line}" for line in rest)
        return "\n".join(lines)


class Findings:
    """All findings of a run, in the order in which they were made.

    Attributes:
        case: The id of the case that is run.
        closed: Nothing more is reported.
        sightings: How often something was reported.

    Two sightings are the same defect if code and key agree. By default the key is the place in the spec.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self.secrets = secrets
        self.case = ""
        self.closed = False
        self._found: dict[tuple[str, str], Finding] = {}
        self._last: dict[tuple[str, str], Exchange | None] = {}
        self._probed: list[tuple[str, str]] | None = None
        self.sightings = 0
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Finding]:
        return iter([*self._found.values()])

    def __len__(self) -> int:
        return len(self._found)

    def since(self, count: int) -> list[Finding]:
        """The findings after the first `count`."""
        return list(self)[count:]

    def has(self, *codes: str) -> bool:
        """Whether there is a finding with one of the codes."""
        return any(finding.code in codes for finding in self)

    def has_defect(self, code: str, key: str) -> bool:
        """Whether there is a finding of one defect; see `add` for the key."""
        return (code, key) in self._found

    @contextlib.contextmanager
    def probe(self) -> Iterator[list[tuple[str, str]]]:
        """Collect code and key of what is found in the block, and report none of it."""
        found: list[tuple[str, str]] = []
        self._probed = found
        try:
            yield found
        finally:
            self._probed = None

    def add(
        self,
        code: str,
        sentence: str,
        place: Place,
        exchange: Exchange | None,
        *,
        key: str | None = None,
        supersede: bool = False,
    ) -> None:
        """Report a sighting. Of several in one group of cases, the finding shows the shortest request.

        Nothing is reported once the findings are closed.

        Args:
            supersede: This sighting is more specific than the earlier ones, so the finding shows it.

        Raises:
            KeyError: The code is not registered.
        """
        RULES[code]
        if self.closed:
            return
        if self._probed is not None:
            self._probed.append((code, key if key is not None else place.pointer))
            return
        self.sightings += 1
        with self._lock:
            self._add(code, sentence, place, exchange, key if key is not None else place.pointer, supersede)

    def _add(
        self, code: str, sentence: str, place: Place, exchange: Exchange | None, key: str, supersede: bool
    ) -> None:
        size = len(exchange.request_body) + len(exchange.url) if exchange else 0
        known = self._found.setdefault((code, key), Finding(code, sentence, place))
        # Generated requests are of any size. The first request without a response may have killed the server.
        comparable = known.seen and self.case.startswith("generated") and known.cases[0].startswith("generated")
        if known.seen == 0 or supersede or (comparable and size < known.size and not (exchange and exchange.fault)):
            known.sentence, known.place, known.size = sentence, place, size
            known.sent = exchange.curl(self.secrets) if exchange else "(several requests)"
            known.received = exchange.answer(self.secrets) if exchange else ""
        # One response may show a defect several times: a property that is missing, and another one.
        if exchange is None or self._last.get((code, key)) is not exchange:
            known.seen += 1
        self._last[code, key] = exchange
        if self.case not in known.cases and len(known.cases) < MOST_CASES:
            known.cases.append(self.case)

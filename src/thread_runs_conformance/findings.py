"""What a server does wrong: one finding for each defect, however often it was seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from thread_runs_conformance.exchange import Exchange
from thread_runs_conformance.spec import Place


@dataclass
class Finding:
    """One defect.

    Attributes:
        rule: Short name of the rule that is broken, for reports and for telling findings apart.
        sentence: What the server does, as a sentence.
        place: Where the contract says otherwise.
        sent: The request as a curl line, the key masked.
        answer: What came back.
        seen: How often it was seen.
        cases: The first few cases that showed it.
    """

    rule: str
    sentence: str
    place: Place
    sent: str
    answer: str
    seen: int = 1
    cases: list[str] = field(default_factory=list)
    size: int = 0

    def text(self) -> str:
        """The finding in words."""
        rows = [
            ("sent", self.sent),
            ("contract", str(self.place)),
            ("came back", self.answer),
            ("seen", f"{self.seen} time{'s' if self.seen > 1 else ''}: {'; '.join(self.cases)}"),
        ]
        lines = [f"{self.sentence}  [{self.rule}]"]
        for name, value in rows:
            first, *rest = value.splitlines() or [""]
            lines.append(f"    {name:<10}{first}")
            lines.extend(f"    {'':<10}{line}" for line in rest)
        return "\n".join(lines)


MOST_CASES = 4


class Findings:
    """All findings of a session, in the order in which they were made.

    Two sightings are the same defect if rule and key agree: by default the key is the place in the contract.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self.secrets = secrets
        self.case = ""
        self.closed = False
        self._found: dict[tuple[str, str], Finding] = {}

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def since(self, count: int) -> list[Finding]:
        return list(self)[count:]

    def add(self, rule: str, sentence: str, place: Place, exchange: Exchange | None, *, key: str | None = None) -> None:
        """Report a sighting; of several in one test the shortest is kept to be shown.

        Nothing is reported once the findings are closed.
        """
        if self.closed:
            return
        size = len(exchange.request_body) + len(exchange.url) if exchange else 0
        known = self._found.get((rule, key if key is not None else place.pointer))
        if known is None:
            known = Finding(rule, sentence, place, "", "", seen=0)
            self._found[rule, key if key is not None else place.pointer] = known
        # A case with a name reads better than a generated one; what went unanswered first may have killed the server.
        comparable = known.seen and self.case.partition(":")[0] == known.cases[0].partition(":")[0]
        if known.seen == 0 or (comparable and size < known.size and not (exchange and exchange.fault)):
            known.sentence, known.place, known.size = sentence, place, size
            known.sent = exchange.curl(self.secrets) if exchange else "(several requests)"
            known.answer = exchange.answer(self.secrets) if exchange else ""
        known.seen += 1
        if self.case not in known.cases and len(known.cases) < MOST_CASES:
            known.cases.append(self.case)

"""One answer against the contract: status, content type, headers, JSON, schema, request id."""

from collections import Counter
from typing import Any

from thread_runs_conformance.exchange import Exchange, NotJsonError, shortened
from thread_runs_conformance.findings import Findings
from thread_runs_conformance.spec import Contract, Operation

LATEST = 100_000_000_000
"""Unix seconds of the year 5138."""


class AnswerChecks:
    """Checks answers and keeps account of what was reached.

    Attributes:
        reached: How often each documented status of each operation was seen.
        broken: The properties of the last answer that break their schema; the empty name is the whole answer.
    """

    def __init__(self, contract: Contract, findings: Findings) -> None:
        self.contract = contract
        self.findings = findings
        self.reached: Counter[tuple[str, str]] = Counter()
        self.broken: set[str] = set()
        self._request_ids: set[str] = set()

    def check(self, operation: Operation, exchange: Exchange, *, undocumented: bool = False) -> Any:
        """Check everything that can be told without knowing what was asked.

        Args:
            undocumented: The request is none that the contract names: the status need not be documented, but the
                errors of the operation set the form.

        Returns:
            The body as JSON, or None if there is none. `broken` then names its properties that break their schema.
        """
        self.broken = set()
        place = self.contract.place
        if exchange.fault:
            self.findings.add(
                "no-answer",
                "The server does not answer in HTTP.",
                place(f"{operation.pointer}/responses"),
                exchange,
                key="",
            )
            return None
        response = operation.response(exchange.status)
        if response is None:
            if not undocumented:
                self.findings.add(
                    "undocumented-status",
                    f"The server answers {exchange.status}, which the contract does not name.",
                    place(f"{operation.pointer}/responses"),
                    exchange,
                    key=str(exchange.status),
                )
            response = operation.error_response if exchange.status >= 400 else None
            if response is None:
                return None
        elif not undocumented:
            self.reached[operation.id, operation.status_key(exchange.status) or ""] += 1
        if exchange.status >= 500:
            return None  # Never right for what the suite sends: a finding by itself, whatever its form.
        self._check_headers(operation, response, exchange)
        return self._checked_body(operation, response, exchange)

    def _check_headers(self, operation: Operation, response: str, exchange: Exchange) -> None:
        for name, pointer in operation.required_headers(response):
            value = exchange.header(name)
            schema = self.contract.resolved(f"{pointer}/schema")
            place = self.contract.place(pointer)
            if value is None:
                self.findings.add("missing-header", f"The answer has no header {name}.", place, exchange)
            elif violations := self.contract.violations(schema, _typed(value, self.contract.node(schema))):
                self.findings.add(
                    "invalid-header", f"The header {name} breaks its schema: {violations[0].message}.", place, exchange
                )
            elif name.lower() == "x-request-id":
                if value in self._request_ids:
                    self.findings.add(
                        "repeated-request-id", "Several answers carry the same x-request-id.", place, exchange
                    )
                self._request_ids.add(value)

    def _checked_body(self, operation: Operation, response: str, exchange: Exchange) -> Any:
        schema = operation.response_schema(response)
        if schema is None or exchange.method == "HEAD":
            return None
        side = "success" if exchange.status < 300 else "error"
        body = "The body of a success" if side == "success" else "The body of an error"
        self._check_content_type(response, exchange, side)
        try:
            value = exchange.json()
        except NotJsonError as fault:
            self.findings.add(
                "not-json",
                f"{body} is not JSON: {shortened(str(fault), 200)}.",
                self.contract.place(schema),
                exchange,
                key=side,
            )
            return None
        violations = self.contract.violations(schema, value)
        for violation in violations:
            where = f" at `{violation.path.lstrip('.')}`" if violation.path else ""
            same = [
                other.message
                for other in violations
                if (other.pointer, other.path) == (violation.pointer, violation.path)
            ]
            self.findings.add(
                "schema",
                f"{body} breaks its schema{where}: {shortened('; '.join(same), 300)}.",
                self.contract.place(violation.pointer),
                exchange,
                key=violation.pointer if violation.path else side,
            )
        if side == "success" and isinstance(value, dict):
            self._check_times(schema, value, exchange)
        self.broken = {violation.property_name for violation in violations}
        return value

    def _check_times(self, schema: str, value: dict[str, Any], exchange: Exchange) -> None:
        """A time in Unix seconds is no time in milliseconds, which no keyword of the schema can tell."""
        pointer, keywords = self.contract.schema(schema)
        for name, described in keywords.get("properties", {}).items():
            given = value.get(name)
            if "Unix seconds" in described.get("description", "") and isinstance(given, int) and given > LATEST:
                place = self.contract.place(f"{pointer}/properties/{name}")
                self.findings.add("milliseconds", f"`{name}` is not in seconds: {given}.", place, exchange, key="")

    def _check_content_type(self, response: str, exchange: Exchange, side: str) -> None:
        place = self.contract.place(f"{response}/content")
        media_type, *options = [part.strip().lower() for part in (exchange.header("content-type") or "").split(";")]
        charsets = [option.partition("=")[2].strip('"') for option in options if option.startswith("charset=")]
        if media_type not in (name.lower() for name in self.contract.node(f"{response}/content")):
            self.findings.add(
                "content-type",
                f"The content type of {'a success' if side == 'success' else 'an error'} is {media_type or 'missing'}.",
                place,
                exchange,
                key=side,
            )
        elif any(charset not in ("utf-8", "utf8", "us-ascii") for charset in charsets):
            self.findings.add(
                "content-type",
                f"The content type names the charset {charsets[0]}; JSON is UTF-8.",
                place,
                exchange,
                key=side,
            )


def _typed(text: str, schema: Any) -> Any:
    """The value of a header, as the JSON type that its schema asks for."""
    if schema.get("type") in ("integer", "number") and text.isascii() and text.lstrip("-").isdecimal():
        return int(text)
    return text

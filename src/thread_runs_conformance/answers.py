"""Checks one response against the spec: status, framing, content type, headers, JSON, schema, request id, secrets."""

import base64
import threading
from collections import Counter
from typing import Any
from urllib.parse import quote

from thread_runs_conformance.exchange import Exchange, NotJsonError, shortened
from thread_runs_conformance.findings import Findings
from thread_runs_conformance.operations import Operation, response_schema
from thread_runs_conformance.spec import Place, Spec, written
from thread_runs_spec.operations import Response

BY_HTTP = frozenset({401, 413, 414, 415, 431})
"""Statuses that HTTP prescribes for certain faults (RFC 9110, 15.5). Many specs do not repeat them."""
LATEST = 100_000_000_000
"""Unix seconds of the year 5138."""


def rfc(number: int, section: str, text: str = "") -> Place:
    """A paragraph of an RFC, as the place of a finding."""
    return Place(f"RFC {number}", 0, f"section {section}", text)


class AnswerChecks:
    """Checks responses and counts what was reached.

    Attributes:
        reached: How often each documented status of each operation was seen.
        not_simulated: Operations whose responses are examples, according to the server: it is a mock.
        broken: The properties of this thread's last response that violate their schema; the empty name is the whole
            body.
    """

    def __init__(self, spec: Spec, findings: Findings, secrets: list[str]) -> None:
        self.spec = spec
        self.findings = findings
        self.secrets = [secret for secret in secrets if len(secret) >= 8]
        self.reached: Counter[tuple[str, str]] = Counter()
        self.not_simulated: set[str] = set()
        self._request_ids: set[str] = set()
        self._seconds: dict[str, dict[str, str]] = {}
        self._local = threading.local()

    @property
    def broken(self) -> set[str]:
        return getattr(self._local, "broken", set())

    @broken.setter
    def broken(self, names: set[str]) -> None:
        self._local.broken = names

    def check_message(self, exchange: Exchange) -> None:
        """Check what applies to every response: framing, content coding, secrets."""
        if exchange.fault:
            return
        self._check_coding(exchange)
        self._check_framing(exchange)
        self._check_secrets(exchange)

    def _check_secrets(self, exchange: Exchange) -> None:
        """Check that the response repeats neither the credential nor most of it, even encoded. It may be masked."""
        values = (f"{name}: {value}" for name, value in exchange.headers)
        received = "\n".join([exchange.body.decode("utf-8", "replace"), *values])
        sent = "\n".join([exchange.url, *(value for _, value in exchange.request_headers)])
        for secret in self.secrets:
            most = len(secret) * 2 // 3
            forms = [secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")]
            if secret in sent and most >= 8:
                forms += [secret[:most], secret[-most:]]
            if any(form in received for form in forms):
                sentence = "The response repeats the credential, or most of it."
                place = rfc(9110, "17.16", "disclosure of sensitive information")
                self.findings.add("secret-in-response", sentence, place, exchange, key="")
                return

    def _check_coding(self, exchange: Exchange) -> None:
        place = rfc(9110, "8.4", "Content-Encoding")
        if exchange.coding_fault:
            sentence = f"The body cannot be decoded as its `Content-Encoding` says: {exchange.coding_fault}."
            self.findings.add("bad-content-encoding", sentence, place, exchange, key="")
            return
        offered = ", ".join(value for name, value in exchange.request_headers if name.lower() == "accept-encoding")
        codings = [
            part.partition(";")[0].strip().lower()
            for part in offered.split(",")
            if part.partition(";")[2].replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
        ]
        used = [part.strip().lower() for part in (exchange.header("content-encoding") or "").split(",") if part.strip()]
        strange = [coding for coding in used if coding not in (*codings, "identity", "x-gzip")]
        if strange and exchange.raw_body:
            sentence = f"The body is encoded with {strange[0]}, which the request did not offer."
            self.findings.add("bad-content-encoding", sentence, place, exchange, key="")

    def _check_framing(self, exchange: Exchange) -> None:
        lengths = {part.strip() for value in exchange.headers_named("content-length") for part in value.split(",")}
        chunked = exchange.headers_named("transfer-encoding")
        wrong = ""
        section = "6.3"
        if len(lengths) > 1:
            wrong = "has several values of `Content-Length`"
        elif lengths and chunked:
            wrong = "has both `Content-Length` and `Transfer-Encoding`"
        elif chunked and exchange.version == "HTTP/1.0":
            wrong, section = "is chunked, although the request is HTTP/1.0", "6.1"
        elif exchange.status == 204 and (exchange.raw_body or lengths - {"0"}):
            wrong = "has a body with the status 204"
        elif len(exchange.headers_named("content-type")) > 1:
            wrong, section = "has several `Content-Type` headers", ""
        if wrong:
            place = rfc(9112, section, "message body length") if section else rfc(9110, "5.3", "field order")
            self.findings.add("bad-framing", f"A response {wrong}.", place, exchange, key=wrong)

    def check(self, operation: Operation, exchange: Exchange, *, undocumented: bool = False) -> Any:
        """Check everything that does not depend on the request.

        Args:
            undocumented: The spec does not describe the request: the status need not be documented, but the errors
                of the operation set the form.

        Returns:
            The body as JSON, or None if there is none. `broken` then names its properties that violate their schema.
        """
        self.broken = set()
        place = self.spec.place
        if exchange.fault:
            self.findings.add(
                "no-response",
                f"There is no HTTP response ({exchange.fault.partition(':')[0]}).",
                place(f"{operation.pointer}/responses"),
                exchange,
                key="",
            )
            return None
        if not exchange.is_simulated:
            self.not_simulated.add(operation.id)
        response = operation.response(exchange.status)
        if response is None:
            if not undocumented:
                self.findings.add(
                    "undocumented-status",
                    f"The server answers {exchange.status}, which the spec does not document.",
                    place(f"{operation.pointer}/responses"),
                    exchange,
                    key=str(exchange.status),
                )
            response = operation.error_response if exchange.status >= 400 else None
            if response is None:
                return None
        elif not undocumented:
            self.reached[operation.id, response.status] += 1
        if exchange.status >= 500:
            return None  # Never right for what the suite sends: a finding by itself, whatever its form.
        self._check_headers(response, exchange)
        return self._checked_body(response, exchange)

    def has_error_form(self, operation: Operation, exchange: Exchange) -> bool:
        """Whether an error has a documented status and a body as the spec describes it, unlike that of a proxy."""
        response = operation.response(exchange.status)
        schema = None if response is None else response_schema(response)
        try:
            return schema is not None and self.spec.is_valid(schema, exchange.json())
        except NotJsonError:
            return False

    def _check_headers(self, response: Response, exchange: Exchange) -> None:
        for header in response.headers:
            if not header.required:
                continue
            name, value = header.name, exchange.header(header.name)
            place = self.spec.place(written(header.node))
            if value is None:
                self.findings.add("missing-header", f"The response has no header {name}.", place, exchange)
                continue
            schema = None if header.schema is None else written(header.schema.resolve())
            violations = self.spec.violations(schema, typed(value, self.spec.node(schema))) if schema else []
            if violations:
                sentence = f"The header {name} does not match its schema: {violations[0].message}."
                self.findings.add("invalid-header", sentence, place, exchange)
            elif name.lower() == "x-request-id":
                if value in self._request_ids:
                    sentence = "Several responses carry the same x-request-id."
                    self.findings.add("repeated-request-id", sentence, place, exchange)
                self._request_ids.add(value)

    def _checked_body(self, response: Response, exchange: Exchange) -> Any:
        schema = response_schema(response)
        if schema is None or exchange.method == "HEAD":
            return None
        side = "success" if exchange.status < 300 else "error"
        body = "The body of a success" if side == "success" else "The body of an error"
        is_documented = self._check_content_type(response, exchange, side)
        try:
            value = exchange.json()
        except NotJsonError as fault:
            if not is_documented and "json" not in (exchange.header("content-type") or "").lower():
                return None  # HTML or text, and it says so: that is the defect.
            sentence = f"{body} is not JSON: {shortened(str(fault), 200)}."
            self.findings.add("not-json", sentence, self.spec.place(schema), exchange, key=side)
            return None
        violations = self.spec.violations(schema, value)
        for violation in violations:
            where = f" at `{violation.path.lstrip('.')}`" if violation.path else ""
            same = [
                other.message
                for other in violations
                if (other.pointer, other.path) == (violation.pointer, violation.path)
            ]
            self.findings.add(
                "schema",
                f"{body} does not match its schema{where}: {shortened('; '.join(same), 300)}.",
                self.spec.place(violation.pointer),
                exchange,
                key=violation.pointer if violation.path else side,
            )
        if side == "success" and isinstance(value, dict):
            self._check_times(schema, value, exchange)
        self.broken = {violation.property_name for violation in violations}
        return value

    def _check_times(self, schema: str, value: dict[str, Any], exchange: Exchange) -> None:
        """Check that times are in seconds: a schema cannot distinguish them from milliseconds."""
        for name, pointer in self._times(schema).items():
            given = value.get(name)
            if isinstance(given, int) and given > LATEST:
                place = self.spec.place(pointer)
                self.findings.add("milliseconds", f"`{name}` is not in seconds: {given}.", place, exchange, key="")

    def _times(self, schema: str) -> dict[str, str]:
        """The properties that are times in Unix seconds: name and pointer."""
        if schema not in self._seconds:
            self._seconds[schema] = {
                name: pointer
                for name, pointer in self.spec.properties(schema).items()
                if "Unix seconds" in str(self.spec.node(pointer).get("description", ""))
            }
        return self._seconds[schema]

    def _check_content_type(self, response: Response, exchange: Exchange, side: str) -> bool:
        """Check the media type and the charset, and return whether the spec documents the media type."""
        place = self.spec.place(f"{written(response.node)}/content")
        media_type, *options = [part.strip().lower() for part in (exchange.header("content-type") or "").split(";")]
        charsets = [option.partition("=")[2].strip('"') for option in options if option.startswith("charset=")]
        matches = response.content.find(media_type) is not None
        if not matches:
            sentence = f"The content type of {'a success' if side == 'success' else 'an error'} is "
            self.findings.add("content-type", f"{sentence}{media_type or 'missing'}.", place, exchange, key=side)
        elif any(charset not in ("utf-8", "utf8", "us-ascii") for charset in charsets):
            sentence = f"The content type names the charset {charsets[0]}; JSON is UTF-8."
            self.findings.add("content-type", sentence, place, exchange, key=side)
        return matches


def typed(text: str, schema: Any) -> Any:
    """The text of a header or a parameter as the JSON type that its schema names."""
    types = schema.get("type") if isinstance(schema, dict) else None
    types = types if isinstance(types, list) else [types]
    if ("integer" in types or "number" in types) and text.isascii() and text.lstrip("-").isdecimal():
        return int(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return text

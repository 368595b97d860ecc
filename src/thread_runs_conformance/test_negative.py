"""Requests that break the contract, sent raw: each must be refused in the documented form and change nothing."""

import json
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from schemathesis import GenerationMode

from thread_runs_conformance.bodies import REFUSED_CHANGE, NamedBody
from thread_runs_conformance.explore import Explorer
from thread_runs_conformance.spec import Operation, Parameter
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.wire import json_body

BODY = (400, 422)
"""Statuses for a body that breaks its schema."""


def change(operation: Operation) -> bytes | None:
    """A valid body that would show if it were stored."""
    if operation.body is None:
        return None
    return json_body(dict.fromkeys(operation.maps, REFUSED_CHANGE))


def test_body(subject: Subject, operation: Operation, violation: NamedBody) -> None:
    subject.refused(
        operation,
        subject.targets[0],
        allowed=BODY,
        rule=violation.rule,
        says=f"A body with {violation.name!r}" if violation.name[0].isupper() else f"A body ({violation.name})",
        body=json_body(violation.body),
    )


def test_generated(subject: Subject, operation: Operation, explorer: Explorer, schema: schemathesis.BaseSchema) -> None:
    """What schemathesis makes of the schema to break it."""
    if operation.body is None:
        pytest.skip(f"{operation.id} has no body")
    pointer = operation.body
    strategy = schema[operation.path][operation.method].as_strategy(
        generation_mode=GenerationMode.NEGATIVE,
        path_parameters=subject.values(operation, subject.targets[0]),
        headers={p.name: p.example for p in operation.parameters_in("header") if p.required},
    )
    seen: set[bytes] = set()

    def examine(case: Any) -> None:
        body: Any = case.body
        if not isinstance(body, bytes):
            if subject.contract.is_valid(pointer, body):
                return
            body = json_body(body)
        elif _is_json(body):
            return
        if body in seen:
            return
        seen.add(body)
        found = [] if isinstance(case.body, bytes) else subject.contract.violations(pointer, case.body)
        subject.refused(
            operation,
            subject.targets[0],
            allowed=BODY,
            rule=found[0].pointer if found else pointer,
            says="A body that is not JSON"
            if not found
            else f"A body that breaks the schema ({found[0].message[:100]})",
            body=body,
        )

    explorer.each(strategy, explorer.profile.negative, examine)


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


VALID = '{"%s": {"contract_refused": "must not be stored"}}'
BROKEN_JSON = {
    "nothing": b"",
    "a space": b" ",
    "a cut off object": VALID.encode()[:-1],
    "a comma too many": VALID.encode()[:-1] + b",}",
    "two documents": VALID.encode() + VALID.encode(),
    "text behind the document": VALID.encode() + b" x",
    "single quotes": VALID.replace('"', "'").encode(),
    "a comment": VALID.encode() + b" // comment",
    "a bare word": b"metadata",
    "form data": b"metadata=x",
    "a value that is NaN": b'{"%s": NaN}',
    "a value that is Infinity": b'{"%s": {"k": Infinity}}',
    "bytes that are not UTF-8": b'{"%s": {"contract_refused": "\xff\xfe"}}',
    "an overlong encoding": b'{"%s": {"contract_refused": "\xc0\xaf"}}',
    "a raw control character": b'{"%s": {"contract_refused": "a\nb"}}',
    "an unknown escape": b'{"%s": {"contract_refused": "\\x41"}}',
    "UTF-16": VALID.encode("utf-16"),
}


@pytest.mark.parametrize("name", BROKEN_JSON)
def test_body_that_is_not_json(subject: Subject, operation: Operation, name: str) -> None:
    if operation.body is None or not operation.body_required:
        pytest.skip(f"{operation.id} needs no body")
    prop = next(iter(operation.maps), "contract")
    body = BROKEN_JSON[name].replace(b"%s", prop.encode()).replace("%s".encode("utf-16-le"), prop.encode("utf-16-le"))
    subject.refused(
        operation,
        subject.targets[0],
        allowed=(*BODY, 415) if not body.strip() else BODY,
        rule=operation.body,
        says=f"A body that is not JSON ({name})",
        body=body,
        key="not JSON",
    )


def test_deep_nesting(subject: Subject, operation: Operation) -> None:
    if operation.body is None:
        pytest.skip(f"{operation.id} has no body")
    for depth in (200, 20_000):
        prop = next(iter(operation.maps), "contract")
        subject.refused(
            operation,
            subject.targets[0],
            allowed=(*BODY, 413),
            rule=operation.body,
            says=f"A body nested {depth} levels deep",
            body=b'{"%b": %b%b}' % (prop.encode(), b"[" * depth, b"]" * depth),
            key="nesting",
        )


def test_large_body(subject: Subject, operation: Operation) -> None:
    if not operation.maps:
        pytest.skip(f"{operation.id} has no map to fill")
    prop = next(iter(operation.maps))
    body = {prop: {**REFUSED_CHANGE, "k": "x" * 2_000_000}}
    found = subject.contract.violations(operation.body or "", body)
    subject.refused(
        operation,
        subject.targets[0],
        allowed=(*BODY, 413),
        rule=found[0].pointer if found else operation.maps[prop],
        says="A body of two megabytes",
        body=json_body(body),
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "json",
        "",
    ],
)
def test_content_type(subject: Subject, operation: Operation, content_type: str) -> None:
    if not operation.media_types or not operation.body_required:
        pytest.skip(f"{operation.id} needs no body")
    headers = {**subject.headers(operation, body=False), **({"Content-Type": content_type} if content_type else {})}
    subject.refused(
        operation,
        subject.targets[0],
        allowed=(415, 400),
        rule=f"{operation.pointer}/requestBody/content",
        says=f"A body sent as {content_type}" if content_type else "A body without a content type",
        headers=headers,
        body=change(operation),
        key="content type" if content_type else "no content type",
        group="content type",
    )


def test_header(subject: Subject, operation: Operation, header: Parameter) -> None:
    """A required header that is missing, and values that break its schema."""
    good = str(header.example)
    wrong = [
        None,
        "",
        good + "x",
        "x" + good,
        good[:-1],
        good.upper(),
        good.replace("=", ":"),
        "x",
        f"{good}, {good}",
        f"{good}0",
    ]
    for value in wrong:
        if value is not None and subject.contract.is_valid(header.schema, value):
            continue
        headers = subject.headers(operation)
        del headers[header.name]
        if value is not None:
            headers[header.name] = value
        keyword = next(iter(subject.contract.violations(header.schema, value or "")), None)
        subject.refused(
            operation,
            subject.targets[0],
            allowed=BODY,
            rule=f"{header.pointer}/required" if value is None else keyword.pointer if keyword else header.pointer,
            says=f"A request without {header.name}" if value is None else f"A request with `{header.name}: {value}`",
            headers=headers,
            body=change(operation),
        )


def test_identifiers(subject: Subject, operation: Operation) -> None:
    """Identifiers of nothing. Those that resemble a run that exists must not reach it."""
    target = subject.targets[0]
    values = subject.values(operation, target)
    for name in operation.path_names:
        anything = False
        for what, text in _strangers(values[name]).items():
            if any({**values, name: text}.items() <= other.values.items() for other in subject.targets):
                continue
            encoded = {key: quote(value, safe="") for key, value in values.items()} | {name: quote(text, safe="")}
            # Where the plainest is let in, the others are the same defect.
            apart = what in _DISTINCT and not anything
            exchange = subject.refused(
                operation,
                target,
                # Whether an identifier of odd characters is unknown or wrong is up to the server.
                allowed=(404,) if text.isalnum() or what in _PLAIN else (404, 400),
                rule=f"{operation.pointer}/responses/404" if operation.response(404) else operation.pointer,
                says=f"A `{name}` of nothing that exists ({what})",
                path=_filled(operation, encoded) + subject.query(operation),
                body=change(operation),
                undocumented=any(character in text for character in "/\\"),
                key=f"{name} {what}" if apart else name,
                group="identifier",
            )
            anything = anything or (what == "unknown" and exchange.status < 300)


_PLAIN = ("unknown", "another one's prefix", "with a character more", "in upper case", "in lower case")
_DISTINCT = ("in upper case", "in lower case", "encoded twice", "with a space at the end", "with a NUL at the end")


def _strangers(known: str) -> dict[str, str]:
    """Identifiers that are not `known`, what they are, decoded."""
    first = known[:1]
    found = {
        "unknown": "contract_unknown",
        "another one's prefix": known[:-1],
        "with a character more": known + "x",
        "in upper case": known.upper(),
        "in lower case": known.lower(),
        # Encoded once more on the wire: a server that decodes twice reaches the run.
        "encoded twice": f"%{ord(first):02X}" + known[1:] if first.isascii() else known,
        "with a space at the end": known + " ",
        "with a NUL at the end": known + "\x00",
        "with a slash": f"{known}/x",
        "with a slash in front": f"/{known}",
        "with a question mark": f"{known}?x=1",
        "with a hash sign": f"{known}#x",
        "with a semicolon": f"{known};x=1",
        "with a percent sign": f"{known}%",
        "with dots": f"x/../{known}",
        "with a plus": f"{known}+",
        "in full width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in known),
        "quoted": f"'{known}'",
        "a pattern": "*",
        "a pattern of SQL": "%",
        "astral": "😀",
    }
    return {what: text for what, text in found.items() if text and text != known}


def _filled(operation: Operation, encoded: dict[str, str]) -> str:
    path = operation.path
    for name, value in encoded.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def test_run_of_another_thread(subject: Subject, operation: Operation) -> None:
    """Each identifier exists, but not together."""
    for target in subject.targets:
        for other in subject.targets:
            for name in operation.path_names[:-1]:
                mixed = {**target.values, name: other.values.get(name, "")}
                if not mixed[name] or any(mixed == dict(known.values) for known in subject.targets):
                    continue
                encoded = {key: quote(mixed[key], safe="") for key in operation.path_names}
                subject.refused(
                    operation,
                    target,
                    allowed=(404,),
                    rule=f"{operation.pointer}/responses/404" if operation.response(404) else operation.pointer,
                    says=f"A run under the `{name}` of another",
                    path=_filled(operation, encoded) + subject.query(operation),
                    body=change(operation),
                    key=name,
                    group="identifier",
                )
                return
    pytest.skip("it needs runs of two threads (MORE_RUNS=)")


def test_an_identifier_may_be_encoded(subject: Subject, operation: Operation) -> None:
    """RFC 3986, 2.3: an unreserved character and its percent-encoding are the same."""
    subject.only_if_safe(operation)
    target = subject.targets[0]
    values = subject.values(operation, target)
    encoded = {name: "".join(f"%{byte:02X}" for byte in value.encode()) for name, value in values.items()}
    body = b"{}" if operation.is_modify else change(operation)
    exchange = subject.wire.send(
        operation.method, _filled(operation, encoded) + subject.query(operation), subject.headers(operation), body
    )
    subject.checks.check(operation, exchange)
    if exchange.status in (400, 404):
        subject.findings.add(
            "identifier-not-decoded",
            "An identifier that is percent-encoded is not found (RFC 3986, 2.3: it is the same identifier).",
            subject.contract.place(f"{operation.pointer}/parameters"),
            exchange,
        )


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST", "TRACE"])
def test_method(subject: Subject, operation: Operation, method: str) -> None:
    """Methods that the contract does not name. Those that could do harm go only to a server that is ours."""
    item = subject.contract.node(operation.pointer.rpartition("/")[0])
    if method.lower() in item:
        pytest.skip(f"the contract names {method}")
    harmless = method in ("GET", "HEAD", "OPTIONS", "TRACE")
    if not harmless and not subject.strict:
        pytest.skip(f"{method} could do harm to a live server")
    target = subject.targets[0]
    path = subject.path(operation, subject.values(operation, target))
    headers = subject.headers(operation, body=not harmless)
    if method in ("GET", "HEAD", "OPTIONS") and not subject.strict:
        exchange = subject.wire.send(method, path, headers)
        if 200 <= exchange.status < 300:
            subject.account.note(
                f"{method} {operation.path} is answered {exchange.status}: the contract does not name it."
            )
            return
    if method == "OPTIONS":
        exchange = subject.wire.send(method, path, headers)
        if 200 <= exchange.status < 300:
            return  # RFC 9110, 9.3.7: any resource may answer it.
    exchange = subject.refused(
        operation,
        target,
        allowed=(405, 404, 501),
        rule=operation.pointer.rpartition("/")[0],
        says=f"The method {method}, which the contract does not name,",
        method=method,
        headers=headers,
        body=None if harmless else change(operation),
        undocumented=True,
        key="method",
    )
    allow = [name.strip() for name in (exchange.header("allow") or "").split(",")]
    if exchange.status == 405 and operation.method not in allow:
        subject.findings.add(
            "allow",
            "A 405 must name the methods that are allowed in `Allow` (RFC 9110, 15.5.6).",
            subject.contract.place(operation.pointer),
            exchange,
        )

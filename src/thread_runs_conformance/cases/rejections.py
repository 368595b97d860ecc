"""Requests that violate the spec: bodies, JSON, sizes, content types, headers."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.cases.wrong_bodies import VERY_LARGE
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.parameters import Parameter
from thread_runs_conformance.spec import written
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.values import forms
from thread_runs_conformance.values.bodies import violations
from thread_runs_conformance.values.named import NamedBody
from thread_runs_conformance.values.samples import NoSampleError, parameter_value
from thread_runs_conformance.wire import json_body

BODY = (400, 422)
"""Statuses for a body that violates its schema."""
LARGE = 1_000_000
"""Bytes of a body that servers and proxies commonly limit."""
Run = Callable[[Subject], None]


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Cases for every operation with a body or with required headers."""
    for operation in operations:
        try:
            found = violations(operation)
        except NoSampleError:
            continue  # The cases of `limits` report the reason.
        for violation in found:
            name = f"{operation.id}: {violation.name}"
            yield Case("rejected bodies", name, _body(operation, violation), violation.rule, violation.pool)
    for operation in operations:
        for field in sorted(forms.required_fields(operation)):
            yield Case("rejected bodies", f"{operation.id}: a form without {field}", _form(operation, field))
    for operation in operations:
        if operation.body is not None and operation.body_required:
            for name in BROKEN_JSON:
                yield Case("not JSON", f"{operation.id}: {name}", _not_json(operation, name))
            for content_type in _CONTENT_TYPES:
                shown = content_type or "none"
                yield Case("content type", f"{operation.id}: {shown}", _content_type(operation, content_type))
        if operation.body is not None:
            yield Case("sizes", f"{operation.id}: deep nesting", _nesting(operation))
            yield Case("generated violations", operation.id, _generated(operation))
            if operation.maps:
                yield Case("sizes", f"{operation.id}: two megabytes", _large(operation))
        for header in operation.required_headers:
            yield Case("required headers", f"{operation.id}: {header.name}", _header(operation, header))


def _body(operation: Operation, violation: NamedBody) -> Run:
    def run(subject: Subject) -> None:
        target = subject.sender.target(operation)
        # A server that can take no more pairs would reject the request because of them.
        body = violation.body if subject.state.has_room(operation, target, violation.body) else violation.bare
        subject.rejections.expect(
            operation,
            target,
            allowed=BODY,
            rule=violation.rule,
            says=f"A body with {violation.name!r}" if violation.name[0].isupper() else f"A body ({violation.name})",
            body=json_body(body),
            # A server may reject a large body by its size, before it parses it.
            by_proxy=len(json_body(body)) > LARGE,
        )

    return run


def _form(operation: Operation, field: str) -> Run:
    def run(subject: Subject) -> None:
        subject.sender.only_if_safe(operation)
        try:
            body = forms.encoded(operation, subject.sender.next_salt(), without=field)
        except NoSampleError as error:
            raise NotTried(f"{operation.id}: {error}") from None
        assert operation.other_media is not None
        assert operation.other_media.schema is not None
        subject.rejections.expect(
            operation,
            subject.sender.target(operation),
            allowed=BODY,
            rule=f"{written(operation.other_media.schema.resolve())}/required",
            says=f"A form without `{field}`",
            body=body,
        )

    return run


def _generated(operation: Operation) -> Run:
    """Bodies that schemathesis derives from the schema and that violate it."""

    def run(subject: Subject) -> None:
        from schemathesis import GenerationMode

        pointer, target = operation.body or "", subject.sender.target(operation)
        generated = subject.explorer.schema[operation.path][operation.method]
        strategy = generated.as_strategy(
            generation_mode=GenerationMode.NEGATIVE,
            path_parameters=subject.sender.values(operation, target),
            headers={each.name: str(parameter_value(each)) for each in operation.required_headers},
        )
        seen: set[bytes] = set()

        def examine(case: Any) -> None:
            body: Any = case.body
            if not isinstance(body, bytes):
                try:
                    if subject.spec.is_valid(pointer, body):
                        return
                except (TypeError, ValueError):
                    return
                body = json_body(body)
            elif _is_json(body):
                return
            if body in seen:
                return
            seen.add(body)
            found = [] if isinstance(case.body, bytes) else subject.spec.violations(pointer, case.body)
            says = "A body that is not JSON"
            if found:
                says = f"A body that violates the schema ({found[0].message[:100]})"
            rule = found[0].pointer if found else pointer
            subject.rejections.expect(operation, target, allowed=BODY, rule=rule, says=says, body=body)

        subject.explorer.each(strategy, subject.explorer.profile.negative, examine)

    return run


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


BROKEN_JSON: dict[str, Callable[[str], bytes]] = {
    "nothing": lambda text: b"",
    "a space": lambda text: b" ",
    "a cut off object": lambda text: text.encode()[:-1],
    "a cut off text": lambda text: text.encode()[: len(text) // 2],
    "a trailing comma": lambda text: text.encode()[:-1] + b",}",
    "a leading comma": lambda text: b"{," + text.encode()[1:],
    "two documents": lambda text: text.encode() * 2,
    "text after the document": lambda text: text.encode() + b" x",
    "a NUL after the document": lambda text: text.encode() + b"\x00",
    "single quotes": lambda text: text.replace('"', "'").encode(),
    "names without quotes": lambda text: text.replace('"', "", 2).encode(),
    "a comment": lambda text: text.encode() + b" // comment",
    "a comment inside": lambda text: b"{/* comment */" + text.encode()[1:],
    "a bare word": lambda text: b"metadata",
    "form data": lambda text: b"metadata=x",
    "a value that is NaN": lambda text: _with_value(text, b"NaN"),
    "a value that is Infinity": lambda text: _with_value(text, b'{"k": Infinity}'),
    "bytes that are not UTF-8": lambda text: _with_value(text, b'{"k": "\xff\xfe"}'),
    "an overlong encoding": lambda text: _with_value(text, b'{"k": "\xc0\xaf"}'),
    "a surrogate in UTF-8": lambda text: _with_value(text, b'{"k": "\xed\xa0\x80"}'),
    "a raw control character": lambda text: _with_value(text, b'{"k": "a\nb"}'),
    "an unknown escape": lambda text: _with_value(text, b'{"k": "\\x41"}'),
    "a cut off escape": lambda text: _with_value(text, b'{"k": "\\u00"}'),
    "UTF-16": lambda text: text.encode("utf-16"),
    "form feed as white space": lambda text: b"\x0c" + text.encode(),
}
"""Bodies that are not JSON (RFC 8259), made from the text of a valid body."""


_LENIENCIES = {
    "a value that is NaN": "not JSON: constants",
    "a value that is Infinity": "not JSON: constants",
    "bytes that are not UTF-8": "not JSON: encoding",
    "an overlong encoding": "not JSON: encoding",
    "a surrogate in UTF-8": "not JSON: encoding",
    "UTF-16": "not JSON: UTF-16",
    "a raw control character": "not JSON: control characters",
}
"""Bodies that lenient parsers accept, each for its own reason. If other bodies are accepted, that is one defect."""


def _with_value(text: str, value: bytes) -> bytes:
    """The text of an object with another value for its first name."""
    name = next(iter(json.loads(text)), "conformance")
    return b"{" + json.dumps(name).encode() + b": " + value + b"}"


def _not_json(operation: Operation, name: str) -> Run:
    def run(subject: Subject) -> None:
        valid = subject.state.body(operation, subject.sender.target(operation)) or b"{}"
        if not valid.startswith(b'{"'):
            raise NotTried(f"{operation.id}: the body has no properties")
        body = BROKEN_JSON[name](valid.decode())
        subject.rejections.expect(
            operation,
            subject.sender.target(operation),
            allowed=(*BODY, 411, 415) if not body.strip() else BODY,
            rule=operation.body or operation.pointer,
            says=f"A body that is not JSON ({name})",
            body=body,
            key=_LENIENCIES.get(name, "not JSON"),
        )

    return run


def _nesting(operation: Operation) -> Run:
    def run(subject: Subject) -> None:
        for depth in (200, 20_000):
            name = next(iter(operation.body_properties), "conformance")
            subject.rejections.expect(
                operation,
                subject.sender.target(operation),
                allowed=(*BODY, 413),
                rule=operation.body or operation.pointer,
                says=f"A body nested {depth} levels deep",
                body=b"{" + json.dumps(name).encode() + b": " + b"[" * depth + b"]" * depth + b"}",
                key="nesting",
            )

    return run


def _large(operation: Operation) -> Run:
    def run(subject: Subject) -> None:
        name = next(iter(operation.maps))
        mark = subject.sender.next_salt()
        body = subject.state.with_map(operation, name, {f"c{mark}": f"value {mark}", "k": "x" * VERY_LARGE})
        found = subject.spec.violations(operation.body or "", body)
        if not found:
            raise NotTried(f"{operation.id}: the spec has no limit that a large body would exceed")
        subject.rejections.expect(
            operation,
            subject.sender.target(operation),
            allowed=(*BODY, 413),
            rule=found[0].pointer,
            says="A body of two megabytes",
            body=json_body(body),
            by_proxy=True,
        )

    return run


_CONTENT_TYPES = (
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "text/html; charset=utf-8",
    "json",
    "",
)


def _content_type(operation: Operation, content_type: str) -> Run:
    def run(subject: Subject) -> None:
        if operation.takes(content_type):
            raise NotTried(f"{operation.id}: the spec documents {content_type or 'any media type'}")
        headers = subject.sender.headers(operation, body=False)
        if content_type:
            headers["Content-Type"] = content_type
        subject.rejections.expect(
            operation,
            subject.sender.target(operation),
            allowed=(415, 400),
            rule=f"{operation.pointer}/requestBody",
            says=f"A body sent as {content_type}" if content_type else "A body without a content type",
            headers=headers,
            body=subject.state.body(operation, subject.sender.target(operation)),
            key="content type" if content_type else "no content type",
            group="content type",
        )

    return run


def _header(operation: Operation, header: Parameter) -> Run:
    """A required header that is missing, and values that violate its schema."""

    def run(subject: Subject) -> None:
        good = str(parameter_value(header))
        wrong = [
            None,
            "",
            good + "x",
            "x" + good,
            good[:-1],
            good.upper(),
            good.lower(),
            good.replace("=", ":"),
            "x",
            f"{good}, {good}",
            f"{good}0",
            f"{good} x",
        ]
        for value in wrong:
            if value is not None and (subject.spec.is_valid(header.schema, value) or value == good):
                continue
            headers = {name: each for name, each in subject.sender.headers(operation).items() if name != header.name}
            if value is not None:
                headers[header.name] = value
            keyword = next(iter(subject.spec.violations(header.schema, value or "")), None)
            rule = keyword.pointer if keyword else header.pointer
            subject.rejections.expect(
                operation,
                subject.sender.target(operation),
                allowed=BODY,
                rule=f"{header.pointer}/required" if value is None else rule,
                says=f"A request without {header.name}"
                if value is None
                else f"A request with `{header.name}: {value}`",
                headers=headers,
                body=subject.state.body(operation, subject.sender.target(operation)),
            )

    return run

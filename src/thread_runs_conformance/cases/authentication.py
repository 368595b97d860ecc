"""Authentication: only requests with the right credential are accepted, for each type of security scheme."""

import base64
from collections.abc import Callable, Iterator, Sequence

from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.security import Scheme
from thread_runs_conformance.subject import Subject

Forms = dict[str, str | None]


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Cases for every operation that needs a credential."""
    for operation in operations:
        if operation.security:
            yield Case("authentication", f"{operation.id}: missing", _try(operation, "missing", _missing))
            yield Case("authentication", f"{operation.id}: wrong", _try(operation, "wrong", _wrong))


def _try(operation: Operation, kind: str, forms: Callable[[Scheme, str], Forms]) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        sender = subject.sender
        way = sender.credentials.way(operation)
        if not way:
            raise NotTried(f"{operation.id}: no credential was given for its security scheme")
        if kind == "wrong" and sender.any_key:
            raise NotTried("the server accepts any credential (--any-key)")
        for scheme in way:
            value = sender.credentials.value(scheme) or ""
            for what, text in forms(scheme, value).items():
                _expect(subject, operation, scheme, what, text, kind)

    return run


def _expect(subject: Subject, operation: Operation, scheme: Scheme, what: str, text: str | None, kind: str) -> None:
    sender = subject.sender
    headers = sender.headers(operation)
    changed, query = sender.credentials.applied(operation, {scheme: text})
    lower = {name.lower() for name in (*sender.credentials.applied(operation)[0], "Authorization")}
    headers = {name: value for name, value in headers.items() if name.lower() not in lower} | changed
    target = sender.target(operation)
    key = f"{kind} credential" if text is None or kind == "wrong" else "malformed credential"
    subject.rejections.expect(
        operation,
        target,
        allowed=(401, 403) if scheme.kind == "apiKey" else (401,),
        rule=scheme.pointer,
        says="A request without a credential" if text is None else f"A request with {what}",
        path=sender.path(operation, sender.values(operation, target)) + sender.query(operation, query),
        headers=headers,
        body=subject.state.body(operation, target),
        key=key,
        group="authentication",
    )


def _missing(scheme: Scheme, value: str) -> Forms:
    if scheme.kind == "bearer":
        return {
            "no credential": None,
            "an empty header": "",
            "the scheme alone": "Bearer",
            "another scheme": f"Basic {value}",
            "the key without a scheme": value,
            "a scheme of another name": f"Bearerx {value}",
            "a comma after the scheme": f"Bearer, {value}",
        }
    if scheme.kind == "basic":
        return {"no credential": None, "the scheme alone": "Basic", "another scheme": f"Bearer {value}"}
    return {"no credential": None, "an empty credential": ""}


def _wrong(scheme: Scheme, value: str) -> Forms:
    """Credentials that resemble the right one."""
    prefix = {"bearer": "Bearer ", "basic": "Basic "}.get(scheme.kind, "")
    secret = value
    if scheme.kind == "basic":
        try:
            secret = base64.b64decode(value, validate=True).decode()
        except ValueError:
            return {"another credential": "Basic eDp5"}
    last = "x" if secret[-1:] != "x" else "y"
    found = {
        "another key": f"{secret[:-1]}{last}",
        "the beginning of the key": secret[:-1],
        "the key and more": f"{secret}x",
        "the key in another case": secret.swapcase(),
        "a key that is a word": "conformance-wrong-key",
        "the key among others": f"x,{secret}",
        "the key twice": f"{secret}{secret}",
        "the end of the key": secret[1:],
    }
    if scheme.kind == "basic":
        found = {what: base64.b64encode(text.encode()).decode() for what, text in found.items()}
    return {what: f"{prefix}{text}" for what, text in found.items() if text and text != secret and text != value}

"""Methods that the spec does not describe."""

from collections.abc import Callable, Iterator, Sequence

from thread_runs_conformance.answers import rfc
from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.guard import SAFE_METHODS
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.subject import Subject

METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST", "TRACE")


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Cases for every path, tried through its first operation."""
    for operation in {each.path: each for each in reversed(operations)}.values():
        described = {each.method for each in operations if each.path == operation.path}
        for method in METHODS:
            if method not in described:
                yield Case("methods", f"{operation.path}: {method}", _method(operation, method, described))


def _method(operation: Operation, method: str, described: set[str]) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        sender = subject.sender
        harmless = method in SAFE_METHODS
        if not harmless and not sender.disposable:
            raise NotTried(f"{method} could change something of a live server that cannot be restored")
        if method == "HEAD" and "GET" in described:
            raise NotTried("HEAD is part of GET (RFC 9110, 9.3.2)")
        target = sender.target(operation)
        path = sender.path(operation, sender.values(operation, target)) + sender.query(operation)
        headers = sender.headers(operation, body=not harmless)
        if method in ("GET", "HEAD", "OPTIONS") and (method == "OPTIONS" or not sender.disposable):
            exchange = sender.wire.send(method, path, headers)
            if 200 <= exchange.status < 300:
                # RFC 9110, 9.3.7: any resource may answer OPTIONS.
                if method != "OPTIONS":
                    sender.note(
                        f"{method} {operation.path} is answered {exchange.status}: the spec does not describe it."
                    )
                return
        exchange = subject.rejections.expect(
            operation,
            target,
            allowed=(405, 404, 501),
            rule=operation.pointer.rpartition("/")[0],
            says=f"The method {method}, which the spec does not describe,",
            method=method,
            path=path,
            headers=headers,
            body=None if harmless else subject.state.body(operation, target),
            undocumented=True,
            # Proxies answer it themselves (RFC 9110, 9.3.8).
            by_proxy=method == "TRACE",
            key="method",
        )
        allow = {name.strip() for name in (exchange.header("allow") or "").split(",")}
        if exchange.status == 405 and method != "TRACE" and not described <= allow:
            sentence = "A 405 must list the allowed methods in `Allow`."
            subject.findings.add("allow", sentence, rfc(9110, "15.5.6", "405 Method Not Allowed"), exchange, key="")

    return run

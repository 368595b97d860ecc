"""Decides what may be sent to a live server. Every request is checked here, right before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from thread_runs_conformance.exchange import NotJsonError, strict_json
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.targets import Target

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
"""Methods that only read (RFC 9110, 9.2.1)."""


class Withheld(NotTried):
    """The request could change more of a live server than can be restored, so it was not sent."""


@dataclass(frozen=True)
class Guard:
    """Allows reads, and the modify operations on the declared targets. Raises `Withheld` for everything else.

    An identifier that is not declared may belong to somebody else's resource. Requests for one must be rejected with
    404; they are sent with an empty body (`{}`), which changes nothing even if the server finds a resource.

    Attributes:
        operations: The operations of the spec.
        targets: The resources that may be changed.
        base_path: The path of the base URL, without a slash at the end.
        fixed: Path template, target and name of properties whose original value could not be sent again.
        disposable: The server exists for this run only: everything may be sent.
    """

    operations: Sequence[Operation]
    targets: Sequence[Target]
    base_path: str
    disposable: bool
    fixed: set[tuple[str, str, str]] = field(default_factory=set)

    def check(self, method: str, raw_path: str, body: bytes) -> None:
        """Return if a request is allowed, or raise `Withheld`. `raw_path` is the encoded path, with its query."""
        if self.disposable or method in SAFE_METHODS:
            return
        path = raw_path.partition("?")[0].removeprefix(self.base_path)
        for operation in self.operations:
            if not operation.is_modify or operation.method != method:
                continue
            values = operation.path_values(path)
            if values is None:
                continue
            matching = [target for target in self.targets if values.items() <= target.values.items()]
            if matching:
                self._check_restorable(operation, matching[0], body)
                return
            if method != "PUT" and body == b"{}" and operation.accepts({}):
                return
        raise Withheld(f"{method} could change something of a live server that cannot be restored")

    def _check_restorable(self, operation: Operation, target: Target, body: bytes) -> None:
        try:
            sent = strict_json(body)
        except NotJsonError:
            return
        if isinstance(sent, dict):
            for name in sent:
                if name in operation.body_properties and name not in operation.changeable:
                    raise Withheld(f"`{name}` cannot be read back, so a live server could not be restored")
                if (operation.path, str(target), name) in self.fixed:
                    raise Withheld(f"`{name}` of the target has a value that could not be restored")

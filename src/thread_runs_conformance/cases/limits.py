"""Valid requests at every limit of the spec, and texts that servers damage, through the generated client."""

from collections.abc import Callable, Iterator, Sequence

from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.sending import Via
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.values.bodies import boundaries
from thread_runs_conformance.values.named import NamedBody
from thread_runs_conformance.values.samples import NoSampleError
from thread_runs_conformance.values.series import LENGTHS
from thread_runs_conformance.values.texts import LOOKALIKES, TEXTS


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Cases for every operation with a body."""
    for operation in operations:
        if operation.is_create:
            continue
        try:
            found = boundaries(operation)
        except NoSampleError as error:
            yield Case("limits", f"{operation.id}: bodies", _not_derivable(operation, str(error)))
            continue
        for boundary in found:
            name = f"{operation.id}: {boundary.name}"
            yield Case("limits", name, _limit(operation, boundary), boundary.rule, boundary.pool)
    for operation in operations:
        if not operation.is_modify or not operation.maps:
            continue
        for name, text in TEXTS.items():
            yield Case("texts", f"{operation.id}: {name}", _text(operation, text))
        for name, keys in LOOKALIKES.items():
            yield Case("keys", f"{operation.id}: {name}", _lookalikes(operation, *keys))


def _not_derivable(operation: Operation, reason: str) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        raise NotTried(f"{operation.id}: {reason}")

    return run


def _limit(operation: Operation, boundary: NamedBody) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        subject.sender.only_if_safe(operation)
        # A generated client formats JSON in its own way, so the body would have a different length.
        via: Via = "raw" if boundary.pool == LENGTHS else subject.sender.next_via()
        targets = subject.sender.targets(operation)
        # A defect may affect some resources only, such as those of one shard. So single requests go to all targets.
        target = subject.random.choice(targets) if boundary.pool else targets[0]
        if operation.is_modify:
            subject.state.modify(operation, target, boundary.body, via=via, rule=boundary.rule)
            subject.state.read(operation, target, via=subject.sender.next_via())
        else:
            subject.sender.send(operation, target, boundary.body, via=via, rule=boundary.rule)
            subject.state.resync(operation, target)

    return run


def _text(operation: Operation, text: str) -> Callable[[Subject], None]:
    """The text as a key, as a value, and as both, each at another position."""

    def run(subject: Subject) -> None:
        target = subject.sender.target(operation)
        for name, schema in operation.maps.items():
            mark = str(subject.sender.next_salt())
            pairs = {
                f"k{mark}": text,
                text: f"v{mark}",
                f"m{mark}": f"{mark}{text}{mark}",
                f"{text}{mark}{text}": f"{text}{text}",
                f"l{mark}": f"w{mark}",
            }
            fitting = {key: value for key, value in pairs.items() if subject.spec.is_valid(schema, {key: value})}
            body = subject.state.with_map(operation, name, fitting)
            subject.state.modify(operation, target, body, via=subject.sender.next_via())
        subject.state.read(operation, target, via=subject.sender.next_via())

    return run


def _lookalikes(operation: Operation, *keys: str) -> Callable[[Subject], None]:
    """Keys that must stay distinct: sent together, changed one by one, and removed by the other one."""

    def run(subject: Subject) -> None:
        target = subject.sender.target(operation)
        for name, schema in operation.maps.items():
            mark = subject.sender.next_salt()
            together = {key: f"value {mark}.{index}" for index, key in enumerate(keys)}
            if not subject.spec.is_valid(schema, together):
                continue
            for pairs in (together, {keys[-1]: f"again {mark}"}, {keys[0]: f"once more {mark}"}):
                body = subject.state.with_map(operation, name, pairs)
                subject.state.modify(operation, target, body, via=subject.sender.next_via())
        subject.state.read(operation, target, via=subject.sender.next_via())

    return run

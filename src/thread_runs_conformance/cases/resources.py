"""The life cycle of a resource: a created one is read and listed, a deleted one is not. Disposable servers only."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.exchange import Exchange, same_json, shown
from thread_runs_conformance.generated_client import ABSENT
from thread_runs_conformance.known_resource import changes_by_itself
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.paging import MOST_PAGES, Page
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.targets import Target
from thread_runs_conformance.values.bodies import boundaries
from thread_runs_conformance.values.comparing import same_value
from thread_runs_conformance.values.samples import NoSampleError, sample

GONE = (404, 410)


@dataclass(frozen=True)
class Collection:
    """The operations on a collection and on its items, as far as the spec has them."""

    item_name: str
    create: Operation | None
    read: Operation | None
    list: Operation | None
    delete: Operation | None


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Cases for every operation that creates, lists or deletes."""
    for operation in operations:
        collection = _collection(operations, operation)
        if operation.is_create:
            for kind in ("smallest", "complete"):
                yield Case("resources", f"{operation.id}: {kind}", _create(collection, kind == "complete"))
            try:
                found = boundaries(operation)
            except NoSampleError:
                found = []
            for boundary in found:
                if not boundary.pool:
                    name = f"{operation.id}: {boundary.name}"
                    run = _create(collection, full=False, body=boundary.body)
                    yield Case("resources", name, run, boundary.rule, pool="created at a limit")
        elif operation.is_list:
            yield Case("resources", f"{operation.id}: lists the targets", _list_targets(collection))
    for operation in operations:
        if operation.is_delete:
            yield Case("resources", f"{operation.id}: delete", _delete(_collection(operations, operation)))


def _collection(operations: Sequence[Operation], operation: Operation) -> Collection:
    path = operation.path.rpartition("/")[0] if operation.path.endswith("}") else operation.path
    items = [each for each in operations if each.path.rpartition("/")[0] == path and each.path.endswith("}")]
    return Collection(
        items[0].path_names[-1] if items else "id",
        next((each for each in operations if each.path == path and each.is_create), None),
        next((each for each in items if each.is_read), None),
        next((each for each in operations if each.path == path and each.is_list), None),
        next((each for each in items if each.is_delete), None),
    )


def _identifier(collection: Collection, answer: Any, exchange: Exchange) -> str:
    """The identifier of a created resource: a property, or the end of `Location`."""
    for name in (collection.item_name, "id"):
        if isinstance(answer, dict) and isinstance(answer.get(name), str | int):
            return str(answer[name])
    location = (exchange.header("location") or "").partition("?")[0].rstrip("/").rpartition("/")[2]
    if not location:
        raise NotTried("the response to a create names no identifier")
    return location


def _create(collection: Collection, full: bool, body: Any = None) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        _only_if_disposable(subject)
        created = _created(subject, collection, full, body)
        if created is None:
            return
        target, answer = created
        if collection.read is not None:
            _check_readable(subject, collection.read, target, answer)
        if collection.list is not None:
            _check_listed(subject, collection, target, wanted=True)

    return run


def _created(subject: Subject, collection: Collection, full: bool, body: Any = None) -> tuple[Target, Any] | None:
    create, sender = collection.create, subject.sender
    assert create is not None
    parent = sender.target(create)
    try:
        if body is None:
            body = sample(subject.spec, create.body or "", sender.next_salt(), full=full) if create.body else ABSENT
    except NoSampleError as error:
        raise NotTried(f"{create.id}: {error}") from None
    outcome = sender.send(create, parent, body, via=sender.next_via())
    if outcome.answer is None:
        return None
    if isinstance(body, dict) and isinstance(outcome.answer, dict):
        for name, value in body.items():
            pointer = create.body_properties.get(name, "")
            if (
                name in create.changeable
                and create.keeps(name, value)
                and not same_value(subject.spec, pointer, value, outcome.answer.get(name), None)
            ):
                sentence = (
                    f"The response to a create does not show what was sent: `{name}` was sent as {shown(value)} and is "
                    f"{shown(outcome.answer.get(name))}."
                )
                place = subject.spec.place(pointer)
                subject.findings.add("change-not-shown", sentence, place, outcome.exchange, key=f"create {name}")
    identifier = _identifier(collection, outcome.answer, outcome.exchange)
    values = {**sender.values(create, parent), collection.item_name: identifier}
    return Target(values), outcome.answer


def _check_readable(subject: Subject, read: Operation, target: Target, answer: Any) -> None:
    exchange, _, _ = subject.sender.dispatch(read, target, ABSENT)
    place = subject.spec.place(read.pointer)
    if not 200 <= exchange.status < 300:
        sentence = f"A created resource cannot be read: {exchange.status}."
        subject.findings.add("create-not-readable", sentence, place, exchange, key="")
        return
    found = subject.checks.check(read, exchange)
    if not isinstance(found, dict) or not isinstance(answer, dict):
        return
    for name in sorted(found.keys() & answer.keys()):
        if not same_json(found[name], answer[name]) and not changes_by_itself(name):
            sentence = (
                f"A created resource reads differently: `{name}` was {shown(answer[name])} and is {shown(found[name])}."
            )
            subject.findings.add("create-not-readable", sentence, place, exchange, key=name)


def _entries(subject: Subject, collection: Collection, target: Target) -> tuple[list[Any], Exchange, bool]:
    """The entries of a list, the response with the last page that was read, and whether these are all entries."""
    listing, sender = collection.list, subject.sender
    assert listing is not None
    outcome = sender.send(listing, target, via="raw")
    if outcome.answer is None:
        raise NotTried(f"{listing.id} did not succeed")
    found: list[Any] = []
    answer, exchange, asked = outcome.answer, outcome.exchange, list[dict[str, str]]()
    while True:
        entries = answer if listing.entries == "" else answer.get(listing.entries)
        page = Page(listing, exchange, answer, entries if isinstance(entries, list) else [], len(found))
        found += page.entries
        page = replace(page, seen=len(found))
        if page.is_last:
            return found, exchange, True
        query = page.next_query((collection.item_name, "id"))
        if query is None or query in asked or len(asked) + 1 >= MOST_PAGES:
            return found, exchange, False
        asked.append(query)
        following = sender.wire.send(
            "GET", sender.path(listing, target.values) + sender.query(listing, extra=query), sender.headers(listing)
        )
        answer = subject.checks.check(listing, following)
        if not 200 <= following.status < 300 or not isinstance(answer, list if listing.entries == "" else dict):
            return found, exchange, False
        exchange = following


def _check_listed(subject: Subject, collection: Collection, target: Target, *, wanted: bool) -> None:
    assert collection.list is not None
    entries, listed, complete = _entries(subject, collection, target)
    identifier = target.values[collection.item_name]
    found = any(
        str(entry.get(name)) == identifier
        for entry in entries
        if isinstance(entry, dict)
        for name in (collection.item_name, "id")
    )
    place = subject.spec.place(collection.list.pointer)
    if wanted and not found:
        if not complete:
            subject.sender.note(f"{collection.list.id}: the list has more pages than could be read.")
            return
        sentence = f"An existing resource is not in the list: {shown(identifier)}."
        subject.findings.add("create-not-listed", sentence, place, listed, key="")
    elif found and not wanted:
        sentence = f"A deleted resource is still in the list: {shown(identifier)}."
        subject.findings.add("deleted-still-there", sentence, place, listed, key="list")


def _list_targets(collection: Collection) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        assert collection.list is not None
        names = {collection.item_name, *collection.list.path_names}
        targets = [each for each in subject.sender.targets(collection.list) if names <= each.values.keys()]
        if not targets:
            raise NotTried(f"{collection.list.id}: no --target has {', '.join(sorted(names))}")
        for target in targets:
            _check_listed(subject, collection, target, wanted=True)

    return run


def _delete(collection: Collection) -> Callable[[Subject], None]:
    """Delete a resource that was created for this case, or the last of several targets, which no other case needs."""

    def run(subject: Subject) -> None:
        _only_if_disposable(subject)
        delete, sender = collection.delete, subject.sender
        assert delete is not None
        if collection.create is not None:
            created = _created(subject, collection, full=False)
            if created is None:
                raise NotTried("nothing could be created to be deleted")
            target = created[0]
        else:
            targets = sender.targets(delete)
            if len(targets) < 2:
                raise NotTried("it needs a second target (--target)")
            target = targets[-1]
        outcome = sender.send(delete, target, via=sender.next_via())
        if not 200 <= outcome.exchange.status < 300:
            return
        subject.state.lose(delete, target)
        if collection.read is not None:
            exchange, _, _ = sender.dispatch(collection.read, target, ABSENT)
            if exchange.status not in GONE:
                sentence = f"A read of a deleted resource is answered {exchange.status}; 404 or 410 is expected."
                place = subject.spec.place(delete.pointer)
                subject.findings.add("deleted-still-there", sentence, place, exchange, key="read")
        if collection.list is not None:
            _check_listed(subject, collection, target, wanted=False)

    return run


def _only_if_disposable(subject: Subject) -> None:
    if not subject.sender.disposable:
        raise NotTried("it would create or delete something on a live server (--disposable)")

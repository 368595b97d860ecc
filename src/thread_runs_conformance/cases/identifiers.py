"""Unknown identifiers: none of them may reach an existing resource."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from thread_runs_conformance.answers import typed
from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.exchange import NotJsonError
from thread_runs_conformance.generated_client import ABSENT
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.parameters import Parameter
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.targets import Target
from thread_runs_conformance.values.samples import types_of, unknown_identifier
from thread_runs_conformance.wire import json_body

_PLAIN = ("unknown", "the beginning", "with a character more", "in upper case", "in lower case")
_DISTINCT = ("in upper case", "in lower case", "encoded twice", "with a space at the end", "with a NUL at the end")
_PROXIED = (
    "with a NUL at the end",
    "with a slash",
    "with a slash in front",
    "with dots",
    "with a percent sign",
    "of 2,000 characters",
)
"""Identifiers that proxies and frameworks reject or rewrite before the server sees them."""
_NOT_UTF_8 = {
    "with a byte that is not UTF-8": "%FF",
    "with UTF-8 that is cut off": "%C3",
    "with an overlong encoding": "%C0%AF",
}
"""What is appended to an identifier in the path. A percent-encoded path may contain any bytes (RFC 3986, 2.1)."""


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Cases for every operation with path parameters."""
    for operation in operations:
        if operation.method == "PUT":
            continue  # It may create what its path names (RFC 9110, 9.3.4).
        for parameter in operation.parameters_in("path"):
            if parameter.name in operation.path_names:
                yield Case("identifiers", f"{operation.id}: {parameter.name}", _unknown(operation, parameter))
        if len(operation.path_names) > 1:
            yield Case("identifiers", f"{operation.id}: of another parent", _other_parent(operation))
            if not operation.is_delete:
                yield Case("identifiers", f"{operation.id}: split elsewhere", _split_elsewhere(operation))


def _unknown(operation: Operation, parameter: Parameter) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        sender = subject.sender
        target = sender.target(operation)
        _only_if_it_must_exist(operation)
        name, values = parameter.name, sender.values(operation, target)
        anything, tried = False, 0
        for what, text in _unknown_ids(parameter, values[name], deletes=operation.is_delete).items():
            if any({**values, name: text}.items() <= other.values.items() for other in sender.all_targets):
                continue
            if what in ("the beginning", "with a character more") and _exists(
                subject, operation, {**values, name: text}
            ):
                continue
            encoded = {key: quote(value, safe="") for key, value in values.items()} | {name: quote(text, safe="")}
            # If the simplest one is accepted, the others would show the same defect.
            apart = what in _DISTINCT and not anything
            plain = text.isalnum() or what in _PLAIN
            value = typed(text, parameter.keywords)
            valid = plain and (not parameter.has_schema or subject.spec.is_valid(parameter.schema, value))
            try:
                exchange = subject.rejections.expect(
                    operation,
                    target,
                    # The server decides whether an identifier with unusual characters is unknown or invalid.
                    allowed=(404,) if valid and not parameter.keywords.get("format") else (404, 400, 422),
                    rule=operation.response_pointer(404),
                    says=f"A `{name}` that does not exist ({what})",
                    path=_filled(operation, encoded) + sender.query(operation),
                    body=_body(subject, operation),
                    undocumented=any(character in text for character in "/\\"),
                    by_proxy=what in _PROXIED,
                    key=f"{name} {what}" if apart else name,
                    group="identifier",
                )
            except NotTried:
                # On a live server some of them are withheld.
                continue
            tried += 1
            anything = anything or (what == "unknown" and exchange.status < 300)
        if not tried:
            raise NotTried(f"{operation.id}: no identifier could be tried for `{name}`")
        if _is_free_text(parameter) and not operation.is_delete and not anything:
            _not_utf_8(subject, operation, target, name)

    return run


def _not_utf_8(subject: Subject, operation: Operation, target: Target, name: str) -> None:
    encoded = {key: quote(value, safe="") for key, value in subject.sender.values(operation, target).items()}
    for what, end in _NOT_UTF_8.items():
        with contextlib.suppress(NotTried):
            says = f"A `{name}` that does not exist ({what})"
            path = _filled(operation, encoded | {name: encoded[name] + end})
            _expect_not_found(subject, operation, target, path, says=says, key=f"{name} not UTF-8", is_odd=True)


def _expect_not_found(
    subject: Subject,
    operation: Operation,
    target: Target,
    path: str,
    *,
    says: str,
    key: str,
    allowed: tuple[int, ...] = (404, 400, 422),
    is_odd: bool = False,
) -> None:
    """Expect a path that names no resource to be rejected.

    Args:
        is_odd: Whether servers and proxies may reject the path before they look for the resource.
    """
    subject.rejections.expect(
        operation,
        target,
        allowed=allowed,
        rule=operation.response_pointer(404),
        says=says,
        path=path + subject.sender.query(operation),
        body=_body(subject, operation),
        undocumented=is_odd,
        by_proxy=is_odd,
        key=key,
        group="identifier",
    )


def _only_if_it_must_exist(operation: Operation) -> None:
    """Skip the case if an unknown identifier may be accepted.

    Servers return an empty list, create a parent on first use, or accept a deletion that changes nothing.
    """
    if not (operation.is_read or operation.is_modify or operation.documents_absence):
        raise NotTried(f"{operation.id}: the spec documents no 404, so what the path names need not exist")


def _body(subject: Subject, operation: Operation) -> bytes | None:
    """A body that changes nothing on a live server, because the identifier may belong to somebody else's resource."""
    if subject.sender.disposable:
        return subject.state.body(operation, subject.sender.target(operation))
    smallest = subject.sender.smallest(operation)
    return subject.sender.other_body(operation) if smallest is ABSENT else json_body(smallest)


def _unknown_ids(parameter: Parameter, known: str, *, deletes: bool) -> dict[str, str]:
    """Identifiers other than `known`, decoded, by their description."""
    unknown = {
        f"unknown{f', {salt}' if salt else ''}": text
        for salt in (0, 1)
        if (text := unknown_identifier(parameter, salt)) is not None
    }
    if not _is_free_text(parameter):
        return {what: text for what, text in unknown.items() if text != known}
    if deletes:
        # A request with a similar identifier could delete the target.
        return {what: text for what, text in unknown.items() if text != known}
    first = known[:1]
    found = {
        **unknown,
        "the beginning": known[:-1],
        "with a character more": known + "x",
        "in upper case": known.upper(),
        "in lower case": known.lower(),
        # Encoded once more on the wire: a server that decodes twice reaches the resource.
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
        # A server that parses identifiers as JSON or as numbers confuses these with other values.
        "of digits": "900719925474099301",
        "like a constant": "null",
        "a glob pattern": "*",
        "an SQL pattern": "%",
        "astral": "😀",
        "of 2,000 characters": "x" * 2000,
    }
    return {what: text for what, text in found.items() if text and text != known}


def _is_free_text(parameter: Parameter) -> bool:
    keywords = parameter.keywords
    is_text = "string" in types_of(keywords) if keywords else True
    return is_text and not keywords.get("format") and not keywords.get("enum")


def _filled(operation: Operation, encoded: Mapping[str, str]) -> str:
    path = operation.path
    for name, value in encoded.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _other_parent(operation: Operation) -> Callable[[Subject], None]:
    """Each identifier exists, but not in this combination."""

    def run(subject: Subject) -> None:
        _only_if_it_must_exist(operation)
        targets = subject.sender.targets(operation)
        for target in targets:
            for other in targets:
                for name in operation.path_names[:-1]:
                    mixed = {**subject.sender.values(operation, target), name: other.values[name]}
                    if any(mixed.items() <= known.values.items() for known in targets):
                        continue
                    _expect_unknown(subject, operation, target, name, mixed)
                    return
        raise NotTried("it needs targets with two parents (--target)")

    return run


def _exists(subject: Subject, operation: Operation, values: Mapping[str, str]) -> bool:
    """Whether a resource with these identifiers exists: the response contains them."""
    reader = subject.state.reader(operation)
    if reader is None:
        return False
    exchange, _, _ = subject.sender.dispatch(reader.operation, Target(dict(values)), reader.body)
    try:
        answer = exchange.json() if 200 <= exchange.status < 300 else None
    except NotJsonError:
        return False
    if not isinstance(answer, dict):
        return False
    last = operation.path_names[-1]
    fields = {name: name if name in answer else "id" if name == last else name for name in values}
    return all(str(answer.get(field)) == values[name] for name, field in fields.items())


def _expect_unknown(
    subject: Subject, operation: Operation, target: Target, name: str, mixed: Mapping[str, str]
) -> None:
    if _exists(subject, operation, mixed):
        raise NotTried("every combination of the targets' identifiers exists")
    encoded = {key: quote(mixed[key], safe="") for key in operation.path_names}
    says = f"A resource under the `{name}` of another one"
    _expect_not_found(subject, operation, target, _filled(operation, encoded), says=says, key=name, allowed=(404,))


def _split_elsewhere(operation: Operation) -> Callable[[Subject], None]:
    """The last two identifiers of a target, joined and split at another place: `a/b` and `c`, or `a` and `b/c`.

    A server that keeps resources by joined identifiers takes one for the other.
    """

    def run(subject: Subject) -> None:
        names, tried = operation.path_names[-2:], 0
        if any(subject.findings.has_defect("invalid-request-accepted", name) for name in names):
            raise NotTried(f"{operation.id}: unknown identifiers are accepted")
        for target in subject.sender.targets(operation):
            values = subject.sender.values(operation, target)
            between = operation.path.partition(f"{{{names[0]}}}")[2].partition(f"{{{names[1]}}}")[0]
            for separator, parts in _partings(values[names[0]], values[names[1]], between).items():
                mixed = {**values, **dict(zip(names, parts, strict=True))}
                if any(mixed.items() <= known.values.items() for known in subject.sender.all_targets):
                    continue
                if not all(_is_valid(subject, operation, name, mixed[name]) for name in names):
                    continue
                if _exists(subject, operation, mixed):
                    continue
                encoded = {name: quote(mixed[name], safe="") for name in operation.path_names}
                joined = f"joined by {separator!r}" if separator else "joined"
                says = f"A request with the identifiers of a resource, {joined} and split at another place,"
                path, is_odd = _filled(operation, encoded), "/" in separator
                _expect_not_found(subject, operation, target, path, says=says, key="split elsewhere", is_odd=is_odd)
                tried += 1
        if not tried:
            raise NotTried(f"{operation.id}: no identifiers could be split elsewhere")

    return run


def _partings(first: str, second: str, between: str) -> dict[str, tuple[str, str]]:
    """For each separator, the two texts split at another place, if there is one.

    Args:
        between: What stands between the two in the path.
    """
    found = {}
    for separator in (between, "/", ":", "-", "_", ""):
        before, between, after = first.rpartition(separator) if separator else (first[:-1], "", first[-1:])
        if before and after:
            found[separator] = (before, after + separator + second)
            continue
        before, between, after = second.partition(separator) if separator else ("", "", "")
        if between and before and after:
            found[separator] = (first + separator + before, after)
    return found


def _is_valid(subject: Subject, operation: Operation, name: str, text: str) -> bool:
    parameter = next(each for each in operation.parameters_in("path") if each.name == name)
    if not parameter.has_schema:
        return True
    return subject.spec.is_valid(parameter.schema, typed(text, parameter.keywords))

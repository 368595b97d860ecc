"""Who is let in: only who sends the key, as a bearer token."""

from typing import Any

import pytest

from thread_runs_conformance.spec import Operation
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.test_negative import change


def _wrong(key: str) -> dict[str, str]:
    """Values of `Authorization` with a key that is not ours."""
    last = "x" if key[-1:] != "x" else "y"
    return {
        "another key": f"Bearer {key[:-1]}{last}",
        "the beginning of the key": f"Bearer {key[:-1]}",
        "the key and more": f"Bearer {key}x",
        "the key in another case": f"Bearer {key.swapcase()}",
        "a key that is a word": "Bearer contract-wrong-key",
        "the key among others": f"Bearer x,{key}",
    }


def _missing(key: str) -> dict[str, str | None]:
    return {
        "no key": None,
        "an empty header": "",
        "the scheme alone": "Bearer",
        "another scheme": f"Basic {key}",
        "the key without a scheme": key,
        "a scheme of another name": f"Bearerx {key}",
    }


def _refused(subject: Subject, operation: Operation, what: str, value: str | None, key: str) -> Any:
    headers = subject.headers(operation)
    headers.pop("Authorization")
    if value is not None:
        headers["Authorization"] = value
    return subject.refused(
        operation,
        subject.targets[0],
        allowed=(401,),
        rule=operation.bearer or operation.pointer,
        says=f"A request with {what}" if what != "no key" else "A request without a key",
        headers=headers,
        body=change(operation),
        key=key,
        group="authentication",
    )


def test_missing_key(subject: Subject, operation: Operation) -> None:
    if operation.bearer is None:
        pytest.skip(f"{operation.id} asks for no key")
    for what, value in _missing(subject.key).items():
        _refused(subject, operation, what, value, "missing key" if value is None else "malformed key")


def test_wrong_key(subject: Subject, operation: Operation) -> None:
    if operation.bearer is None:
        pytest.skip(f"{operation.id} asks for no key")
    if subject.any_key:
        pytest.skip("the server takes any key (ANY_KEY=1)")
    for what, value in _wrong(subject.key).items():
        if value != f"Bearer {subject.key}":
            _refused(subject, operation, what, value, "wrong key")

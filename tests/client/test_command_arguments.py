"""The command line of an operation, for what the specs of the other tests do not have."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from thread_runs import _cli
from thread_runs._cli_arguments import add_arguments, call_arguments
from thread_runs_client.bodies import Body
from thread_runs_client.parameters import Parameter
from thread_runs_client.requests import Operation

OPTIONS = {"timeout": None, "deadline": None, "max_retries": None}


def parsed(operation: Operation, *arguments: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    add_arguments(parser, operation)
    options = parser.parse_args(arguments)
    vars(options).update(OPTIONS)
    return call_arguments(parser, operation, options)[0]


def operation(body: Body | None = None, **schema: Any) -> Operation:
    parameters = (Parameter("value", "value", "query", schema),) if schema else ()
    return Operation("op", ("things",), "op", "op", "POST", "/things", parameters, body)


def test_a_boolean_is_true_or_false(capsys: pytest.CaptureFixture[str]) -> None:
    assert parsed(operation(type="boolean"), "--value", "true") == {"value": True}
    assert parsed(operation(type=["boolean", "null"]), "--value", "false") == {"value": False}
    with pytest.raises(SystemExit):
        parsed(operation(type="boolean"), "--value", "yes")
    assert "expected true or false, but got 'yes'" in capsys.readouterr().err


def test_a_value_of_no_type_is_json() -> None:
    assert parsed(operation(anyOf=[True, {"type": "null"}]), "--value", '{"a": 1}') == {"value": {"a": 1}}


def test_a_body_without_properties_is_given_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "body"
    file.write_bytes(b'["a"]')
    for kind, value in (("json", ["a"]), ("text", '["a"]'), ("binary", b'["a"]')):
        body: Any = Body("application/x", kind, {}, required=True)  # type: ignore[arg-type]
        assert parsed(operation(body), "--body", str(file)) == {"body": value}
        with pytest.raises(SystemExit):
            parsed(operation(body))
        assert "the following arguments are required: --body" in capsys.readouterr().err


def test_no_content_is_shown_as_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    _cli._show(operation(), None, as_json=False)
    assert capsys.readouterr().out == ""

"""The command `thread-runs`."""

import argparse
import io
import json
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from thread_runs_client.operations import OPERATIONS
from thread_runs_client.requests import Operation
from thread_runs_client.writing import to_json

from ._cli_arguments import add_arguments, call_arguments, command_names

EXIT_CODES = {
    "APITimeoutError": 3,
    "APIConnectionError": 3,
    "AuthenticationError": 4,
    "PermissionDeniedError": 4,
    "NotFoundError": 5,
    "RateLimitError": 6,
    "InternalServerError": 7,
    "APIResponseValidationError": 8,
    "APIStatusError": 9,
}
"""The exit status for each error. If several names match, the first one counts."""

EPILOG = """\
exit status:
  0  the call succeeded, and its result is shown
  1  nothing could be sent: there is no key
  2  the arguments are invalid or violate the spec; nothing was sent
  3  no complete response arrived, or not in time
  4  the key was rejected (401, 403)
  5  there is no such resource (404)
  6  the rate limit or the quota is used up (429)
  7  the server failed (500 and above)
  8  the response is not what the spec describes
  9  any other status that is not a success

environment:
  OPENAI_API_KEY   the key; it is not taken from the command line, where others could read it
  OPENAI_BASE_URL  where the server is, unless --base-url says so
"""


def _parser(commands: Mapping[str, Operation]) -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """Return the parser, and that of each command."""
    parser = argparse.ArgumentParser(
        prog="thread-runs",
        description="Call an operation of the spec and show the result, or print the spec.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="show the versions of package and spec, and its digest")
    subparsers = parser.add_subparsers(dest="command", metavar=f"{{{','.join([*commands, 'spec'])}}}")
    subparsers.add_parser("spec", help="print the spec, openapi.yaml")
    parsers = {}
    for name, operation in commands.items():
        summary = operation.summary or operation.id
        command = parsers[name] = subparsers.add_parser(
            name,
            help=summary.replace("%", "%%"),
            description=f"{summary}.\n\n{operation.description}".rstrip(),
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add_arguments(command, operation)
        command.add_argument("--json", action="store_true", help="show the whole result as JSON on one line")
        command.add_argument("--base-url", metavar="URL", help="where the server is")
        command.add_argument("--timeout", metavar="SECONDS", type=float, help="for each step of the call")
        command.add_argument("--deadline", metavar="SECONDS", type=float, help="for the whole call, retries included")
        command.add_argument("--max-retries", metavar="N", type=int, help="how often a failed call is repeated")
    return parser, parsers


def _print_versions() -> None:
    """Print the version of the package, and the version and digest of the spec that it was generated from."""
    from . import __version__

    digest = sha256((files("thread_runs_spec") / "openapi.yaml").read_bytes()).hexdigest()
    print(f"thread-runs {version('thread-runs')}\nspec {__version__} sha256:{digest}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The encoding of the locale may lack characters of a response.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            return _run(arguments)
        finally:
            # Flush here: an error at interpreter exit could not be handled.
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader stopped early. The rest of the buffer must not be written when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _run(arguments: Sequence[str] | None) -> int:
    commands = command_names(OPERATIONS)
    parser, parsers = _parser(commands)
    options = parser.parse_args(arguments)
    if options.version:
        _print_versions()
        return 0
    if options.command == "spec":
        sys.stdout.buffer.write(files("thread_runs_spec").joinpath("openapi.yaml").read_bytes())
        return 0
    if options.command is not None:
        operation = commands[options.command]
        return _call(operation, options, *call_arguments(parsers[options.command], operation, options))
    parser.print_usage(sys.stderr)
    return 2


def _call(
    operation: Operation, options: argparse.Namespace, arguments: dict[str, Any], call_options: dict[str, Any]
) -> int:
    from ._client import Client
    from ._errors import APIError, InvalidRequestError, ServerDeprecationWarning, ThreadRunsError

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("always", ServerDeprecationWarning)
            try:
                with Client(base_url=options.base_url) as client:
                    method: Any = client
                    for name in (*operation.group, operation.name):
                        method = getattr(method, name)
                    result = method(**arguments, **call_options)
            finally:
                for warning in caught:
                    _say(f"warning: {warning.message}")
    except InvalidRequestError as error:
        return _failed(2, str(error))
    except APIError as error:
        names = [kind.__name__ for kind in type(error).__mro__]
        return _failed(next(EXIT_CODES[name] for name in EXIT_CODES if name in names), str(error))
    except ThreadRunsError as error:
        return _failed(1, str(error))
    except ValueError as error:
        return _failed(2, str(error))
    _show(operation, result, as_json=options.json)
    return 0


def _show(operation: Operation, result: Any, *, as_json: bool) -> None:
    """Print the result: text and bytes as they are, of an object the `x-cli-show` properties, otherwise JSON."""
    if isinstance(result, bytes):
        sys.stdout.flush()
        sys.stdout.buffer.write(result)
        return
    if isinstance(result, str) and not as_json:
        print(result)
        return
    value = to_json(getattr(result, "response", result) if operation.paging else result)
    if as_json:
        print(json.dumps(value))
    elif isinstance(value, dict) and operation.shown:
        shown = [value.get(name) for name in operation.shown]
        print("  ".join(str(one) for one in shown if isinstance(one, str | int | float)))
        for pairs in shown:
            for key, item in pairs.items() if isinstance(pairs, dict) else ():
                print(f"  {key}={item}")
    elif value is not None:
        print(json.dumps(value, indent=2, ensure_ascii=False))


def _failed(status: int, message: str) -> int:
    _say(message)
    return status


def _say(message: str) -> None:
    print(f"thread-runs: {' '.join(message.split())}", file=sys.stderr)

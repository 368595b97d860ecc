"""The command `thread-runs`."""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thread_runs_client.models import Run

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
"""By the name of the error; of several that fit, the one that comes first here."""

EPILOG = """\
exit status:
  0  the run was changed, and is shown
  1  nothing could be sent: there is no key
  2  the arguments are wrong, or break limits of the contract; nothing was sent
  3  no complete answer came, or not in time
  4  the key is refused (401, 403)
  5  there is no such thread or run (404)
  6  the rate limit or the quota is used up (429)
  7  the server failed (500 and above)
  8  the answer is not a run
  9  any other status that is not a success

environment:
  OPENAI_API_KEY   the key; it is not taken from the command line, where others could read it
  OPENAI_BASE_URL  where the server is, unless --base-url says so
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thread-runs",
        description="Change the metadata of a run, or show the contract.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="show the version of the contract and of this package")
    commands = parser.add_subparsers(dest="command", metavar="{update,spec}")
    commands.add_parser("spec", help="print the contract, openapi.yaml")
    update = commands.add_parser(
        "update",
        help="change the metadata of a run and show it",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    update.add_argument("thread_id", metavar="THREAD_ID", help="the thread the run belongs to")
    update.add_argument("run_id", metavar="RUN_ID", help="the run")
    pairs = update.add_mutually_exclusive_group()
    pairs.add_argument(
        "--metadata",
        metavar="KEY=VALUE",
        nargs="+",
        action="extend",
        type=_pair,
        help="the pairs to store; without them nothing changes and the run is shown",
    )
    pairs.add_argument("--metadata-null", action="store_true", help="send null: what that does is up to the server")
    update.add_argument("--json", action="store_true", help="show the whole run as JSON on one line")
    update.add_argument("--base-url", metavar="URL", help="where the server is")
    update.add_argument("--timeout", metavar="SECONDS", type=float, help="for each step of the call")
    update.add_argument("--deadline", metavar="SECONDS", type=float, help="for the whole call, retries included")
    update.add_argument("--max-retries", metavar="N", type=int, help="how often a failed call is repeated")
    return parser


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE, but got '{text}'")
    return key, value


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.version:
            from . import __version__

            print(__version__)
            return 0
        if options.command == "spec":
            sys.stdout.write(files("thread_runs_spec").joinpath("openapi.yaml").read_text("utf-8"))
            return 0
        if options.command == "update":
            return _update(options)
        parser.print_usage(sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever reads has seen enough; what is left must not be written when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _update(options: argparse.Namespace) -> int:
    from ._client import Client
    from ._errors import APIError, InvalidRequestError, ServerDeprecationWarning, ThreadRunsError

    chosen = {name: getattr(options, name) for name in ("timeout", "deadline", "max_retries")}
    call: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
    if options.metadata_null or options.metadata is not None:
        call["metadata"] = None if options.metadata_null else dict(options.metadata)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("always", ServerDeprecationWarning)
            try:
                with Client(base_url=options.base_url) as client:
                    run = client.beta.threads.runs.update(options.run_id, thread_id=options.thread_id, **call)
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
    print(json.dumps(run.to_dict()) if options.json else _summary(run))
    return 0


def _summary(run: "Run") -> str:
    """Return the run in a few lines: what it is, where it stands, its metadata."""
    pairs = run.metadata.items() if isinstance(run.metadata, Mapping) else []
    return "\n".join([f"{run.id}  {run.status}", *(f"  {key}={value}" for key, value in pairs)])


def _failed(status: int, message: str) -> int:
    _say(message)
    return status


def _say(message: str) -> None:
    print(f"thread-runs: {' '.join(message.split())}", file=sys.stderr)

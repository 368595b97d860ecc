"""The command `thread-runs-conformance`."""

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from thread_runs_conformance.command_line import options_of, parser
from thread_runs_conformance.options import Options, OptionsError, cache_folder
from thread_runs_conformance.rules import RULES
from thread_runs_spec.standard_output import tolerate_closed_stdout

if TYPE_CHECKING:
    from thread_runs_conformance.engine import Engine


class ProgressLine:
    """Shows the progress on a terminal. In CI and without a terminal it shows nothing."""

    def __init__(self, out: TextIO) -> None:
        self._out = out if out.isatty() and not os.environ.get("CI") else None

    def __call__(self, done: int, total: int, requests: int, findings: int, group: str) -> None:
        if self._out is not None:
            found = f"{findings} finding{'' if findings == 1 else 's'}"
            line = f"{done * 100 // total:3} %  {done} of {total} cases, {requests} requests, {found}  {group}"
            self._out.write(f"\r\033[K{line}" if done < total else "\r\033[K")
            self._out.flush()

    def clear(self) -> None:
        """Remove the line."""
        if self._out is not None:
            self._out.write("\r\033[K")
            self._out.flush()


def main(arguments: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Judge a server and return the exit status."""
    tolerate_closed_stdout()
    out = out or sys.stdout
    if isinstance(out, io.TextIOWrapper):
        # The encoding of the locale may lack characters of a finding.
        out.reconfigure(errors="backslashreplace")
    given = parser().parse_args(arguments)
    if given.rules:
        for rule in RULES.values():
            print(f"{rule.code}\n    {rule.meaning}\n    Fix: {rule.fix}", file=out)
        return 0
    # Otherwise Hypothesis would create a folder in the current directory.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_folder() / "hypothesis"))
    try:
        options = options_of(given, os.environ)
        return judge_by(options, out)
    except OptionsError as error:
        return _not_judged(str(error))
    except ImportError as error:
        return _not_judged(f"{error}; install thread-runs[conformance]")


def judge_by(options: Options, out: TextIO) -> int:
    """Judge the server of the options, or the mock, and return the exit status."""
    # Imported here and not above, so that --help is fast.
    from thread_runs_conformance.judging import engine_for
    from thread_runs_conformance.mock_server import mock
    from thread_runs_conformance.report import WRITERS
    from thread_runs_conformance.spec import SpecError

    try:
        with mock(options) if options.base_url is None else contextlib.nullcontext(options) as options:
            progress = ProgressLine(sys.stderr)
            engine = engine_for(options, progress=progress)
            with _stoppable(engine):
                report = engine.run()
            progress.clear()
    except SpecError as error:
        return _not_judged(str(error))
    print(WRITERS[options.format](report), file=out)
    if options.output is not None:
        options.output.mkdir(parents=True, exist_ok=True)
        for name, suffix in (("html", "report.html"), ("junit", "junit.xml"), ("json", "report.json")):
            (options.output / suffix).write_text(WRITERS[name](report), "utf-8", errors="backslashreplace")
        print(f"reports: {options.output}", file=sys.stderr)
    return report.exit_status


@contextlib.contextmanager
def _stoppable(engine: "Engine") -> Iterator[None]:
    """Let the first SIGINT or SIGTERM end the cases, and ignore further ones, so that restoring is not interrupted."""

    def stop(number: int, frame: Any) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        # The exception ends the case at once. If it is raised in a finalizer, Python ignores it.
        engine.stop()
        raise KeyboardInterrupt

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _not_judged(message: str) -> int:
    print(f"thread-runs-conformance: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

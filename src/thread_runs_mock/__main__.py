"""The command `thread-runs-mock`. It is in `command`; this says what to install where that cannot be imported."""

import sys
from collections.abc import Sequence

from thread_runs_mock import needs_extra


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C; see `thread_runs_mock.command.main`."""
    try:
        with needs_extra():
            from thread_runs_mock import command
    except ImportError as error:
        print(f"thread-runs-mock: {error}", file=sys.stderr)
        return 2
    return command.main(arguments)


if __name__ == "__main__":
    sys.exit(main())

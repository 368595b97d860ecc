"""The clock of the mock, which tests can move."""

import time


class Clock:
    """A clock in Unix seconds. It runs with the system's clock, from the time that was set, or it is stopped.

    Args:
        start: Stand still at this time, in Unix seconds. None to run with the system's clock.
    """

    def __init__(self, start: float | None = None) -> None:
        self._fixed = start
        self._offset = 0.0

    def now(self) -> float:
        """Return the time in Unix seconds."""
        return time.time() + self._offset if self._fixed is None else self._fixed

    def advance(self, seconds: float) -> None:
        """Move the time by a number of seconds, which may be negative."""
        self.set(self.now() + seconds)

    def set(self, seconds: float) -> None:
        """Set the time in Unix seconds. A running clock continues from there."""
        if self._fixed is None:
            self._offset = seconds - time.time()
        else:
            self._fixed = seconds

    def stop(self) -> None:
        """Stop the clock."""
        self._fixed = self.now()

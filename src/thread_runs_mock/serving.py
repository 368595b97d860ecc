"""The application that is served, with faults, recording or replay."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from thread_runs_mock.app import Application
from thread_runs_mock.exchanges import Record, Replay
from thread_runs_mock.faults import Faults, Rate
from thread_runs_mock.messages import ASGIApplication


@contextlib.contextmanager
def application(
    app: Application,
    *,
    rates: Sequence[Rate] | None = None,
    fault_seed: int = 0,
    record: str | Path | None = None,
    replay: str | Path | None = None,
) -> Iterator[ASGIApplication]:
    """Yield the ASGI application to serve.

    Args:
        rates: Faults that happen at random; None for no faults until the status page switches them on.
        record: A file that requests and responses are appended to.
        replay: A recording whose responses are given instead.

    Raises:
        ExchangesError: A file cannot be read or written.
    """
    served: ASGIApplication = Faults(app, rates, fault_seed)
    if replay is not None:
        served = Replay(replay, app.state.secrets, app.error_response)
    if record is None:
        yield served
        return
    with contextlib.closing(Record(served, record, app.state.secrets)) as recorded:
        yield recorded

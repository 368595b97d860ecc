"""Faults on demand or by chance, so that applications can test how they handle them.

A request chooses its fault by the header `Prefer: fault=NAME`, with `; value=V` for what the fault can vary, and with
`; times=N` to let the next request for the path through after N of them. Faults also come by chance, at rates from
`--faults`. Faults that damage a response carry the request out first, so that a change may have happened although no
response came.
"""

from thread_runs_mock.faults.effects import FAULTS, Fault
from thread_runs_mock.faults.middleware import Faults
from thread_runs_mock.faults.selection import FaultsError, Rate, read_rates

__all__ = ["FAULTS", "Fault", "Faults", "FaultsError", "Rate", "read_rates"]

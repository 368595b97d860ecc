"""The class of all cases."""

from collections.abc import Callable
from dataclasses import dataclass

from thread_runs_conformance.subject import Subject


@dataclass(frozen=True)
class Case:
    """One thing that the suite tries. Running it reports findings, or raises `NotTried`.

    Attributes:
        group: What kind of case it is: `limits`, `authentication`.
        name: What is tried, stable from run to run: `modifyRun: metadata: 16 pairs`.
        run: Tries it.
        rule: The pointer to the rule of the spec that it is about, if there is one.
        pool: The systematic series that it belongs to. The seed chooses which cases of a series are tried; a
            case without a series always is.
    """

    group: str
    name: str
    run: Callable[[Subject], None]
    rule: str = ""
    pool: str = ""

    @property
    def id(self) -> str:
        """Group and name, for test runners."""
        return f"{self.group}: {self.name}"

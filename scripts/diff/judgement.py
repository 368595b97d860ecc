"""What one comparison found, for the command, for `make check` and for `make release`."""

from collections.abc import Sequence
from dataclasses import dataclass

from scripts.diff.changes import Change
from scripts.diff.python_api import ApiChange
from scripts.diff.rules import Verdict
from scripts.diff.version import Version
from thread_runs_spec.document import Spec


@dataclass(frozen=True)
class Judgement:
    """All differences between two sides, and the version that follows.

    Attributes:
        api: The changes of Python names; empty if `not_compared` says why they were not compared.
    """

    old: Spec
    new: Spec
    changes: Sequence[Change]
    api: Sequence[ApiChange]
    not_compared: str | None
    version: Version

    @property
    def breaks(self) -> bool:
        """Whether callers break in a way that was neither accepted nor announced."""
        return Verdict.BREAKING in [*(change.callers for change in self.changes), *(one.effective for one in self.api)]

    @property
    def refused(self) -> bool:
        """Whether callers break and info.version does not say so."""
        return self.breaks and not self.version.sufficient

    def fails(self, fail_on: str) -> bool:
        """Whether the command fails: on "breaking" changes that are refused, on "any" change, or on "none"."""
        return {"breaking": self.refused, "any": bool(self.changes or self.api), "none": False}[fail_on]

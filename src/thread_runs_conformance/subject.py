"""The objects that a case works with: the server under test, its known state, and the findings."""

import threading
from dataclasses import dataclass, field
from random import Random

from thread_runs_conformance.answers import AnswerChecks
from thread_runs_conformance.findings import Findings
from thread_runs_conformance.generation import Explorer
from thread_runs_conformance.known_state import KnownState
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.rejections import Rejections
from thread_runs_conformance.sending import Sender
from thread_runs_conformance.spec import Spec


@dataclass
class Subject:
    """One server under test.

    Attributes:
        explorer: Generates values, with the seed of the run.
        random: For everything else that the seed decides.
        pause: Seconds to wait before everything is read back at the end.
        stopping: Set when the run must end. It also ends a pause.
    """

    spec: Spec
    operations: list[Operation]
    findings: Findings
    checks: AnswerChecks
    sender: Sender
    state: KnownState
    rejections: Rejections
    explorer: Explorer
    random: Random
    pause: float = 5
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def modifying(self) -> list[Operation]:
        """The operations that change a resource."""
        return [operation for operation in self.operations if operation.is_modify]

    def needs_removal(self, operation: Operation) -> None:
        """Skip the case if it would fill a live resource with pairs that cannot be removed.

        Raises:
            NotTried: It would.
        """
        semantics = self.state.semantics_of(operation)
        if operation.maps and not self.sender.disposable and not semantics.can_remove:
            raise NotTried(semantics.why_none_are_added)

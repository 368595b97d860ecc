"""Generated cases: Hypothesis without shrinking. A finding keeps its shortest sighting, and every request costs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thread_runs_conformance.outcomes import NotTried

if TYPE_CHECKING:
    import schemathesis
    from hypothesis.stateful import RuleBasedStateMachine
    from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True)
class Profile:
    """The number of generated cases.

    Attributes:
        positive: Generated valid requests for each operation and client.
        negative: Generated invalid requests for each operation.
        machines: Runs of the state machine.
        steps: Steps of each run.
        rounds: How often concurrent callers meet.
        series: How many cases of each systematic series are tried; 0 for all of them.
        seconds: Duration of the generated cases in seconds.
    """

    positive: int
    negative: int
    machines: int
    steps: int
    rounds: int
    series: int
    seconds: float = 0


PROFILES = {
    "quick": Profile(positive=8, negative=20, machines=3, steps=15, rounds=3, series=25),
    "ci": Profile(positive=40, negative=60, machines=8, steps=18, rounds=6, series=70),
    "deep": Profile(positive=200, negative=200, machines=20, steps=50, rounds=20, series=0, seconds=300),
}
_SHARES = 5
"""The number of generated cases that share the seconds of a deep run."""


class Explorer:
    """Runs functions with generated values, always the same for a seed."""

    def __init__(self, profile: Profile, seed: int, spec: Path) -> None:
        self.profile = profile
        self._seed = seed
        self._path = spec

    @cached_property
    def schema(self) -> "schemathesis.BaseSchema":
        """The spec, read by schemathesis."""
        import schemathesis

        config = schemathesis.Config.from_dict({"base-url": "http://conformance.invalid"})
        return schemathesis.openapi.from_path(self._path, config=config)

    def each(self, strategy: "SearchStrategy[Any]", examples: int, examine: Callable[[Any], None]) -> None:
        """Call `examine` with generated values.

        Raises:
            NotTried: There are none.
        """
        import hypothesis

        def once(seed: int) -> None:
            test = hypothesis.given(strategy)(lambda value: examine(value))
            try:
                hypothesis.seed(seed)(self._settings(examples)(test))()
            except hypothesis.errors.Unsatisfiable:
                raise NotTried("no request could be generated from the spec") from None

        self._repeat(once)

    def machine(self, machine: "Callable[[], RuleBasedStateMachine]") -> None:
        """Run a state machine."""
        from hypothesis.stateful import run_state_machine_as_test

        def once(seed: int) -> None:
            def build() -> "RuleBasedStateMachine":
                return machine()

            build._hypothesis_internal_use_seed = seed  # type: ignore[attr-defined]  # as hypothesis.seed does
            settings = self._settings(self.profile.machines, stateful_step_count=self.profile.steps)
            run_state_machine_as_test(build, settings=settings)  # type: ignore[arg-type]  # takes any factory

        self._repeat(once)

    def _repeat(self, once: Callable[[int], None]) -> None:
        end = time.monotonic() + self.profile.seconds / _SHARES
        seed = self._seed
        with _no_constants_of_other_modules():
            once(seed)
            while time.monotonic() < end:
                seed += 1
                once(seed)

    @staticmethod
    def _settings(examples: int, **options: Any) -> Any:
        import hypothesis

        return hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
            print_blob=False,
            **options,
        )


@contextmanager
def _no_constants_of_other_modules() -> Iterator[None]:
    """Make a seed generate the same values in every process.

    Hypothesis draws constants from the source of whatever is imported and not installed, such as the tests beside a
    pytest plugin. It has no setting for that, so its function is replaced for as long as the suite generates.
    """
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    names = vars(providers)
    collect = names.get("_get_local_constants")
    if collect is None:  # Another version of Hypothesis.
        yield
        return
    nothing = Constants()
    names["_get_local_constants"] = lambda: nothing
    providers.CONSTANTS_CACHE.cache.clear()
    try:
        yield
    finally:
        names["_get_local_constants"] = collect
        providers.CONSTANTS_CACHE.cache.clear()

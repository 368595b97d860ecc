"""Generated cases: Hypothesis without shrinking. A finding keeps its shortest sighting, and every request costs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True)
class Profile:
    """How much is generated. With `seconds`, each generated test goes on for its share of them."""

    positive: int
    negative: int
    machines: int
    steps: int
    rounds: int
    seconds: float = 0


PROFILES = {
    "quick": Profile(positive=10, negative=20, machines=3, steps=15, rounds=4),
    "ci": Profile(positive=60, negative=80, machines=15, steps=30, rounds=12),
    "deep": Profile(positive=200, negative=200, machines=20, steps=50, rounds=20, seconds=300),
}
_SHARES = 5
"""Generated tests that share the seconds of a deep run."""


class Explorer:
    def __init__(self, profile: Profile, seed: int) -> None:
        self.profile = profile
        self._seed = seed

    def each(self, strategy: SearchStrategy[Any], examples: int, examine: Callable[[Any], None]) -> None:
        """Call `examine` with generated values."""

        def once(seed: int) -> None:
            test = given(strategy)(lambda value: examine(value))
            hypothesis.seed(seed)(self._settings(examples)(test))()

        self._repeat(once)

    def machine(self, machine: Callable[[], RuleBasedStateMachine]) -> None:
        """Run a state machine."""

        def once(seed: int) -> None:
            def build() -> RuleBasedStateMachine:
                return machine()

            build._hypothesis_internal_use_seed = seed  # type: ignore[attr-defined]  # as hypothesis.seed does
            settings = self._settings(self.profile.machines, stateful_step_count=self.profile.steps)
            run_state_machine_as_test(build, settings=settings)  # type: ignore[arg-type]  # takes any factory

        self._repeat(once)

    def _repeat(self, once: Callable[[int], None]) -> None:
        end = time.monotonic() + self.profile.seconds / _SHARES
        seed = self._seed
        once(seed)
        while time.monotonic() < end:
            seed += 1
            once(seed)

    @staticmethod
    def _settings(examples: int, **options: Any) -> hypothesis.settings:
        return hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            **options,
        )

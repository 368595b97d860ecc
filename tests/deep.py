"""How much property tests generate: a fixed number in `make test`, more in `make test-deep`.

Mark each test that uses these functions with `deep`, which is what `make test-deep` selects:

    @pytest.mark.deep
    @hypothesis.seed(deep.seed())
    @hypothesis.settings(max_examples=deep.examples(200), database=None, deadline=None)
    def test_...
"""

import os


def examples(count: int) -> int:
    """The number of examples: `count` in `make test`, `DEEP_FACTOR` times as many in `make test-deep`."""
    return count * int(os.environ.get("DEEP_FACTOR", "1"))


def seed() -> int:
    """The seed to generate from: always 1 in `make test`, a new one in each round of `make test-deep`."""
    return int(os.environ.get("DEEP_SEED", "1"))

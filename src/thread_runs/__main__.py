"""`python -m thread_runs` is the command `thread-runs`."""

import sys

from ._cli import main

sys.exit(main())

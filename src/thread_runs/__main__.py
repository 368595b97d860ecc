"""`python -m thread_runs` is the command `thread-runs`."""

import sys

from .cli import main

sys.exit(main())

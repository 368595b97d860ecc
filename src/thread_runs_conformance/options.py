"""The options of the suite."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from thread_runs_conformance.credentials import Credentials
from thread_runs_conformance.generation import PROFILES, Profile
from thread_runs_conformance.targets import Target
from thread_runs_spec import PACKAGED

FORMATS = ("text", "html", "junit", "json", "github")
OUR_CLIENT = "thread_runs_client"


class OptionsError(ValueError):
    """An option is missing or invalid. The message names it."""


def cache_folder() -> Path:
    """The folder for the suite's own files."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "thread-runs-conformance"


@dataclass(frozen=True)
class Options:
    """The options of a run.

    Attributes:
        base_url: The URL of the server; None starts the mock, if it is installed.
        only: Run only the cases whose id contains this text.
        targets: The resources that may be changed. Most requests go to the first.
        disposable: The server exists for this run only: nothing needs to be restored.
        any_key: The server is meant to accept any credential.
        client: The generated package to send valid requests with; None sends them over raw HTTP.
        rate: Requests per second; 0 for no limit.
        budget: Requests in total; 0 for no limit.
        timeout: Seconds before a request times out.
        seconds: Duration of the generated cases in seconds; 0 for that of the profile.
        pause: Seconds to wait before everything is read back at the end.
        prepare: A command that prints the identifiers of a new resource.
        metadata: How the mock treats new pairs: `merge` or `replace`.
        exitfirst: Stop at the first finding. The resources are still restored.
        output: The folder to write all reports to; None for none.
    """

    spec: Path = PACKAGED
    base_url: str | None = None
    only: str = ""
    targets: tuple[Target, ...] = ()
    credentials: Credentials = field(default_factory=Credentials)
    any_key: bool = False
    disposable: bool = False
    client: str | None = OUR_CLIENT
    rate: float = 0
    budget: int = 0
    timeout: float = 10
    seed: int = 1
    profile: str = "ci"
    seconds: float = 0
    pause: float = 5
    prepare: str = ""
    proxy: str | None = None
    verify: Any = True
    cert: Any = None
    metadata: str = "merge"
    output: Path | None = None
    format: str = "text"
    exitfirst: bool = False

    @property
    def sizes(self) -> Profile:
        """The sizes of the profile."""
        profile = PROFILES[self.profile]
        return replace(profile, seconds=self.seconds) if self.seconds else profile

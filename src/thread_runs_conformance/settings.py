"""What `make contract` was told, by environment variables as make passes them on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from thread_runs_conformance.calls import Target
from thread_runs_conformance.explore import PROFILES, Profile

ROOT = Path(__file__).parents[2]


class SettingsError(ValueError):
    """A variable that is missing or wrong; the message names it."""


@dataclass(frozen=True)
class Settings:
    """How the suite is run.

    Attributes:
        base_url: The server; None starts the mock.
        targets: The runs that may be touched; the first does most of the work. Empty: those of the mock.
        disposable: The server is there for this session only: nothing need be put back.
        rate: Requests a second; 0 for no limit.
        budget: Requests in all; 0 for no limit.
        timeout: Seconds until a request is given up.
        mode: What the mock does with new pairs: `merge` or `replace`.
    """

    spec: Path = ROOT / "openapi.yaml"
    base_url: str | None = None
    key: str = ""
    targets: tuple[Target, ...] = ()
    any_key: bool = False
    disposable: bool = False
    rate: float = 0
    budget: int = 0
    timeout: float = 10
    seed: int = 1
    profile: str = "ci"
    seconds: float = 0
    mode: str = "merge"
    output: Path = field(default=ROOT / "build" / "contract")
    stop_at_first: bool = False

    @property
    def sizes(self) -> Profile:
        profile = PROFILES[self.profile]
        return replace(profile, seconds=self.seconds) if self.seconds else profile


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read BASE_URL, THREAD_ID, RUN_ID, MORE_RUNS and the rest.

    Raises:
        SettingsError: Names the variable.
    """
    given = {name: value for name, value in environment.items() if value != ""}
    base_url = given.get("BASE_URL")
    targets = []
    if base_url:
        missing = [name for name in ("THREAD_ID", "RUN_ID", "OPENAI_API_KEY") if name not in given]
        if missing:
            raise SettingsError(f"BASE_URL is given, so {missing[0]} is needed too")
        if not base_url.startswith(("http://", "https://")):
            raise SettingsError(f"BASE_URL must be a URL, but is '{base_url}'")
        targets.append(Target({"thread_id": given["THREAD_ID"], "run_id": given["RUN_ID"]}))
        for pair in given.get("MORE_RUNS", "").split():
            thread, slash, run = pair.partition("/")
            if not slash:
                raise SettingsError(f"MORE_RUNS must be 'thread/run' pairs, but has '{pair}'")
            targets.append(Target({"thread_id": thread, "run_id": run}))
    profile = given.get("PROFILE", "ci")
    if profile not in PROFILES:
        raise SettingsError(f"PROFILE must be one of {', '.join(PROFILES)}, but is '{profile}'")
    mode = given.get("METADATA", "merge")
    if mode not in ("merge", "replace"):
        raise SettingsError(f"METADATA must be merge or replace, but is '{mode}'")
    spec = Path(given.get("SPEC", str(ROOT / "openapi.yaml")))
    if not spec.is_file():
        raise SettingsError(f"SPEC names no file: {spec}")
    return Settings(
        spec=spec,
        base_url=base_url,
        key=given.get("OPENAI_API_KEY", "") if base_url else "",
        targets=tuple(targets),
        any_key=given.get("ANY_KEY", "0") not in _NO,
        disposable=given.get("DISPOSABLE", "0") not in _NO,
        rate=_number(given, "RATE", 0),
        budget=int(_number(given, "BUDGET", 0)),
        timeout=_number(given, "TIMEOUT", 10),
        seed=int(_number(given, "SEED", 1)),
        profile=profile,
        seconds=_number(given, "SECONDS", 0),
        mode=mode,
        output=Path(given.get("OUTPUT", str(ROOT / "build" / "contract"))),
    )


_NO = ("0", "no", "false")


def _number(given: Mapping[str, str], name: str, default: float) -> float:
    text = given.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        raise SettingsError(f"{name} must be a number that is not negative, but is '{text}'")
    return value

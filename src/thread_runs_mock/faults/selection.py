"""The selection of faults: rates of faults by chance, and the header `Prefer`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thread_runs_mock.faults.effects import FAULTS, Fault


class FaultsError(ValueError):
    """The faults in `--faults` or in a request cannot be parsed."""


@dataclass(frozen=True)
class Rate:
    """How often a fault occurs by chance: the share of requests, 0 to 1."""

    fault: Fault
    share: float
    value: Any


def read_rates(text: str | Path) -> list[Rate]:
    """Read `NAME=SHARE[:VALUE],…`, or a file with one of them on each line; `#` begins a comment there.

    Raises:
        FaultsError: A fault is not known, a share or value is not a number, or the shares add up to more than 1.
    """
    try:
        if text and Path(text).is_file():
            return parse_rates(Path(text).read_text("utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise FaultsError(f"cannot read {text}: {error}") from None
    return parse_rates(str(text).split(","))


def parse_rates(items: Iterable[str]) -> list[Rate]:
    """Read items of the form `NAME=SHARE[:VALUE]`; `#` begins a comment. Raises FaultsError as `read_rates` does."""
    rates = []
    for item in (item.partition("#")[0].strip() for item in items):
        if item:
            name, _, amount = item.partition("=")
            share, _, value = amount.partition(":")
            fault = known_fault(name.strip())
            if not re.fullmatch(r"0?\.\d+|0|1(\.0*)?|0\.", share.strip()):
                raise FaultsError(f"{item}: expected a share of the requests from 0 to 1, but got '{share}'")
            rates.append(Rate(fault, float(share), fault_value(fault, value.strip())))
    if sum(rate.share for rate in rates) > 1:
        raise FaultsError(f"the shares add up to {sum(rate.share for rate in rates):g}, which is more than 1")
    return rates


def known_fault(name: str) -> Fault:
    """Return the fault with a name. Raises FaultsError if there is none."""
    if name not in FAULTS:
        raise FaultsError(f"unknown fault '{name}'. Known faults are: {', '.join(FAULTS)}")
    return FAULTS[name]


def fault_value(fault: Fault, text: str) -> Any:
    """Return the value of a fault from a text, or its default without one. Raises FaultsError."""
    if not text:
        return fault.value
    if isinstance(fault.value, str):
        return text
    if fault.value is None or not re.fullmatch(r"\d{1,6}(\.\d*)?|\.\d+", text):
        raise FaultsError(
            f"{fault.name}: expected {'no value' if fault.value is None else 'a number'}, but got '{text}'"
        )
    return float(text)


_PREFERENCE = re.compile(r"""\s*([\w-]+)\s*=\s*("[^"]*"|[^\s;,"]*)\s*(;|,|$)""")


def fault_preference(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the preference that begins with `fault=`, and its parameters (RFC 7240); empty if there is none."""
    for name, raw in headers:
        found: dict[str, str] = {}
        if name == b"prefer":
            for key, value, end in _PREFERENCE.findall(raw.decode("latin-1")):
                found[key.lower()] = value.strip('"')
                if end != ";":
                    if "fault" in found:
                        return found
                    found = {}
    return {}

"""The application with faults."""

import asyncio
import random
import re
from collections.abc import Awaitable, Sequence
from typing import Any

from thread_runs_mock import errors
from thread_runs_mock.app import Application
from thread_runs_mock.errors import ApiError
from thread_runs_mock.faults.effects import BURST, FAULTS, Fault
from thread_runs_mock.faults.exchange import Exchange
from thread_runs_mock.faults.selection import FaultsError, Rate, fault_preference, fault_value, known_fault, parse_rates
from thread_runs_mock.messages import Message, Receive, Send
from thread_runs_mock.recording import text_of
from thread_runs_mock.state import log


class Faults:
    """Serves an application, with faults that requests choose or that occur by chance.

    Args:
        application: What is served.
        rates: Faults that happen at random; None to switch all faults off.
        seed: Makes the same requests meet the same faults again.
    """

    def __init__(self, application: Application, rates: Sequence[Rate] | None = (), seed: int = 0) -> None:
        application.state.faults = self
        self._application = application
        self._rates = rates
        self._random = random.Random(seed)
        self._burst: list[tuple[Fault, Any]] = []
        self._counts: dict[tuple[bytes, str, int], int] = {}

    def rates(self) -> list[dict[str, Any]] | None:
        """Return the faults that happen at random, each with `name`, `share` and `value`; None if faults are off."""
        if self._rates is None:
            return None
        return [{"name": rate.fault.name, "share": rate.share, "value": rate.value} for rate in self._rates]

    def known(self) -> list[dict[str, str]]:
        """Return every fault with `name` and `summary`."""
        return [{"name": fault.name, "summary": fault.summary} for fault in FAULTS.values()]

    def choose(self, text: str | None) -> None:
        """Switch faults on, with rates as `--faults` takes them, or off with None. Raises FaultsError."""
        self._rates = None if text is None else parse_rates(text.split(","))
        self._burst = []

    def __call__(self, scope: Message, receive: Receive, send: Send) -> Awaitable[None]:
        # Not a coroutine, so that a request costs only one more call while faults are off.
        if self._rates is None or scope["type"] != "http" or scope["raw_path"].startswith(b"/_mock"):
            return self._application(scope, receive, send)
        return self._serve(scope, receive, send)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        exchange = Exchange(self._application, scope, receive, send)
        try:
            chosen = self._chosen(scope)
            if chosen is None:
                await exchange.carry_out()
                return
            fault, value = chosen
            exchange.name_fault(fault.name)
            log.info("%s %s fault %s", scope["method"], text_of(scope["raw_path"]), fault.name)
            await fault.apply(exchange, value)
        except asyncio.CancelledError:
            exchange.abandon()
            raise
        except FaultsError as error:
            await exchange.reject(errors.unknown_fault(str(error)))
        except ApiError as error:
            await exchange.reject(error)

    def _chosen(self, scope: Message) -> tuple[Fault, Any] | None:
        preference = fault_preference(scope["headers"])
        if preference:
            return self._preferred(scope["raw_path"], preference)
        if self._burst:
            return self._burst.pop()
        drawn = self._random.random()
        for rate in self._rates or ():
            if drawn < rate.share:
                if rate.fault.name == BURST:
                    self._burst = [(rate.fault, rate.value)] * (int(rate.value) - 1)
                return rate.fault, rate.value
            drawn -= rate.share
        return None

    def _preferred(self, path: bytes, preference: dict[str, str]) -> tuple[Fault, Any] | None:
        fault = known_fault(preference["fault"])
        value = fault_value(fault, preference.get("value", ""))
        text = preference.get("times", f"{value:g}" if fault.name == BURST else "")
        if text:
            if not re.fullmatch(r"\d{1,6}", text):
                raise FaultsError(f"times: expected a number, but got '{text}'")
            key = path, fault.name, int(text)
            count = self._counts[key] = self._counts.get(key, 0) + 1
            if count > int(text):
                del self._counts[key]
                return None
        return fault, value

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis.internal.conjecture import providers
from selenium import webdriver

from scripts.repository import ROOT, SPEC
from scripts.test import UNMEASURED
from tests.debian import program
from tests.raw_server import RawServer

CHROMIUM = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1200,2000"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]
END_TO_END = Path(__file__).parent / "end_to_end"
# These fixtures start programs, which takes too long for `make quick`.
SLOW_FIXTURES = {"browser", "clone", "launch", "live", "location", "postgresql", "repository", "suite"}


def pytest_configure() -> None:
    # A shell ignores SIGINT for what it runs in the background. The programs that tests start shall receive it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # With these, each make that a test runs would get the variables of `make test ARGS=...`, and print its folder.
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        os.environ.pop(name, None)
    # Hypothesis also draws constants of the local modules that are imported so far, so that the examples of a seed
    # would depend on the tests that ran before in the process. It has no setting for that.
    vars(providers)["is_local_module_file"] = lambda path: False


def pytest_collection_finish() -> None:
    """Exempt the objects of all collected tests from garbage collection, which some tests run and wait for."""
    gc.freeze()


def fixtures_of(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start programs or are end-to-end tests as `slow`, and those whose coverage does not count.

    The modules that take the longest come first: end-to-end tests, and tests in a browser.
    """
    long = {item.path for item in items if item.path.is_relative_to(END_TO_END) or "browser" in fixtures_of(item)}
    items.sort(key=lambda item: item.path not in long)
    for item in items:
        # Many examples run the same code.
        if item.get_closest_marker("deep") or any(item.path.is_relative_to(ROOT / folder) for folder in UNMEASURED):
            item.add_marker("unmeasured")
        if item.path.is_relative_to(END_TO_END) or not SLOW_FIXTURES.isdisjoint(fixtures_of(item)):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def spec() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(SPEC.read_text("utf-8"))
    return document


@pytest.fixture(scope="session")
def examples(spec: dict[str, Any]) -> dict[str, Any]:
    """The values of the named examples of the spec."""
    return {name: example["value"] for name, example in spec["components"]["examples"].items()}


@pytest.fixture
def raw_server() -> Iterator[RawServer]:
    server = RawServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Chrome]:
    """Headless Chromium, one for each test process."""
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium", "chromium")
    for argument in CHROMIUM:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(program("chromedriver", "chromium-driver")))
    yield driver
    driver.quit()

"""The reference page in a real browser."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.system_packages import require

ROOT = Path(__file__).parents[2]
CHROMIUM = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1200,2000"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = require("chromium", "chromium", "chromium-driver")
    for argument in CHROMIUM:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(require("chromedriver", "chromium-driver")))
    yield driver
    driver.quit()


def read(browser: webdriver.Chrome, url: str) -> str:
    """Open a reference page; what a person sees on it."""
    browser.get(url)
    waiting = WebDriverWait(browser, 60)
    waiting.until(lambda page: page.find_elements(By.CSS_SELECTOR, ".opblock .responses-table"))
    assert browser.find_elements(By.CSS_SELECTOR, ".errors-wrapper") == []
    return str(browser.find_element(By.TAG_NAME, "body").text)


def test_the_page_stands_alone(browser: webdriver.Chrome, tmp_path: Path) -> None:
    file = tmp_path / "reference.html"
    subprocess.run([sys.executable, "scripts/docs.py", "--output", str(file)], cwd=ROOT, check=True)
    browser.get_log("performance")  # type: ignore[no-untyped-call]
    text = read(browser, file.as_uri())
    assert "/threads/{thread_id}/runs/{run_id}" in text
    assert "Identifier of the run to modify." in text
    assert "Rate limit" in text or "rate limit" in text
    log = browser.get_log("performance")  # type: ignore[no-untyped-call]
    requested = [entry["message"] for entry in log if "Network.requestWillBeSent" in entry["message"]]
    assert [message for message in requested if '"url":"http' in message] == []
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []  # type: ignore[no-untyped-call]

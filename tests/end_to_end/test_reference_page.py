"""The reference page in a real browser."""

import subprocess
import sys
from pathlib import Path

import httpx
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import element_to_be_clickable
from selenium.webdriver.support.wait import WebDriverWait

ROOT = Path(__file__).parents[2]


def read(browser: webdriver.Chrome, url: str) -> str:
    """Open a reference page; what a person sees on it."""
    browser.get(url)
    waiting = WebDriverWait(browser, 60)
    waiting.until(lambda page: page.find_elements(By.CSS_SELECTOR, ".opblock .responses-table"))
    assert browser.find_elements(By.CSS_SELECTOR, ".errors-wrapper") == []
    return str(browser.find_element(By.TAG_NAME, "body").text)


def test_the_page_is_self_contained(browser: webdriver.Chrome, tmp_path: Path) -> None:
    file = tmp_path / "reference.html"
    subprocess.run([sys.executable, "-m", "scripts.docs", "--reference", str(file)], cwd=ROOT, check=True)
    browser.get_log("performance")  # type: ignore[no-untyped-call]
    text = read(browser, file.as_uri())
    assert "/threads/{thread_id}/runs/{run_id}" in text
    assert "Identifier of the run to modify." in text
    assert "Rate limit" in text or "rate limit" in text
    log = browser.get_log("performance")  # type: ignore[no-untyped-call]
    requested = [entry["message"] for entry in log if "Network.requestWillBeSent" in entry["message"]]
    assert [message for message in requested if '"url":"http' in message] == []
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []  # type: ignore[no-untyped-call]


def test_try_it_out_works_against_the_mock_that_serves_the_page(browser: webdriver.Chrome, base_url: str) -> None:
    text = read(browser, str(httpx.URL(base_url).join("/docs")))
    assert "Modify run" in text
    browser.find_element(By.CSS_SELECTOR, ".auth-wrapper .authorize").click()
    browser.find_element(By.CSS_SELECTOR, ".auth-container input").send_keys("sk-test")
    browser.find_element(By.CSS_SELECTOR, ".auth-btn-wrapper .authorize").click()
    browser.find_element(By.CSS_SELECTOR, ".auth-btn-wrapper .btn-done").click()
    waiting = WebDriverWait(browser, 60)
    assert browser.find_elements(By.CSS_SELECTOR, ".execute") == [], "the form is closed until it is opened"
    modify_run = "[id$=modifyRun] "
    for selector in (modify_run + ".try-out__btn", modify_run + ".execute-wrapper .execute"):
        button = waiting.until(element_to_be_clickable((By.CSS_SELECTOR, selector)))
        browser.execute_script("arguments[0].scrollIntoView(); arguments[0].click()", button)
    live = waiting.until(lambda page: page.find_element(By.CSS_SELECTOR, ".live-responses-table .response"))
    assert live.find_element(By.CSS_SELECTOR, ".response-col_status").text.startswith("200")
    assert '"user_id": "user_abc123"' in live.text

"""The status page: its data, its actions, and how it looks in a real browser."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

import thread_runs_mock

from .conftest import DOCUMENTED, HEADERS

RATE_LIMIT = {"code": 429, "example": "rateLimit"}


@pytest.fixture
def server() -> Iterator[thread_runs_mock.RunningServer]:
    with thread_runs_mock.serve() as server:
        yield server


@pytest.fixture
def client(server: thread_runs_mock.RunningServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base_url, headers=HEADERS) as client:
        yield client


@pytest.fixture
def root(client: httpx.Client) -> httpx.URL:
    return client.base_url.copy_with(path="/_mock/")


@pytest.fixture
def page(browser: webdriver.Chrome, root: httpx.URL) -> Iterator[webdriver.Chrome]:
    browser.get(str(root))
    wait(browser, lambda: browser.title == "Thread Runs mock")
    yield browser
    # Otherwise the page keeps polling a server that has stopped.
    browser.get("about:blank")
    browser.get_log("browser")  # type: ignore[no-untyped-call]


def wait(browser: webdriver.Chrome, condition: Callable[[], Any]) -> Any:
    return WebDriverWait(browser, 60, 0.1).until(lambda _: condition())


def one(browser: webdriver.Chrome, selector: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, selector)


def texts(browser: webdriver.Chrome, selector: str) -> list[str]:
    script = "return [...document.querySelectorAll(arguments[0])].map(found => found.innerText)"
    found: list[str] = browser.execute_script(script, selector)
    return found


def test_status_says_what_runs_and_how_it_is_configured(client: httpx.Client, root: httpx.URL, shown: int) -> None:
    sent = client.post(DOCUMENTED, json={"metadata": {"k": "v"}})
    status = client.get(root.join("status.json")).json()
    assert (status["title"], status["base_path"], status["store"]) == (
        "Thread Runs",
        "/v1",
        {"name": "memory", "count": shown},
    )
    assert status["settings"] == {
        "Metadata": "merged",
        "Unknown identifiers": "404",
        "API key": "any",
        "Clock": "system time",
    }
    assert {"key": DOCUMENTED, "body": sent.json()} in status["resources"]
    assert [request["response"] for request in status["requests"]] == [sent.text]
    assert RATE_LIMIT in status["script"]["documented"]
    assert status["faults"]["rates"] is None
    assert {"name": "delay"}.items() <= status["faults"]["known"][0].items()


def test_responses_are_scripted_from_the_page(client: httpx.Client, root: httpx.URL) -> None:
    script = root.join("script")
    assert client.post(script, json={**RATE_LIMIT, "times": 2}).status_code == 204
    steps = client.get(root.join("status.json")).json()["script"]["steps"]
    assert steps == [{"response": "code=429, example=rateLimit", "times": 2}]
    assert client.post(DOCUMENTED, json={}).status_code == 429
    assert client.delete(script).status_code == 204
    assert client.post(DOCUMENTED, json={}).status_code == 200


def test_faults_are_switched_on_and_off_from_the_page(client: httpx.Client, root: httpx.URL) -> None:
    faults, chosen = root.join("faults"), {"Prefer": "fault=status; value=503"}
    assert client.post(DOCUMENTED, json={}, headers=chosen).status_code == 200
    assert client.put(faults, json={"rates": "status=1:502"}).status_code == 204
    assert client.get(root.join("status.json")).json()["faults"]["rates"] == [
        {"name": "status", "share": 1.0, "value": 502.0}
    ]
    assert client.post(DOCUMENTED, json={}).status_code == 502
    assert client.post(DOCUMENTED, json={}, headers=chosen).status_code == 503
    assert client.delete(faults).status_code == 204
    assert client.post(DOCUMENTED, json={}, headers=chosen).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "script", {"code": 418}, "code=418 is not documented"),
        ("POST", "script", {"status": 429}, "unknown property 'status'"),
        ("PUT", "faults", {"rates": "none=1"}, "unknown fault 'none'"),
        ("PUT", "faults", {"rates": "delay=2"}, "from 0 to 1"),
        ("PUT", "faults", {"rates": __file__}, "unknown fault"),
        ("PUT", "faults", {"rates": 1}, "expected rates to be text"),
        ("PUT", "faults", [], "expected a JSON object"),
    ],
)
def test_a_change_that_cannot_be_applied_says_why(
    client: httpx.Client, root: httpx.URL, method: str, path: str, body: Any, problem: str
) -> None:
    response = client.request(method, root.join(path), json=body)
    assert response.status_code == 400
    assert problem in response.json()["error"]["message"]


def test_other_sites_cannot_change_anything(client: httpx.Client, root: httpx.URL) -> None:
    """A browser sends these content types to another origin without asking."""
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        sent = client.post(root.join("script"), content=b'{"code": 429}', headers={"Content-Type": content_type})
        assert sent.status_code in (400, 415)
    broken = client.post(root.join("script"), content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400
    assert client.post(DOCUMENTED, json={}).status_code == 200


def test_requests_for_the_pages_of_the_mock_are_not_recorded(
    server: thread_runs_mock.RunningServer, client: httpx.Client, root: httpx.URL
) -> None:
    client.get(root.join("/favicon.ico"))
    client.get(root.join("status.json"))
    client.put(root.join("faults"), json={"rates": "none=1"})
    client.post(DOCUMENTED, json={})
    assert [request.path for request in server.requests] == [f"/v1{DOCUMENTED}"]


def test_faults_are_rejected_by_an_application_without_them() -> None:
    async def put() -> httpx.Response:
        transport = httpx.ASGITransport(thread_runs_mock.create_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            assert (await client.get("/_mock/status.json")).json()["faults"] == {"rates": None, "known": []}
            assert (await client.delete("/_mock/faults")).status_code == 204
            return await client.put("/_mock/faults", json={"rates": ""})

    import anyio

    assert anyio.run(put).status_code == 400


def test_runs_come_first_and_change_while_the_page_is_open(
    page: webdriver.Chrome, client: httpx.Client, shown: int
) -> None:
    assert texts(page, "h2")[0].startswith("Stored resources")
    client.post(DOCUMENTED, json={"metadata": {"<script>": "document.title='x'"}})
    wait(page, lambda: "<script> document.title='x'" in texts(page, "#resources .pair"))
    assert page.title == "Thread Runs mock"
    assert "completed" in texts(page, "#resources .status")
    assert f"memory, {shown} stored" in texts(page, "#facts dd")


def test_requests_are_filtered_opened_and_repeated(page: webdriver.Chrome, client: httpx.Client) -> None:
    client.post(DOCUMENTED, json={"metadata": {"quote": "it's"}})
    client.post("/threads/thread_abc123/runs/none", json={})
    wait(page, lambda: len(texts(page, "#requests summary")) == 2)
    Select(one(page, "#requests-status")).select_by_value("4")
    wait(page, lambda: len(texts(page, "#requests summary")) == 1)
    one(page, "#requests summary").send_keys(Keys.ENTER)
    detail = wait(page, lambda: "".join(texts(page, "#requests details[open] .detail")))
    assert "No run found with id 'none'." in detail
    assert "curl -X POST" in detail
    Select(one(page, "#requests-status")).select_by_value("")
    one(page, "#requests-filter").send_keys("run_abc123")
    wait(page, lambda: len(texts(page, "#requests summary")) == 1)
    assert r"""'{"metadata":{"quote":"it'\''s"}}'""" in page.execute_script(
        "return document.querySelector('#requests .command pre').textContent"
    )


def test_an_open_request_stays_open_when_more_arrive(page: webdriver.Chrome, client: httpx.Client) -> None:
    client.post(DOCUMENTED, json={})
    wait(page, lambda: texts(page, "#requests summary"))
    one(page, "#requests summary").click()
    client.post(DOCUMENTED, json={})
    wait(page, lambda: len(texts(page, "#requests summary")) == 2)
    assert len(texts(page, "#requests details[open]")) == 1


def test_responses_and_faults_are_chosen_by_hand(page: webdriver.Chrome, client: httpx.Client) -> None:
    Select(one(page, "#script-response")).select_by_visible_text("429 rateLimit")
    one(page, "#script-form button").click()
    wait(page, lambda: texts(page, "#script li") == ["code=429, example=rateLimit"])
    assert client.post(DOCUMENTED, json={}).status_code == 429
    Select(one(page, "#faults-name")).select_by_value("status")
    one(page, "#faults-share").clear()
    one(page, "#faults-share").send_keys("100")
    one(page, "#faults-value").send_keys("502")
    one(page, "#faults-form button").click()
    wait(page, lambda: texts(page, "#faults li"))
    assert client.post(DOCUMENTED, json={}).status_code == 502
    one(page, "#faults-toggle").click()
    wait(page, lambda: one(page, "#faults-toggle").text == "Turn on")
    assert client.post(DOCUMENTED, json={}).status_code == 200


@pytest.mark.parametrize("width", [360, 900, 1600])
def test_nothing_is_wider_than_the_screen(page: webdriver.Chrome, client: httpx.Client, width: int) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    client.post(DOCUMENTED, json={"metadata": {"k" * 64: "v" * 512}})
    wait(page, lambda: len(texts(page, "#requests summary")) == 1)
    one(page, "#requests summary").click()
    assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    log = page.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry["message"] for entry in log if entry["level"] == "SEVERE"] == []


@pytest.mark.parametrize("width", [360, 1600])
def test_the_reference_page_is_not_wider_than_the_screen(page: webdriver.Chrome, root: httpx.URL, width: int) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    page.get(str(root.join("/docs")))
    wait(page, lambda: texts(page, ".responses-table .response"))
    assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    assert "No links" not in page.find_element(By.TAG_NAME, "body").text


def test_a_response_made_by_a_fault_is_marked(page: webdriver.Chrome, client: httpx.Client, root: httpx.URL) -> None:
    client.put(root.join("faults"), json={"rates": ""})
    client.post(DOCUMENTED, json={}, headers={"Prefer": "fault=html; value=502"})
    wait(page, lambda: texts(page, "#requests .tag") == ["fault: html"])


def test_everything_is_reached_by_keyboard(page: webdriver.Chrome, client: httpx.Client, shown: int) -> None:
    client.post(DOCUMENTED, json={})
    wait(page, lambda: texts(page, "#requests summary"))
    reached = []
    for _ in range(60):
        page.switch_to.active_element.send_keys(Keys.TAB)
        element = page.switch_to.active_element
        reached.append(element.get_attribute("id") or element.tag_name)
        if reached[-1] == "faults-toggle":
            break
    controls = ["resources-filter", "requests-filter", "requests-status", "requests-clear", "script-response"]
    controls += ["script-times", "script-clear", "faults-name", "faults-share", "faults-value", "faults-toggle"]
    assert [name for name in reached if name in controls] == controls
    assert reached.count("summary") == shown + 1
    one(page, "#resources summary").send_keys(Keys.ENTER)
    wait(page, lambda: texts(page, "#resources details[open] pre"))

"""README.md and docs/: each snippet is run, and each link leads somewhere.

A Python block is a program of its own or a test file. Each command of a console block is run, or checked where running
it would install or change something. Programs find a mock at the address that the documents use.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib.metadata import metadata
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from packaging.requirements import Requirement
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

import thread_runs
import thread_runs_conformance
import thread_runs_mock

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
DOCUMENTED_ADDRESS = "127.0.0.1:4010"
RUN = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))["components"]["examples"]["RunDocumented"]["value"]
PACKAGES = [thread_runs, thread_runs_mock, thread_runs_conformance]
REFERENCES = {"thread_runs": "client", "thread_runs_mock": "mock", "thread_runs_conformance": "conformance"}
PAGES = ["README.md", "docs/client.md", "docs/mock.md", "docs/conformance.md", "docs/maintaining.md"]


@dataclass(frozen=True)
class Snippet:
    """A fenced block of a document."""

    place: str
    language: str
    text: str


def snippets(name: str) -> Iterator[Snippet]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    start, language = 0, ""
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            if start:
                yield Snippet(f"{name}:{start}", language, "\n".join(lines[start : number - 1]) + "\n")
                start = 0
            else:
                start, language = number, line.removeprefix("```")


def of(language: str) -> list[Snippet]:
    return [snippet for name in PAGES for snippet in snippets(name) if snippet.language == language]


@pytest.fixture
def address() -> Iterator[str]:
    """Host and port of a mock that takes the documents' key only."""
    with thread_runs_mock.serve(api_key="sk-any") as server:
        yield urlsplit(server.base_url).netloc


@pytest.fixture
def environment(address: str) -> dict[str, str]:
    """The environment of a reader who set the key and the address, with the programs on PATH and a quick profile."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    variables = {"OPENAI_API_KEY": "sk-any", "OPENAI_BASE_URL": f"http://{address}/v1", "PROFILE": "quick"}
    return {**os.environ, "PATH": path, **variables}


@pytest.mark.parametrize("snippet", of("python"), ids=lambda snippet: snippet.place)
def test_a_python_snippet_runs(snippet: Snippet, environment: dict[str, str], address: str, tmp_path: Path) -> None:
    is_test = re.search(r"^(async )?def test_", snippet.text, re.MULTILINE)
    file = tmp_path / ("test_snippet.py" if is_test else "snippet.py")
    file.write_text(snippet.text.replace(DOCUMENTED_ADDRESS, address), "utf-8")
    pytest_options = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=."] if is_test else []
    command = [sys.executable, *pytest_options, file.name]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def commands(snippet: Snippet) -> list[str]:
    return [line for line in snippet.text.replace("\\\n", " ").splitlines() if line.strip()]


CONSOLE = [
    pytest.param(command, id=f"{snippet.place}-{index}-{command.partition(' ')[0]}")
    for snippet in of("console")
    for index, command in enumerate(commands(snippet))
]


@pytest.mark.parametrize("command", CONSOLE)
def test_a_command_works(command: str, environment: dict[str, str], address: str, tmp_path: Path) -> None:
    program, *words = shlex.split(command, comments=True)
    match program:
        case "pip":
            check_pip(words)
        case "make":
            # What the targets do has tests of its own.
            subprocess.run(["make", "--dry-run", *words], cwd=ROOT, capture_output=True, check=True)
        case "thread-runs-mock":
            (tmp_path / "runs.jsonl").write_text(json.dumps(RUN) + "\n", "utf-8")
            script = next(snippet.text for snippet in of("yaml") if snippet.text.startswith("- "))
            (tmp_path / "script.yaml").write_text(script, "utf-8")
            (tmp_path / "bug.jsonl").touch()
            check_mock(words, environment, tmp_path)
        case "curl" | "thread-runs" | "thread-runs-conformance":
            typed = command.replace("curl ", "curl --silent --fail-with-body ").replace(DOCUMENTED_ADDRESS, address)
            done = subprocess.run(
                ["bash", "-c", typed], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8"
            )
            # 22 is curl's status for an error response, which some commands ask for.
            assert done.returncode == (22 if "Prefer: code=" in command else 0), done.stdout + done.stderr
        case _:
            pytest.fail(f"{program} cannot be checked here")


def check_pip(words: list[str]) -> None:
    """Check that the extras exist; installing them has a test of its own."""
    subcommand, *requirements = words
    assert subcommand == "install"
    for requirement in map(Requirement, requirements):
        assert requirement.name == "thread-runs"
        assert requirement.extras <= set(metadata("thread-runs").get_all("Provides-Extra") or [])


def check_mock(words: list[str], environment: dict[str, str], folder: Path) -> None:
    """Start the mock, unless it exports, and stop it when it listens."""
    if ">" in words:
        words = words[: words.index(">")]
    if "--port" in words:
        del words[words.index("--port") : words.index("--port") + 2]
    command = [str(BIN / "thread-runs-mock"), "--port", "0", *words]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        if "--export" in words:
            assert json.loads(first)["object"] == "thread.run"
        elif any(word.startswith("postgresql:") for word in words):
            # There is no such host.
            out, error = process.communicate(timeout=60)
            assert (process.returncode, "PostgreSQL" in error) == (2, True), out + error
            return
        else:
            assert "listening on" in first, first + (process.communicate(timeout=60)[1] if not first else "")
            process.send_signal(signal.SIGTERM)
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0, out + error


class Page(HTMLParser):
    """The links of a page, what it loads, and the identifiers that links can lead to."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.identifiers: set[str] = set()
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                (self.links if tag == "a" else self.loaded).append(value)
            elif name == "id" and value:
                self.identifiers.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "scripts.docs", "--output", str(folder)], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_link_of_the_site_leads_somewhere(site: Path) -> None:
    pages = {file: Page(file) for file in site.rglob("*.html")}
    broken = []
    for file, page in pages.items():
        for link in {*page.links, *page.loaded}:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            found = target.is_file() and (
                not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].identifiers
            )
            if not found:
                broken.append(f"{file.relative_to(site)}: {link}")
    assert len(pages) > 10
    assert broken == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_the_reference_has_every_public_name(site: Path, package: ModuleType) -> None:
    page = Page(site / "api" / f"{REFERENCES[package.__name__]}.html")
    documented = {identifier.rpartition(".")[2] for identifier in page.identifiers}
    assert set(package.__all__) - {"__version__"} <= documented


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    loaded = {address for file in site.rglob("*.html") for address in Page(file).loaded}
    assert [address for address in loaded if urlsplit(address).scheme not in ("", "data")] == []
    for file in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", file.read_text("utf-8")), file


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_in_the_window(browser: webdriver.Chrome, site: Path, width: int) -> None:
    # A narrow window of the browser itself is not possible: its frame takes 500 pixels.
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get_log("browser")  # type: ignore[no-untyped-call]
    for name in ("index", "client", "mock", "conformance", "maintaining", "rest", "api/client", "reference"):
        browser.get((site / f"{name}.html").as_uri())
        if name == "reference":
            # Its script makes the page.
            WebDriverWait(browser, 60).until(lambda page: page.find_elements(By.CSS_SELECTOR, ".responses-table"))
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, name
    errors = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]  # type: ignore[no-untyped-call]
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert errors == []

"""The result of a run in several formats, for people and tools."""

from collections.abc import Callable

from thread_runs_conformance.report import as_github, as_html, as_json, as_junit, as_text
from thread_runs_conformance.result import Report

WRITERS: dict[str, Callable[[Report], str]] = {
    "text": as_text.write,
    "html": as_html.write,
    "junit": as_junit.write,
    "json": as_json.write,
    "github": as_github.write,
}
"""The function that writes a report, by the name of the format."""

"""A run's result in the formats that people and tools read."""

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
"""Functions that make a text of a report, by the name of the format."""

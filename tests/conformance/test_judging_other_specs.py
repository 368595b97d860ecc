"""Other specs than openapi.yaml: wrong servers, live servers, generated clients. See test_correct_servers.py."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.servers import notes
from tests.conformance.servers.others import OTHERS, OtherServer
from thread_runs_conformance import judge
from thread_runs_conformance.report import WRITERS
from thread_runs_conformance.result import Report

BY_NAME = {other.name: other for other in OTHERS}


def judged(other: OtherServer, fault: str = "", **options: Any) -> Any:
    name, value = other.header
    given: dict[str, Any] = {"disposable": True, "profile": "quick", "pause": 0, **options}
    return judge(
        base_url=f"http://other.test{other.base_path}",
        app=other.create_app(fault),
        targets=other.targets,
        spec=other.spec,
        headers={name: value},
        **given,
    )


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.name)
def test_on_a_live_server_nothing_is_created_or_deleted(other: OtherServer) -> None:
    report = judged(other, disposable=False, only="resources")
    assert (report.findings, report.errors, report.not_restored) == ([], [], [])
    assert all("live server" in reason for reason in report.not_judged.values() if "case" not in reason)


@pytest.mark.parametrize(
    ("name", "fault", "only", "code"),
    [
        ("inventory", "explicit false", "limits", "change-not-shown"),
        ("inventory", "list omits", "resources", "create-not-listed"),
        ("bookings", "one day off", "limits", "wrong-resource"),
        ("bookings", "put merges", "what is left out", "put-keeps-property"),
        ("tickets", "deleted is shown", "resources", "deleted-still-there"),
        ("tickets", "created differs", "resources", "create-not-readable"),
        ("tickets", "password by its beginning", "authentication", "invalid-request-accepted"),
    ],
)
def test_a_wrong_server_has_a_finding_of_its_kind(name: str, fault: str, only: str, code: str) -> None:
    report = judged(BY_NAME[name], fault, only=only)
    assert code in [finding.code for finding in report.findings], WRITERS["text"](report)


def judged_notes(app: Any, only: str = "", **options: Any) -> Report:
    given: dict[str, Any] = {"disposable": True, "profile": "quick", "pause": 0, **options}
    return judge(
        app=app,
        targets=[f"shelf={notes.SHELF},note_id={name}" for name in notes.NOTES],
        spec=notes.SPEC,
        headers={"Cookie": f"theme=dark; sid={notes.SESSION}"},
        query={"api_key": notes.KEY},
        only=only,
        **given,
    )


@pytest.mark.slow
def test_a_right_server_without_a_socket_has_no_finding() -> None:
    report = judged_notes(notes.NotesServer())
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)
    assert report.not_judged == {}


NOTES_FINDINGS = {
    "create shows less": ("resources", "change-not-shown", "The response to a create does not show what was sent"),
    "created text is lost": ("resources", "create-not-readable", "reads differently: `text` was"),
    "created is not found": ("resources", "create-not-readable", "A created resource cannot be read: 404"),
    "created has no id": ("resources", "schema", "at `note_id`"),
    "create fails": ("resources", "valid-request-rejected", "createNote: smallest"),
    "list is empty": ("resources", "create-not-listed", "An existing resource is not in the list: 'first'"),
    "list fails": ("resources", "valid-request-rejected", "listNotes: lists the targets"),
    "deleted is listed": ("resources", "deleted-still-there", "is still in the list"),
    "delete fails": ("resources", "valid-request-rejected", "deleteNote: delete"),
    "due is local": ("limits", "change-not-shown", "`due` was sent as '2031-01-01T00:00:18Z' and is"),
    "due is not changed": ("limits", "change-not-shown", "and is None"),
    "due is reset": ("one property", "unchanged-field-changed", "A request without `due` changes it"),
    "size is reset": ("limits", "change-not-shown", "`size` was sent as {} and is {'unit': 'cm', 'width': 7}"),
    "search is rejected": ("limits", "valid-request-rejected", "searchNotes: text: 1 ASCII character"),
    "key is not checked": ("authentication", "invalid-request-accepted", "A request with another key is accepted"),
    "empty session": ("authentication", "invalid-request-accepted", "A request with an empty credential is accepted"),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", NOTES_FINDINGS)
def test_a_wrong_server_of_notes_is_detected(fault: str) -> None:
    only, code, words = NOTES_FINDINGS[fault]
    report = judged_notes(notes.NotesServer(fault), only)
    found = [finding.sentence for finding in report.findings if finding.code == code]
    assert [sentence for sentence in found if words in sentence], WRITERS["text"](report)
    assert (report.errors, report.cut_off) == ([], [])


def test_a_resource_that_names_its_identifier_in_location_only_is_read_and_deleted() -> None:
    server = notes.NotesServer("created has no id")
    report = judged_notes(server, "resources: deleteNote")
    assert [case.state for case in report.cases] == ["passed", "failed"]
    assert server.notes.keys() == set(notes.NOTES)


def test_a_created_resource_without_identifier_cannot_be_judged_further() -> None:
    report = judged_notes(notes.NotesServer("created is unknown"), "resources: createNote")
    assert report.not_tried["the response to a create names no identifier"] > 0


def test_a_list_with_more_pages_does_not_accuse_the_server() -> None:
    report = judged_notes(notes.NotesServer("list has pages"), "resources")
    assert (report.findings, report.exit_status) == ([], 0)
    assert report.notes == ["listNotes: the list has more pages than could be read."]


def test_a_server_that_lets_a_wrong_request_delete_a_target_loses_only_the_target() -> None:
    report = judged_notes(notes.NotesServer("key is not checked"), "authentication")
    assert f"{notes.SHELF}/first does not exist any more: a request that had to be rejected deleted it." in report.notes
    assert {finding.code for finding in report.findings} == {"invalid-request-accepted"}


def test_a_property_that_could_not_be_restored_is_left_alone_on_a_live_server() -> None:
    """The notes have no `size`, and the spec has no way to remove one."""
    server = notes.NotesServer()
    report = judged_notes(server, "limits", disposable=False)
    assert (report.findings, report.errors, report.not_restored) == ([], [], [])
    assert f"`size` of {notes.SHELF}/first is not changed: its value could not be restored." in report.notes
    assert [note["labels"] for note in server.notes.values()] == [{"rank": name} for name in notes.NOTES]
    assert not any("size" in note for note in server.notes.values())


def test_a_client_of_the_stock_generator_sends_the_valid_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = BY_NAME["inventory"]
    command = ["-m", "openapi_python_client", "generate", "--path", str(other.spec), "--meta", "none"]
    target = tmp_path / "inventory_client"
    done = subprocess.run(
        [sys.executable, *command, "--output-path", str(target)], capture_output=True, encoding="utf-8", cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.syspath_prepend(str(tmp_path))
    report = judged(other, client="inventory_client", only="examples")
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)

"""The Python names and signatures of two generated packages, compared from their source."""

from pathlib import Path

import pytest

from scripts.diff.python_api import compare_packages

INIT = """\
from .run import Run
from .run_status import RunStatus
from .modify_run_request import ModifyRunRequest

__all__ = ("ModifyRunRequest", "Run", "RunStatus")
"""
RUN = """\
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset
from .run_status import RunStatus

T = TypeVar("T", bound="Run")


@_attrs_define
class Run:
    id: str
    status: RunStatus
    tools: list[int | str]
    temperature: float | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {}
"""
STATUS = """\
from enum import StrEnum


class RunStatus(StrEnum):
    FAILED = "failed"
    QUEUED = "queued"
"""
REQUEST = """\
from attrs import define as _attrs_define

from ..types import UNSET, Unset


@_attrs_define
class ModifyRunRequest:
    reason: str
    priority: int | Unset = UNSET
"""
OPERATION = """\
from ..models.modify_run_request import ModifyRunRequest
from ..models.run import Run


def _get_kwargs(run_id: str) -> dict[str, str]:
    return {}


def sync(run_id: str, *, body: ModifyRunRequest, beta: str = "v2") -> Run | None:
    return None
"""
FILES = {
    "__init__.py": "",
    "types.py": "class Unset:\n    pass\n\n\nUNSET = Unset()\n",
    "models/__init__.py": INIT,
    "models/run.py": RUN,
    "models/run_status.py": STATUS,
    "models/modify_run_request.py": REQUEST,
    "methods/__init__.py": "",
    "methods/runs.py": OPERATION,
}


def package(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "client" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder / "client"


def changes(tmp_path: Path, file: str, old: str, new: str) -> list[tuple[str, str, str]]:
    assert FILES[file].count(old) == 1
    before = package(tmp_path / "old", FILES)
    after = package(tmp_path / "new", {**FILES, file: FILES[file].replace(old, new)})
    return [(one.verdict, one.name.removeprefix("client."), one.words) for one in compare_packages(before, after)]


RUN_FILE, REQUEST_FILE, CALL_FILE = "models/run.py", "models/modify_run_request.py", "methods/runs.py"


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (CALL_FILE, "_get_kwargs(run_id: str)", "_get_kwargs(run: int)", []),
        (RUN_FILE, 'T = TypeVar("T"', 'U = TypeVar("U"', []),
        (
            CALL_FILE,
            "def sync(",
            "def call(",
            [
                ("breaking", "methods.runs.sync", "removed"),
                ("non-breaking", "methods.runs.call", "added"),
            ],
        ),
        (
            CALL_FILE,
            ', beta: str = "v2"',
            "",
            [("breaking", "methods.runs.sync", "parameter beta removed")],
        ),
        (
            CALL_FILE,
            'beta: str = "v2"',
            "beta: str",
            [("breaking", "methods.runs.sync", "parameter beta is required now")],
        ),
        (
            CALL_FILE,
            'beta: str = "v2"',
            'beta: str = "v3"',
            [("breaking", "methods.runs.sync", "parameter beta has a different default")],
        ),
        (
            CALL_FILE,
            "body: ModifyRunRequest,",
            "body: ModifyRunRequest, dry_run: bool = False,",
            [("non-breaking", "methods.runs.sync", "optional parameter dry_run added")],
        ),
        (
            CALL_FILE,
            "body: ModifyRunRequest,",
            "body: ModifyRunRequest, actor: str,",
            [("breaking", "methods.runs.sync", "parameter actor added, and required")],
        ),
        (
            CALL_FILE,
            "sync(run_id: str",
            "sync(run_id: int | str",
            [("non-breaking", "methods.runs.sync", "parameter run_id changed from str to int | str")],
        ),
        (
            CALL_FILE,
            "sync(run_id: str",
            "sync(run_id: int",
            [("breaking", "methods.runs.sync", "parameter run_id changed from str to int")],
        ),
        (
            CALL_FILE,
            "-> Run | None",
            "-> Run",
            [("non-breaking", "methods.runs.sync", "result changed from Run | None to Run")],
        ),
        (
            "models/run_status.py",
            '    QUEUED = "queued"\n',
            '    QUEUED = "queued"\n    PAUSED = "paused"\n',
            [("non-breaking", "models.run_status.RunStatus.PAUSED", "added")],
        ),
        (
            "models/run_status.py",
            '    QUEUED = "queued"\n',
            "",
            [("breaking", "models.run_status.RunStatus.QUEUED", "removed")],
        ),
        (
            "models/run_status.py",
            '"queued"',
            '"waiting"',
            [("breaking", "models.run_status.RunStatus.QUEUED", "value changed from 'queued' to 'waiting'")],
        ),
        (
            RUN_FILE,
            "    id: str\n",
            "    id: str\n    model: str\n",
            [
                ("non-breaking", "models.run.Run.model", "added"),
                (
                    "note",
                    "models.run.Run.__init__",
                    "other parameters; callers receive this class and do not build it",
                ),
            ],
        ),
        (
            RUN_FILE,
            "    id: str\n",
            "    id: None | str\n",
            [("breaking", "models.run.Run.id", "type changed from str to None | str")],
        ),
        (
            RUN_FILE,
            "list[int | str]",
            "list[float | int | str]",
            [("note", "models.run.Run.tools", "type changed from list[int | str] to list[float | int | str]")],
        ),
        (
            RUN_FILE,
            "list[int | str]",
            "list[str]",
            [("non-breaking", "models.run.Run.tools", "type changed from list[int | str] to list[str]")],
        ),
        (
            REQUEST_FILE,
            "    reason: str\n",
            "    reason: str\n    actor: str\n",
            [
                (
                    "breaking",
                    "models.modify_run_request.ModifyRunRequest.__init__",
                    "parameter actor added, and required",
                ),
                ("breaking", "models.modify_run_request.ModifyRunRequest.__init__", "parameter priority moved"),
                ("non-breaking", "models.modify_run_request.ModifyRunRequest.actor", "added"),
            ],
        ),
        (
            REQUEST_FILE,
            "priority: int | Unset",
            "priority: int | None | Unset",
            [
                (
                    "non-breaking",
                    "models.modify_run_request.ModifyRunRequest.__init__",
                    "parameter priority changed from int | Unset to int | None | Unset",
                )
            ],
        ),
        (
            REQUEST_FILE,
            "    reason: str\n",
            "    reason: int\n",
            [
                (
                    "breaking",
                    "models.modify_run_request.ModifyRunRequest.__init__",
                    "parameter reason changed from str to int",
                )
            ],
        ),
    ],
)
def test_each_change_is_reported_and_judged(
    file: str, old: str, new: str, expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    assert changes(tmp_path, file, old, new) == expected


def test_a_package_equals_itself(tmp_path: Path) -> None:
    same = package(tmp_path, FILES)
    assert compare_packages(same, same) == []


def test_a_removed_class_is_reported_once(tmp_path: Path) -> None:
    before = package(tmp_path / "old", FILES)
    rest = {name: text for name, text in FILES.items() if name != "models/run_status.py"}
    index = INIT.replace("from .run_status import RunStatus\n", "").replace(', "RunStatus"', "")
    after = package(tmp_path / "new", {**rest, "models/__init__.py": index})
    told = [(one.verdict, one.name, one.words) for one in compare_packages(before, after)]
    assert told == [("breaking", "client.models.run_status.RunStatus", "removed")]


def test_a_change_is_reported_at_its_line(tmp_path: Path) -> None:
    before = package(tmp_path / "old", FILES)
    after = package(tmp_path / "new", {**FILES, "models/run_status.py": STATUS + '    PAUSED = "paused"\n'})
    (change,) = compare_packages(before, after)
    assert (change.file, change.line) == ("client/models/run_status.py", 7)

"""A PUT replaces the resource (RFC 9110, 9.3.4): it removes an omitted property or sets the server's default."""

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.small_specs import Things, an_object, conforms, document, judged

LONG = {"type": "string", "maxLength": 40}
BODY = an_object(title=LONG, note=LONG, size=an_object(unit=LONG, label=LONG), kind={"enum": ["one", "two"]})


def spec(*required: str) -> Any:
    return document({**BODY, "required": [*required]}, BODY, method="put")


class Keeping(Things):
    """A server whose PUT keeps an omitted property of the thing, or of its nested object.

    Args:
        kept: The name of the property.
    """

    def __init__(self, made: Any, kept: str) -> None:
        super().__init__(made, a={"title": "t"})
        self.kept = kept

    def answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
        before = self.things.get("a", {})
        status, value = super().answer(scope, body)
        if scope["method"] == "PUT" and status == 200 and scope["path"] == "/things/a":
            outer, inner = (
                (before, value) if self.kept in BODY["properties"] else (before.get("size"), value.get("size"))
            )
            if outer and inner is not None and self.kept in outer:
                inner.setdefault(self.kept, outer[self.kept])
        return status, value


@pytest.mark.parametrize(
    ("kept", "name"), [("note", "note"), ("kind", "kind"), ("size", "size"), ("label", "size.label")]
)
def test_a_put_that_keeps_omitted_properties_is_a_finding(tmp_path: Path, kept: str, name: str) -> None:
    made = spec("title")
    report = judged(made, Keeping(made, kept), tmp_path, "what is left out")
    (finding,) = report.findings
    assert (finding.code, finding.place.file) == ("put-keeps-property", "RFC 9110")
    assert f"A PUT without `{name}` keeps" in finding.sentence


def test_a_put_that_replaces_has_no_finding(tmp_path: Path) -> None:
    made = spec("title")
    assert conforms(judged(made, Things(made, a={"title": "t"}), tmp_path))


@pytest.mark.parametrize("kept", ["note", "label"])
def test_a_put_without_required_properties_may_be_partial(tmp_path: Path, kept: str) -> None:
    made = spec()
    assert conforms(judged(made, Keeping(made, kept), tmp_path, "what is left out"))


def test_a_default_of_the_server_is_not_a_finding(tmp_path: Path) -> None:
    """The default may be the value that an earlier PUT sent."""

    class WithDefaults(Things):
        def answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
            status, value = super().answer(scope, body)
            return status, {"kind": "one", "note": "", **value} if status == 200 else value

    made = spec("title")
    report = judged(made, WithDefaults(made, a={"title": "t"}), tmp_path)
    assert [finding.code for finding in report.findings] == []

"""What the suite derives from schemas and parameters of every kind, each in a spec of one resource."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.conformance.small_specs import TEXT, Things, an_object, conforms, document, judged

BODIES: dict[str, tuple[Any, Any]] = {
    # The property's schema, and a value for it.
    "constant": ({"const": "fixed"}, "fixed"),
    "union": ({"oneOf": [{"type": "null"}, {"type": "integer", "minimum": 3, "exclusiveMaximum": 9}]}, None),
    "list of anything": ({"type": "array", "minItems": 2}, [1, 2]),
    "list with a limit": ({"type": "array", "items": TEXT, "maxItems": 3}, []),
    "pattern with an example": ({"type": "string", "pattern": "^(?:ab){3}$", "example": "ababab"}, "ababab"),
    "list of examples": ({"type": "string", "minLength": 4, "pattern": "^x", "examples": ["xxxx"]}, "xxxx"),
    "number": ({"type": "number", "minimum": 0.5, "maximum": 2.5, "multipleOf": 0.5}, 0.5),
    "nested": (an_object(a=an_object(b={"type": "boolean"})), {}),
    "map of numbers": ({"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 2}, {}),
    "map of patterns": (
        {
            "type": "object",
            "propertyNames": {"type": "string", "pattern": "^[a-z]{3,9}$"},
            "additionalProperties": {"type": "string", "pattern": "^[0-9]{4}$"},
        },
        {},
    ),
    "map without limits": ({"type": "object", "additionalProperties": {"type": "string"}}, {}),
    "map of times": ({"type": "object", "additionalProperties": {"type": "string", "format": "date"}}, {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BODIES)
def test_a_right_server_has_no_finding_whatever_its_schemas_are(tmp_path: Path, name: str) -> None:
    schema, value = BODIES[name]
    spec = document(an_object(value=schema, note=TEXT), an_object(value={}, note=TEXT))
    app = Things(spec, a={"value": value, "note": ""})
    for only in ("limits", "rejected bodies", "state: changeThing: many"):
        assert conforms(judged(spec, app, tmp_path, only)), only
    sent = [
        json.loads(body)["value"] for method, _, body in app.requests if method == "PATCH" and b'"value"' in body[:9]
    ]
    assert any(jsonschema_rs.is_valid(schema, each) for each in sent)
    assert any(not jsonschema_rs.is_valid(schema, each) for each in sent)


def test_a_body_that_cannot_be_derived_is_reported(tmp_path: Path) -> None:
    change = {**an_object(code={"type": "string", "pattern": "^(?!)$"}), "required": ["code"]}
    spec = document(change, an_object(code=TEXT))
    report = judged(spec, Things(spec, a={"code": "1"}), tmp_path)
    assert conforms(report)
    assert report.not_tried["changeThing: no text matches the pattern ^(?!)$"] > 1
    assert report.not_tried["no request could be generated from the spec"] == 2
    assert report.reached["changeThing"]["200"] == 0


@pytest.mark.parametrize(
    ("parameter", "tried"),
    [
        ({"schema": {"type": "string", "enum": ["a", "b"]}}, False),
        ({"schema": {"type": "boolean"}}, False),
        ({"schema": {"type": "string", "pattern": "^(?!)$"}}, True),
        ({"schema": {"type": "string", "maxLength": 40}}, True),
        ({"content": {"text/plain": {}}}, True),
    ],
)
def test_identifiers_that_name_nothing_are_derived_from_the_parameter(
    tmp_path: Path, parameter: Any, tried: bool
) -> None:
    spec = document(an_object(note=TEXT), parameter={"name": "id", "in": "path", "required": True, **parameter})
    app = Things(spec, a={"note": ""})
    report = judged(spec, app, tmp_path, "identifiers")
    conforms(report)
    assert any(path != "/things/a" for _, path, _ in app.requests) is tried
    assert ("no identifier could be tried for `id`" in " ".join(report.not_tried)) is not tried


@pytest.mark.parametrize(
    "parameter",
    [
        {"example": "a"},
        {"schema": {"const": "a"}},
        {"schema": {"type": "string", "default": "a"}},
        {"schema": {"type": "string", "examples": ["a", "b"]}},
        {"schema": {"type": "string", "enum": ["a", "b"]}},
    ],
)
def test_what_can_only_be_read_is_read_by_the_examples_of_the_spec(tmp_path: Path, parameter: Any) -> None:
    spec = document({}, an_object(note=TEXT), method=None)
    given = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, **parameter}
    spec["paths"]["/things/{id}"]["parameters"] = [given]
    spec["paths"]["/other/{other_id}"] = {
        "parameters": [{"name": "other_id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": {"operationId": "readOther", "responses": {"200": {"description": "It."}}},
    }
    app = Things(spec, a={"note": ""})
    report = judged(spec, app, tmp_path, "examples", targets=["unrelated=1"])
    assert conforms(report)
    assert report.reached["readThing"]["200"] > 0
    assert "no --target has other_id" in report.not_judged["readOther"]


def test_a_body_that_may_be_anything_is_never_wrong(tmp_path: Path) -> None:
    spec = document({"properties": {"note": {}}}, {"properties": {"note": {}}}, required=False)
    report = judged(spec, Things(spec, a={"note": ""}), tmp_path, "after a rejection")
    assert conforms(report)
    assert {"the spec accepts every value", "no body is needed"} <= set(report.not_tried)
    assert {"no credential is needed", "there are no pairs to remove"} <= set(report.not_tried)


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_live_thing_is_restored(tmp_path: Path, method: str) -> None:
    pairs = {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 5}
    change = {**an_object(note=TEXT, pairs=pairs, due={"type": "string", "format": "date"}), "required": ["note"]}
    spec = document(change, method=method)
    before = {"note": "mine", "pairs": {"a": "1", "b": "2"}, "due": "2026-01-02"}
    app = Things(spec, a=before)
    report = judged(spec, app, tmp_path, "limits", disposable=False)
    assert conforms(report)
    assert app.things == {"a": before}
    assert [body for called, _, body in app.requests if called == method.upper() and b"mine" not in body]


class Obstinate(Things):
    """Takes only changes that add something: nothing can be put back."""

    def answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
        name, value = "note", ""
        if scope["method"] == "PATCH" and b'"mine"' in body:
            return 409, {"message": "the note was mine already"}
        status, value = super().answer(scope, body)
        return (status, {**value, "seen": name}) if status == 200 else (status, value)


def test_a_property_that_the_server_does_not_restore_is_reported(tmp_path: Path) -> None:
    spec = document(an_object(note=TEXT), {"type": "object", "properties": {"note": TEXT, "seen": TEXT}})
    report = judged(spec, Obstinate(spec, a={"note": "mine"}), tmp_path, "limits", disposable=False)
    assert report.exit_status == 2
    assert len(report.not_restored) == 1
    assert report.not_restored[0].startswith("a: `note` could not be restored: it was 'mine', and it is now '")


def test_a_thing_that_cannot_be_read_at_the_end_is_reported(tmp_path: Path) -> None:
    class Vanishing(Things):
        def answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
            gone = len([1 for method, _, _ in self.requests if method == "PATCH"]) > 3
            return (404, {"message": "gone"}) if gone else super().answer(scope, body)

    spec = document(an_object(note=TEXT))
    report = judged(spec, Vanishing(spec, a={"note": "mine"}), tmp_path, "limits", disposable=False)
    assert report.not_restored == ["a: `note` could not be restored: it was 'mine', and it cannot be read."]


HEADER = {"name": "X-Mode", "in": "header", "required": True, "schema": {"type": "string", "enum": ["safe", "Safe2"]}}


def test_required_headers_are_derived_from_their_schema(tmp_path: Path) -> None:
    spec = document(an_object(note=TEXT), headers=[HEADER])
    report = judged(spec, Things(spec, a={"note": ""}), tmp_path, "required headers")
    assert conforms(report)
    lax = document(an_object(note=TEXT), headers=[])
    report = judged(spec, Things(lax, a={"note": ""}), tmp_path, "required headers")
    sentences = [finding.sentence for finding in report.findings]
    assert "A request without X-Mode is accepted; it must be rejected." in sentences


def test_schemathesis_adds_what_only_it_finds(tmp_path: Path) -> None:
    """The suite takes formats for annotations, as JSON Schema has it; schemathesis checks them."""
    thing = an_object(note=TEXT, made={"type": "string", "format": "uuid"})
    spec = document(an_object(note=TEXT), thing)
    report = judged(spec, Things(spec, a={"note": "", "made": "yesterday"}), tmp_path, "generated: changeThing: sync")
    assert [finding.code for finding in report.findings] == ["schemathesis"]
    assert report.findings[0].sentence.startswith("Schemathesis reports: Response violates schema")

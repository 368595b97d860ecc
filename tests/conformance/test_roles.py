"""Operations that are not a plain read or change: deletes, forms, lists as bodies, paths with two parents."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.small_specs import ERROR, TEXT, Things, an_object, conforms, document, judged
from thread_runs_conformance.report import WRITERS


class Deletable(Things):
    """Things that can be deleted."""

    def answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
        status, value = super().answer({**scope, "method": "GET"}, b"")
        if scope["method"] == "DELETE" and status == 200:
            del self.things[scope["path"].removeprefix("/things/")]
            return 200, value
        return (status, value) if scope["method"] in ("GET", "DELETE") else super().answer(scope, body)


@pytest.fixture
def deleting() -> Any:
    """A spec with a read, a change and a delete."""
    spec = document(an_object(note=TEXT))
    item = spec["paths"]["/things/{id}"]
    item["delete"] = {"operationId": "deleteThing", "responses": item["get"]["responses"], "parameters": []}
    return spec


def test_the_last_of_several_targets_is_deleted(deleting: Any, tmp_path: Path) -> None:
    app = Deletable(deleting, a={"note": ""}, b={"note": ""})
    assert conforms(judged(deleting, app, tmp_path, "resources", targets=["id=a", "id=b"]))
    assert app.things.keys() == {"a"}


def test_the_only_target_is_not_deleted(deleting: Any, tmp_path: Path) -> None:
    app = Deletable(deleting, a={"note": ""})
    report = judged(deleting, app, tmp_path, "resources")
    assert report.not_tried == {"it needs a second target (--target)": 1}
    assert app.things.keys() == {"a"}


def test_a_deleted_resource_that_still_exists_is_detected(deleting: Any, tmp_path: Path) -> None:
    class Keeping(Deletable):
        def answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
            return Things.answer(self, {**scope, "method": scope["method"].replace("DELETE", "GET")}, body)

    app = Keeping(deleting, a={"note": ""}, b={"note": ""})
    report = judged(deleting, app, tmp_path, "resources", targets=["id=a", "id=b"])
    assert [finding.sentence for finding in report.findings] == [
        "A read of a deleted resource is answered 200; 404 or 410 is expected."
    ]


def other(path: str, method: str, **operation: Any) -> Any:
    """The spec of a thing with another operation."""
    spec = document(an_object(note=TEXT))
    answers = spec["paths"]["/things/{id}"]["get"]["responses"]
    spec["paths"][path] = {method: {"operationId": "other", "responses": answers, **operation}}
    return spec


def test_a_body_in_xml_is_not_judged(tmp_path: Path) -> None:
    xml = {"content": {"application/xml": {"schema": an_object(note=TEXT)}}, "required": True}
    spec = other("/upload", "post", requestBody=xml)
    report = judged(spec, Things(spec, a={"note": ""}), tmp_path, "limits")
    assert conforms(report)
    assert report.not_judged["other"] == "other: no body could be derived in application/xml"


def test_a_body_of_any_media_type_is_not_sent_as_a_wrong_one(tmp_path: Path) -> None:
    spec = document(an_object(note=TEXT))
    modify = spec["paths"]["/things/{id}"]["patch"]
    schema = modify["requestBody"]["content"]["application/json"]
    modify["requestBody"]["content"]["*/*"] = schema

    class Tolerant(Things):
        def answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
            headers = [pair for pair in scope["headers"] if pair[0] != b"content-type"]
            return super().answer({**scope, "headers": [*headers, (b"content-type", b"application/json")]}, body)

    report = judged(spec, Tolerant(spec, a={"note": ""}), tmp_path, "content type")
    assert report.findings == []
    assert report.not_tried["changeThing: the spec documents text/plain"] == 1
    assert report.not_tried["changeThing: the spec documents any media type"] == 1


def test_an_operation_whose_body_is_a_list(tmp_path: Path) -> None:
    tags = {"content": {"application/json": {"schema": {"type": "array", "items": TEXT}}}, "required": True}
    spec = other("/tags", "post", requestBody=tags)

    class Tagged(Things):
        def answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
            if scope["path"] != "/tags":
                return super().answer(scope, body)
            try:
                value = json.loads(body.decode())
            except (ValueError, RecursionError):
                return 400, {"message": "not JSON"}
            texts = isinstance(value, list) and all(isinstance(each, str) and len(each) <= 10 for each in value)
            return (200, {"note": ""}) if texts else (400, {"message": "wrong"})

    app = Tagged(spec, a={"note": ""})
    for only in ("limits", "rejected bodies", "not JSON", "examples", "generated"):
        assert judged(spec, app, tmp_path, only).findings == [], only
    report = judged(spec, app, tmp_path, "not JSON")
    assert report.not_tried["other: the body has no properties"] == 25
    assert any(body == b"[]" for _, path, body in app.requests if path == "/tags")


def test_a_resource_that_exists_under_every_parent_is_not_searched_for(tmp_path: Path) -> None:
    spec = document(an_object(note=TEXT))
    parameter = {"in": "path", "required": True, "schema": {"type": "string"}}
    item = spec["paths"].pop("/things/{id}")
    item["parameters"] = [{"name": name, **parameter} for name in ("shop", "id")]
    spec["paths"]["/{shop}/things/{id}"] = item

    class EveryShop(Things):
        """The same things in every shop; the thing says in which shop it was looked for."""

        def __init__(self, **things: Any) -> None:
            super().__init__(document(an_object(note=TEXT)), **things)

        def answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
            _, shop, path = scope["path"].split("/", 2)
            status, value = super().answer({**scope, "path": f"/{path}"}, body)
            return status, {**value, "shop": shop, "id": path.rpartition("/")[2]} if status == 200 else value

    thing = {"type": "object", "properties": {"note": TEXT, "shop": TEXT, "id": TEXT}}
    for operation in ("get", "patch"):
        item[operation]["responses"]["200"]["content"]["application/json"]["schema"] = thing
    report = judged(
        spec,
        EveryShop(a={"note": ""}, b={"note": ""}),
        tmp_path,
        "of another parent",
        targets=["shop=one,id=a", "shop=two,id=b"],
    )
    assert report.findings == [], WRITERS["text"](report)
    assert report.not_tried == {"every combination of the targets' identifiers exists": 2}


@pytest.mark.parametrize("targets", [["id=a"], ["id=a", "id=ax"]])
def test_a_resource_that_resembles_the_target_may_exist(tmp_path: Path, targets: list[str]) -> None:
    spec = document(an_object(note=TEXT), {"type": "object", "properties": {"note": TEXT, "id": TEXT}})
    app = Things(spec, a={"note": "", "id": "a"}, ax={"note": "", "id": "ax"})
    assert conforms(judged(spec, app, tmp_path, "identifiers", targets=targets))
    assert any(path == "/things/ax" for _, path, _ in app.requests)


def test_a_credential_that_was_not_given_is_not_tried(tmp_path: Path) -> None:
    spec = document(an_object(note=TEXT))
    spec["components"] = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    spec["security"] = [{"token": []}]
    report = judged(spec, Things(spec, a={"note": ""}), tmp_path, "authentication")
    assert report.findings == []
    assert report.not_tried["changeThing: no credential was given for its security scheme"] == 2


def test_headers_of_a_response_are_read_by_their_types(tmp_path: Path) -> None:
    headers = {
        "X-Count": {"required": True, "schema": {"type": "integer", "minimum": 1}},
        "X-Last": {"required": True, "schema": {"type": "boolean"}},
        "X-Note": {"schema": {"type": "string", "maxLength": 1}},
    }
    spec = document(an_object(note=TEXT))
    spec["paths"]["/things/{id}"]["get"]["responses"] = {
        "200": {**spec["paths"]["/things/{id}"]["get"]["responses"]["200"], "headers": headers},
        "4XX": ERROR,
    }
    right: Any = Things(spec, a={"note": ""})

    def with_headers(*pairs: tuple[bytes, bytes]) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            async def sending(message: Any) -> None:
                await send({**message, "headers": [*message["headers"], *pairs]} if "headers" in message else message)

            await right(scope, receive, sending)

        return app

    good = [(b"x-count", b"12"), (b"x-last", b"true"), (b"x-note", b"too long, but optional")]
    assert conforms(judged(spec, with_headers(*good), tmp_path, "targets"))
    report = judged(spec, with_headers((b"x-count", b"0"), (b"x-last", b"yes")), tmp_path, "targets")
    assert [finding.sentence for finding in report.findings] == [
        "The header X-Count does not match its schema: 0 is less than the minimum of 1.",
        'The header X-Last does not match its schema: "yes" is not of type "boolean".',
    ]

"""specs/notes.yaml in plain ASGI: a cookie and a key in the query, times, nested objects, a map that is replaced."""

import datetime
import itertools
import json
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import jsonschema_rs
import yaml

from tests.conformance.asgi import read_body

SPEC = Path(__file__).parents[1] / "specs" / "notes.yaml"
SESSION, KEY = "notes-Session-41", "notes-Key-4142"
SHELF = 2
NOTES = ("first", "second")

Answer = tuple[int, Any, list[tuple[bytes, bytes]]]
"""Status, body and headers."""

FAULTS = {
    "create shows less": "The response to a create has an empty text.",
    "created text is lost": "A note that was created has another text when it is read.",
    "created is not found": "A note that was created is not found.",
    "created has no id": "The response to a create has no identifier but in `Location`.",
    "created is unknown": "The response to a create names no identifier at all.",
    "create fails": "No note can be created.",
    "list is empty": "The list of notes is empty.",
    "list has pages": "The list has one note on each page.",
    "list fails": "Notes cannot be listed.",
    "deleted is listed": "A note that was deleted is still in the list.",
    "delete fails": "Notes cannot be deleted.",
    "due is local": "A time comes back without its offset.",
    "due is not changed": "A change of `due` is lost.",
    "due is reset": "A change without `due` removes it.",
    "size is reset": "A change of `size` adds a width that nobody sent.",
    "search is rejected": "Searches for one character are rejected.",
    "key is not checked": "The key in the query is not checked.",
    "empty session": "An empty session is let in.",
}


class NotesServer:
    """The application.

    Args:
        fault: What it does wrong, one of FAULTS; nothing if it is empty.
    """

    def __init__(self, fault: str = "") -> None:
        assert fault == "" or fault in FAULTS
        self._fault = fault
        self._numbers = itertools.count(1)
        self._ghosts: list[Any] = []
        document = yaml.safe_load(SPEC.read_text("utf-8"))
        search = document["paths"]["/shelves/{shelf}/search"]["post"]["requestBody"]["content"]["application/json"]
        self._valid = {
            name: jsonschema_rs.Draft202012Validator({**document, **schema}).is_valid
            for name, schema in {
                "new": {"$ref": "#/components/schemas/NewNote"},
                "change": {"$ref": "#/components/schemas/NoteChange"},
                "search": search["schema"],
            }.items()
        }
        self.notes: dict[str, dict[str, Any]] = {
            name: {"note_id": name, "text": f"The {name} note", "due": None, "labels": {"rank": name}} for name in NOTES
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        body = await read_body(receive)
        status, value, headers = self._answer(scope, body)
        pairs = [(b"content-type", b"application/json"), *headers] if value is not None else headers
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        content = b"" if value is None or scope["method"] == "HEAD" else json.dumps(value).encode()
        await send({"type": "http.response.body", "body": content})

    def _answer(self, scope: Any, body: bytes) -> Answer:
        try:
            try:
                segments = [unquote(part, errors="strict") for part in scope["raw_path"].decode("ascii").split("/")[2:]]
            except UnicodeDecodeError:
                raise _Refused(404, "there is no such note") from None
            return self._routed(scope, segments, body)
        except _Refused as refused:
            allow = [(b"allow", refused.allow.encode())] if refused.allow else []
            return refused.status, {"message": str(refused)}, allow

    def _routed(self, scope: Any, segments: list[str], body: bytes) -> Answer:
        method = scope["method"]
        if segments == ["version"]:
            _only(method, "GET")
            return 200, {"version": "1"}, []
        self._log_in(scope)
        match segments:
            case ["shelves", shelf, "notes"] if shelf == str(SHELF):
                _only(method, "GET", "POST")
                return self._list() if method == "GET" else self._create(self._body(scope, body, "new"))
            case ["shelves", shelf, "search"] if shelf == str(SHELF):
                _only(method, "POST")
                text = self._body(scope, body, "search")["text"]
                if self._fault == "search is rejected" and len(text) == 1:
                    raise _Refused(400, "the text is too short")
                return 200, {"found": sum(text in note["text"] for note in self.notes.values())}, []
            case ["shelves", shelf, "notes", name] if shelf == str(SHELF) and name in self.notes:
                _only(method, "GET", "PATCH", "DELETE")
                if method == "DELETE":
                    return self._delete(name)
                if method == "PATCH":
                    self._change(self.notes[name], self._body(scope, body, "change"))
                return 200, self.notes[name], []
        raise _Refused(404, "there is no such note")

    def _log_in(self, scope: Any) -> None:
        headers = dict(scope["headers"])
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
        session = cookies["sid"].value if "sid" in cookies else None
        keys = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("api_key", [])
        if self._fault == "empty session" and session == "":
            session = SESSION
        if session != SESSION or (keys != [KEY] and self._fault != "key is not checked"):
            raise _Refused(401, "log in")

    def _body(self, scope: Any, body: bytes, kind: str) -> Any:
        media_type = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        if media_type.partition(";")[0].strip().lower() != "application/json":
            raise _Refused(415, "send JSON")
        try:
            value = json.loads(body.decode(), parse_constant=_no_constant)
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise _Refused(400, "the body is not JSON") from None
        if not self._valid[kind](value) or _time(value) is None:
            raise _Refused(400, "the body does not match the schema")
        return value

    def _list(self) -> Answer:
        items = [*self.notes.values(), *self._ghosts]
        if self._fault == "list fails":
            raise _Refused(409, "the shelf is locked")
        if self._fault == "list has pages":
            return 200, {"items": items[:1], "has_more": True}, []
        return 200, {"items": [] if self._fault == "list is empty" else items}, []

    def _create(self, body: Any) -> Answer:
        if self._fault == "create fails":
            raise _Refused(409, "the shelf is locked")
        name = f"note{next(self._numbers)}"
        note = {"note_id": name, "due": None, "labels": {}, **body}
        self.notes[name] = {**note}
        if self._fault == "create shows less":
            return 201, {**note, "text": ""}, []
        if self._fault == "created text is lost":
            self.notes[name]["text"] = "lost"
        if self._fault == "created is not found":
            del self.notes[name]
        location = [(b"location", f"/notes/shelves/{SHELF}/notes/{name}".encode())]
        if self._fault in ("created has no id", "created is unknown"):
            return 201, {**note, "note_id": None}, location if self._fault == "created has no id" else []
        return 201, note, location

    def _delete(self, name: str) -> Answer:
        if self._fault == "delete fails":
            raise _Refused(409, "the note is in use")
        note = self.notes.pop(name)
        if self._fault == "deleted is listed":
            self._ghosts.append(note)
        return 204, None, []

    def _change(self, note: dict[str, Any], change: dict[str, Any]) -> None:
        before = dict(note)
        note.update(change)
        note["updated_at"] = next(self._numbers)
        if isinstance(change.get("due"), str):
            # The same moment in another notation.
            moment = datetime.datetime.fromisoformat(change["due"]).astimezone(datetime.UTC)
            note["due"] = moment.isoformat()
            if self._fault == "due is local":
                note["due"] = moment.replace(tzinfo=None, hour=(moment.hour + 2) % 24).isoformat()
        if "size" in change:
            note["size"] = {"unit": "cm", **(before.get("size") or {}), **change["size"]}
            if self._fault == "size is reset" and "width" not in change["size"]:
                note["size"]["width"] = 7
        if self._fault == "due is not changed":
            note["due"] = before["due"]
        if self._fault == "due is reset" and "due" not in change:
            note["due"] = None


class _Refused(Exception):  # noqa: N818 - it is a response
    def __init__(self, status: int, message: str, allow: str = "") -> None:
        super().__init__(message)
        self.status, self.allow = status, allow


def _only(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise _Refused(405, "the method is not allowed", ", ".join(allowed))


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def _time(body: Any) -> bool | None:
    """True if `due` is a time with an offset, or none at all; None if it is another text."""
    due = body.get("due")
    if due is None:
        return True
    try:
        return datetime.datetime.fromisoformat(due).tzinfo is not None or None
    except ValueError:
        return None

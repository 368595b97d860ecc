"""Documents to compare: base.yaml with edits, and small ones around a schema."""

import copy
import json
from pathlib import Path
from typing import Any

import yaml

from scripts.structure import read_spec
from thread_runs_spec.document import Spec

FOLDER = Path(__file__).parent / "diff_pairs"
BASE: dict[str, Any] = yaml.load((FOLDER / "base.yaml").read_text("utf-8"), yaml.CSafeLoader)

Edit = list[list[Any]]


def read_pairs(name: str) -> dict[str, Any]:
    """Return the content of a file in diff_pairs/."""
    # The loader in C, because every test process reads these files.
    found: dict[str, Any] = yaml.load((FOLDER / name).read_text("utf-8"), yaml.CSafeLoader)
    return found


def _holder_of(document: Any, path: str, aliases: dict[str, str]) -> tuple[Any, Any]:
    """Return what holds the value at `path`, and the key or index to find it under."""
    for alias, meaning in aliases.items():
        if path.startswith(alias):
            path = meaning + path.removeprefix(alias)
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    for part in way:
        document = document[int(part)] if isinstance(document, list) else document.setdefault(part, {})
    return document, int(last) if isinstance(document, list) and last != "-" else last


def edited(document: Any, edit: Edit, aliases: dict[str, str]) -> Any:
    """Apply RFC 6902 operations to a copy of `document`. A path may begin with an alias."""
    document = copy.deepcopy(document)
    for name, path, *rest in copy.deepcopy(edit):
        holder, key = _holder_of(document, path, aliases)
        if name == "move":
            value = holder.pop(key)
            holder, key = _holder_of(document, rest[0], aliases)
        elif name == "remove":
            del holder[key]
            continue
        else:
            value = rest[0]
        if name != "replace" and isinstance(holder, list):
            holder.insert(len(holder) if key == "-" else key, value)
        else:
            assert name != "replace" or isinstance(holder, list) or key in holder, f"{path} is not there"
            holder[key] = value
    return document


def document_around(schema: Any, direction: str, components: dict[str, Any], openapi: str = "3.1.0") -> dict[str, Any]:
    """Return a document with one operation, whose body in `direction` has `schema`."""
    content = {"content": {"application/json": {"schema": schema}}}
    empty = {"description": "Done."}
    operation = (
        {"requestBody": {"required": True, **content}, "responses": {"204": empty}}
        if direction == "request"
        else {"responses": {"200": {**empty, **content}}}
    )
    return {
        "openapi": openapi,
        "info": {"title": "Things", "version": "1.0.0"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": {"/things": {"post": {"operationId": "changeThing", **operation}}},
        "components": {"schemas": components},
    }


def spec(name: str, document: Any) -> Spec:
    """Read a document as the differ does."""
    return read_spec(name, json.dumps(document))


def gravest(verdicts: list[str]) -> str:
    return max(verdicts, key=["none", "note", "non-breaking", "breaking"].index, default="note")

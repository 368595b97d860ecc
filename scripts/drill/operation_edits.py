"""Changes of the spec's operations: moved ones, and new ones with everything that they need."""

import copy
from typing import Any

import yaml

from scripts.drill.document import RUN_PATH, THREAD_PATH, Document, schemas


def undeprecate(document: Document) -> None:
    del document["paths"][RUN_PATH]["post"]["deprecated"]


def move_path(document: Document) -> None:
    document["paths"] = {f"/v2{RUN_PATH}": document["paths"][RUN_PATH]}


def move_group(document: Document) -> None:
    document["paths"][RUN_PATH]["post"]["x-fern-sdk-group-name"] = ["runs"]


def add_operation(
    document: Document, path: str, method: str, group: list[str], name: str, response: Document | None, **fields: Any
) -> None:
    """Add an operation with the errors and the beta header of the existing one."""
    first = document["paths"][next(iter(document["paths"]))]["post"]
    variables = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    known = {one["name"]: one for one in first["parameters"]}
    parameters = [
        known.get(variable)
        or {
            "name": variable,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "description": f"The {variable}."},
            "example": f"{variable}_1",
        }
        for variable in variables
    ]
    extra = fields.pop("parameters", [])
    success: Document = {"description": "The result."}
    if response is not None:
        success["content"] = response
    operation = {
        "operationId": f"{name}{group[-1].title()}",
        "x-fern-sdk-group-name": group,
        "x-fern-sdk-method-name": name,
        "tags": ["runs"],
        "summary": f"{name} in {group[-1]}",
        "security": copy.deepcopy(first["security"]),
        "parameters": [*copy.deepcopy(parameters), *extra, copy.deepcopy(known["OpenAI-Beta"])],
        "responses": {
            "204" if response is None else "200": success,
            **{code: copy.deepcopy(one) for code, one in first["responses"].items() if code not in ("200", "204")},
        },
        **fields,
    }
    document["paths"].setdefault(path, {})[method] = operation


def _json(reference: str, example: Any) -> Document:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{reference}"}, "example": example}}


def _run(document: Document) -> Any:
    return copy.deepcopy(document["components"]["examples"]["RunDocumented"]["value"])


RUNS = ["beta", "threads", "runs"]
MESSAGES = ["beta", "threads", "messages"]


def add_retrieve(document: Document) -> None:
    add_operation(document, RUN_PATH, "get", RUNS, "retrieve", _json("Run", _run(document)))


def _add_page(document: Document, item: str) -> None:
    nullable = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    schemas(document)[f"{item}Page"] = {
        "description": "One page of a list.",
        "type": "object",
        "required": ["data", "has_more", "last_id"],
        "properties": {
            "data": {
                "description": "The items.",
                "type": "array",
                "items": {"$ref": f"#/components/schemas/{item}"},
            },
            "has_more": {"description": "Whether there are further pages.", "type": "boolean"},
            "last_id": {"description": "Identifier of the last item.", **nullable},
        },
    }


CURSOR = yaml.safe_load("""
- name: after
  in: query
  schema: {type: string, minLength: 1, description: Identifier of the item before the first.}
- name: limit
  in: query
  schema: {type: integer, minimum: 1, maximum: 100, description: How many items a page has at most.}
""")
PAGES = {
    "cursor": "$request.after",
    "next_cursor": "$response.last_id",
    "results": "$response.data",
    "has-next-page": "$response.has_more",
}


def add_list(document: Document) -> None:
    _add_page(document, "Run")
    page = {"data": [_run(document)], "has_more": False, "last_id": "run_abc123"}
    options = {"parameters": copy.deepcopy(CURSOR), "x-fern-pagination": PAGES}
    add_operation(document, f"{THREAD_PATH}/runs", "get", RUNS, "list", _json("RunPage", page), **options)


def add_create(document: Document) -> None:
    tools = copy.deepcopy(schemas(document)["Run"]["properties"]["tools"])
    schemas(document)["CreateRunRequest"] = {
        "description": "What to run.",
        "type": "object",
        "additionalProperties": False,
        "required": ["assistant_id"],
        "properties": {
            "assistant_id": {"description": "The assistant.", "type": "string"},
            "tools": {**tools, "description": "The tools it may use."},
        },
    }
    body = {"assistant_id": "asst_abc123", "tools": [{"type": "function", "function": {"name": "add"}}]}
    request = {"required": True, "content": _json("CreateRunRequest", body)}
    success = _json("Run", _run(document))
    add_operation(document, f"{THREAD_PATH}/runs", "post", RUNS, "create", success, requestBody=request)


def add_cancel(document: Document) -> None:
    behaviour = {"set": {"status": "cancelling"}, "when": {"status": ["queued", "in_progress"]}, "otherwise": 400}
    success = _json("Run", _run(document))
    add_operation(document, f"{RUN_PATH}/cancel", "post", RUNS, "cancel", success, **{"x-mock": behaviour})


def add_delete(document: Document) -> None:
    add_operation(document, RUN_PATH, "delete", RUNS, "delete", None)


def add_upload(document: Document) -> None:
    schemas(document)["UploadRequest"] = {
        "description": "A file for a run.",
        "type": "object",
        "additionalProperties": False,
        "required": ["file"],
        "properties": {
            "file": {"description": "The file.", "type": "string", "format": "binary"},
            "purpose": {"description": "What it is for.", "type": "string"},
        },
    }
    schema = {"$ref": "#/components/schemas/UploadRequest"}
    request = {"required": True, "content": {"multipart/form-data": {"schema": schema, "example": {"file": "text"}}}}
    success = _json("Run", _run(document))
    add_operation(document, f"{RUN_PATH}/files", "post", RUNS, "upload", success, requestBody=request)


def add_text(document: Document) -> None:
    text = {"text/plain": {"schema": {"type": "string"}, "example": "Run completed."}}
    add_operation(document, f"{RUN_PATH}/log", "get", RUNS, "log", text)


def add_resource(document: Document) -> None:
    schemas(document)["Message"] = yaml.safe_load("""
      description: A message of a thread.
      type: object
      required: [id, thread_id, text, metadata]
      properties:
        id: {description: Identifier of the message., type: string}
        thread_id: {description: The thread., type: string}
        text: {description: What it says., type: string}
        metadata:
          description: Pairs of your own.
          anyOf: [{$ref: "#/components/schemas/Metadata"}, {type: "null"}]
    """)
    for name, required, text in (("CreateMessageRequest", ["text"], True), ("ModifyMessageRequest", [], False)):
        properties = {"metadata": copy.deepcopy(schemas(document)["Message"]["properties"]["metadata"])}
        if text:
            properties["text"] = {"description": "What it says.", "type": "string"}
        schemas(document)[name] = {
            "description": "A message to store.",
            "type": "object",
            "additionalProperties": False,
            **({"required": required} if required else {}),
            "properties": properties,
        }
    _add_page(document, "Message")
    message = {"id": "message_id_1", "thread_id": "thread_abc123", "text": "Hello", "metadata": {}}
    one, all_of_them = f"{THREAD_PATH}/messages/{{message_id}}", f"{THREAD_PATH}/messages"
    success = _json("Message", message)
    create = {"required": True, "content": _json("CreateMessageRequest", {"text": "Hello"})}
    modify = {"required": True, "content": _json("ModifyMessageRequest", {"metadata": {"a": "1"}})}
    page = _json("MessagePage", {"data": [message], "has_more": False, "last_id": "message_id_1"})
    add_operation(document, all_of_them, "post", MESSAGES, "create", success, requestBody=create)
    options = {"parameters": copy.deepcopy(CURSOR), "x-fern-pagination": PAGES}
    add_operation(document, all_of_them, "get", MESSAGES, "list", page, **options)
    add_operation(document, one, "get", MESSAGES, "retrieve", copy.deepcopy(success))
    add_operation(document, one, "post", MESSAGES, "update", copy.deepcopy(success), requestBody=modify)
    add_operation(document, one, "delete", MESSAGES, "delete", None)

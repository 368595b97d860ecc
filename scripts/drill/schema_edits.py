"""Changes of the spec's schemas: of the Run, of what a request has, and of names."""

import copy
from typing import Any

from scripts.drill.document import RUN_PATH, Document, runs, schemas


def add_field(document: Document) -> None:
    schemas(document)["Run"]["properties"]["service_tier"] = {"description": "The tier used.", "type": "string"}


def add_enum_value(document: Document) -> None:
    schemas(document)["RunStatus"]["enum"].append("paused")
    paused = copy.deepcopy(document["components"]["examples"]["RunQueued"])
    paused["value"].update(id="run_paused", status="paused")
    document["components"]["examples"]["RunPaused"] = paused
    success = document["paths"][RUN_PATH]["post"]["responses"]["200"]["content"]["application/json"]
    success["examples"]["paused"] = {"$ref": "#/components/examples/RunPaused"}


def add_tool_type(document: Document) -> None:
    schemas(document)["BrowserTool"] = {
        "description": "Lets the model read web pages.",
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"description": "Always `browser`.", "const": "browser"}},
    }
    schemas(document)["Run"]["properties"]["tools"]["items"]["anyOf"].append(
        {"$ref": "#/components/schemas/BrowserTool"}
    )


def change_limit(document: Document) -> None:
    schemas(document)["Metadata"]["maxProperties"] = 32


def remove_field(document: Document) -> None:
    del schemas(document)["Run"]["properties"]["top_p"]
    for run in runs(document):
        del run["top_p"]


def add_required_field(document: Document) -> None:
    schemas(document)["Run"]["properties"]["project_id"] = {"description": "The project.", "type": "string"}
    schemas(document)["Run"]["required"].append("project_id")


def change_type(document: Document) -> None:
    schemas(document)["Run"]["properties"]["created_at"]["type"] = "string"
    for run in runs(document):
        run["created_at"] = str(run["created_at"])


def add_response(document: Document) -> None:
    document["paths"][RUN_PATH]["post"]["responses"]["410"] = {"$ref": "#/components/responses/NotFound"}


def rename_field(document: Document) -> None:
    run = schemas(document)["Run"]
    run["properties"]["prompt_token_limit"] = run["properties"].pop("max_prompt_tokens")
    run["required"][run["required"].index("max_prompt_tokens")] = "prompt_token_limit"
    for example in runs(document):
        example["prompt_token_limit"] = example.pop("max_prompt_tokens")


def add_request_field(document: Document) -> None:
    schemas(document)["ModifyRunRequest"]["properties"]["priority"] = {"description": "How urgent.", "type": "integer"}


def require_request_field(document: Document) -> None:
    request = schemas(document)["ModifyRunRequest"]
    request["properties"]["reason"] = {"description": "Why the run is changed.", "type": "string"}
    request["required"] = ["reason"]
    for name, example in document["components"]["examples"].items():
        if name.startswith("ModifyRun"):
            example["value"]["reason"] = "drill"


def rename_request_field(document: Document) -> None:
    properties = schemas(document)["ModifyRunRequest"]["properties"]
    properties["labels"] = properties.pop("metadata")
    for name, example in document["components"]["examples"].items():
        if name.startswith("ModifyRun") and "metadata" in example["value"]:
            example["value"]["labels"] = example["value"].pop("metadata")


def rename_component(document: Document, old: str, new: str) -> None:
    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        return f"#/components/schemas/{new}" if value == f"#/components/schemas/{old}" else value

    found = {new if name == old else name: schema for name, schema in schemas(document).items()}
    document["components"]["schemas"] = found
    changed = renamed(document)
    document.clear()
    document.update(changed)


def tighten_limit(document: Document) -> None:
    schemas(document)["Metadata"]["maxProperties"] = 8

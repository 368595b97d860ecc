# Generated from openapi.yaml by `make generate`. Do not edit.
"""The operations of the spec, and the limits of what they take"""

from typing import Any

from .bodies import Body, Property
from .parameters import Parameter
from .requests import Operation

SCHEMAS: dict[str, Any] = {
    "#/components/schemas/Metadata": {
        "type": "object",
        "maxProperties": 16,
        "propertyNames": {"type": "string", "maxLength": 64},
        "additionalProperties": {"type": "string", "maxLength": 512},
    },
    "#/components/schemas/ModifyRunRequest": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"metadata": {"anyOf": [{"$ref": "#/components/schemas/Metadata"}, {"type": "null"}]}},
    },
}
"""What the limits below refer to"""

MODIFY_RUN = Operation(
    id="modifyRun",
    group=("beta", "threads", "runs"),
    name="update",
    function="modify_run",
    method="POST",
    path="/threads/{thread_id}/runs/{run_id}",
    parameters=(
        Parameter(
            argument="thread_id",
            name="thread_id",
            location="path",
            schema={"type": "string", "minLength": 1},
            required=True,
            description="Identifier of the thread that the run belongs to.",
        ),
        Parameter(
            argument="run_id",
            name="run_id",
            location="path",
            schema={"type": "string", "minLength": 1},
            required=True,
            description="Identifier of the run to modify.",
        ),
        Parameter(
            argument=None,
            name="OpenAI-Beta",
            location="header",
            schema={"type": "string", "pattern": "^assistants=v2$"},
            required=True,
            default="assistants=v2",
        ),
    ),
    body=Body(
        media_type="application/json",
        kind="json",
        schema={"$ref": "#/components/schemas/ModifyRunRequest"},
        required=True,
        properties=(
            Property(
                argument="metadata",
                name="metadata",
                description="The pairs to store. If it is omitted, nothing changes; null is not the same as omitting it. At most 16 entries, keys: at most 64 characters, values: at most 512 characters.",
            ),
        ),
    ),
    summary="Modify run",
    description="Changes the metadata of one run and returns the whole run. Nothing but `metadata` changes.\n\nThe server decides whether new pairs replace the stored ones or are merged into them key by key, and\nwhat `null` does. An empty body (`{}`) changes nothing.",
    deprecated="The operation modifyRun is deprecated: the vendor has retired its own endpoint.",
    shown=("id", "status", "metadata"),
)

OPERATIONS: tuple[Operation, ...] = (MODIFY_RUN,)

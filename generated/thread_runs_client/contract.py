# Generated from openapi.yaml by `make generate`. Do not edit.
"""Facts of the contract that stand in no endpoint or model"""

from typing import Any

VERSION = "0.1.0"
SERVER_URL = "https://api.openai.com/v1"

REQUEST_BODIES: dict[str, Any] = {"modify_run": {"$ref": "#/components/schemas/ModifyRunRequest"}}
"""The schema of the body that an operation takes"""

SCHEMAS: dict[str, Any] = {
    "Metadata": {
        "type": "object",
        "maxProperties": 16,
        "propertyNames": {"type": "string", "maxLength": 64},
        "additionalProperties": {"type": "string", "maxLength": 512},
    },
    "ModifyRunRequest": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"metadata": {"anyOf": [{"$ref": "#/components/schemas/Metadata"}, {"type": "null"}]}},
    },
}
"""The components that these schemas refer to, without what does not limit a value"""

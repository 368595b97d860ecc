"""The changes of the spec that the drill rehearses, and the decisions that each needs."""

from collections.abc import Callable
from dataclasses import dataclass

from scripts.drill import operation_edits, schema_edits
from scripts.drill.document import Document


@dataclass(frozen=True)
class Edit:
    """A change of the spec, and the texts that the failure must contain if it needs a decision."""

    name: str
    make: Callable[[Document], None]
    decide: tuple[str, ...] = ()


EDITS = [
    Edit("a field added", schema_edits.add_field),
    Edit("an enum value added", schema_edits.add_enum_value),
    Edit("a tool type added", schema_edits.add_tool_type),
    Edit("a limit loosened", schema_edits.change_limit),
    Edit("a limit tightened", schema_edits.tighten_limit, ("raise info.version",)),
    Edit("a field removed", schema_edits.remove_field, ("raise info.version", '"Run" has no attribute "top_p"')),
    Edit(
        "a required field added",
        schema_edits.add_required_field,
        ('example RunDocumented: "project_id" is a required property',),
    ),
    Edit("a type changed", schema_edits.change_type, ("raise info.version",)),
    Edit("a field renamed", schema_edits.rename_field, ("raise info.version",)),
    Edit("a response added", schema_edits.add_response),
    Edit("a request field added", schema_edits.add_request_field),
    Edit("a required request field added", schema_edits.require_request_field, ('Missing named argument "reason"',)),
    Edit("a request field renamed", schema_edits.rename_request_field, ('Unexpected keyword argument "metadata"',)),
    Edit("an operation added: retrieve", operation_edits.add_retrieve),
    Edit("an operation added: list with pages", operation_edits.add_list),
    Edit("an operation added: create with nested tools", operation_edits.add_create),
    Edit("an operation added: cancel", operation_edits.add_cancel),
    Edit("an operation added: delete", operation_edits.add_delete),
    Edit("an operation added: upload", operation_edits.add_upload),
    Edit("an operation added: text response", operation_edits.add_text),
    Edit("a second resource with all its operations", operation_edits.add_resource),
    Edit(
        "RunError renamed",
        lambda document: schema_edits.rename_component(document, "RunError", "Failure"),
        ("RunError",),
    ),
    Edit(
        "Run renamed",
        lambda document: schema_edits.rename_component(document, "Run", "Execution"),
        ("src/thread_runs/__init__.py",),
    ),
    Edit("the deprecation removed", operation_edits.undeprecate, ("docs/client.md",)),
    Edit("the operation moved to another path", operation_edits.move_path, ("raise info.version",)),
    Edit("the operation moved to another group", operation_edits.move_group, ('has no attribute "beta"',)),
]

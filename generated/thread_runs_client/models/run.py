# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..models.response_format_option import ResponseFormatOption
from ..models.run_object import RunObject
from ..models.run_status import RunStatus
from ..models.tool_choice_option import ToolChoiceOption
from ..types import UNSET, UnknownObject, Unset

if TYPE_CHECKING:
    from ..models.code_interpreter_tool import CodeInterpreterTool
    from ..models.file_search_tool import FileSearchTool
    from ..models.function_tool import FunctionTool
    from ..models.incomplete_details import IncompleteDetails
    from ..models.metadata import Metadata
    from ..models.required_action import RequiredAction
    from ..models.response_format_json_object import ResponseFormatJsonObject
    from ..models.response_format_json_schema import ResponseFormatJsonSchema
    from ..models.response_format_text import ResponseFormatText
    from ..models.run_error import RunError
    from ..models.tool_choice import ToolChoice
    from ..models.tool_resources import ToolResources
    from ..models.truncation_strategy import TruncationStrategy
    from ..models.usage import Usage


@_attrs_define(eq=False, repr=False)
class Run(_Model):
    """One execution of an assistant on a thread."""

    id: str
    """ Identifier of the run. """

    created_at: int
    """ When the run was created, in Unix seconds. """

    assistant_id: str
    """ Identifier of the assistant that executes the run. """

    thread_id: str
    """ Identifier of the thread that the run works on. """

    status: RunStatus
    """ The status of a run. """

    started_at: int | None
    """ When the run was started, in Unix seconds; null if it has not started. """

    expires_at: int | None
    """ When the run will expire, in Unix seconds; null if it can no longer expire. """

    cancelled_at: int | None
    """ When the run was cancelled, in Unix seconds; null if it was not. """

    failed_at: int | None
    """ When the run failed, in Unix seconds; null if it did not. """

    completed_at: int | None
    """ When the run was completed, in Unix seconds; null if it was not. """

    last_error: None | RunError
    """ The error that ended the run; null if there was none. """

    model: str
    """ The model that the run uses. """

    instructions: None | str
    """ The instructions that the run follows; null if it has none. """

    incomplete_details: IncompleteDetails | None
    """ Why the run ended early; null if it did not. """

    tools: list[CodeInterpreterTool | FileSearchTool | FunctionTool | UnknownObject]
    """ The tools that the run may use, at most 20. """

    metadata: Metadata | None
    """ The pairs stored with the run; null if there are none. """

    usage: None | Usage
    """ The tokens that the run used; null until it has ended. """

    max_prompt_tokens: int | None
    """ The maximum number of prompt tokens, at least 256; null for no limit. """

    max_completion_tokens: int | None
    """ The maximum number of completion tokens, at least 256; null for no limit. """

    truncation_strategy: None | TruncationStrategy
    """ How the thread is truncated to fit the model's context; null for the server's default. """

    response_format: (
        None
        | ResponseFormatJsonObject
        | ResponseFormatJsonSchema
        | ResponseFormatOption
        | ResponseFormatText
        | UnknownObject
    )
    """ The format of the model's output; null for the server's default. """

    tool_choice: None | ToolChoice | ToolChoiceOption
    """ Which tool the model calls, if any; null for the server's default. """

    parallel_tool_calls: bool
    """ Whether the model may call several tools at once. """

    object: RunObject = RunObject.THREAD_RUN
    """ The type of the object, always `thread.run`. """

    required_action: None | RequiredAction | Unset = UNSET
    """ What the caller must do before the run can continue; null or omitted if nothing. """

    tool_resources: None | ToolResources | Unset = UNSET
    """ The files and vector stores that the tools may read; null or omitted if none. """

    temperature: float | None | Unset = UNSET
    """ The sampling temperature; null or omitted for the model's default. """

    top_p: float | None | Unset = UNSET
    """ The probability mass considered in sampling; null or omitted for the model's default. """

# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.response_format_option import ResponseFormatOption
from ..models.run_object import RunObject
from ..models.run_status import RunStatus
from ..models.tool_choice_option import ToolChoiceOption
from ..types import UNSET, Unset

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


@_attrs_define
class Run:
    """One execution of an assistant on a thread."""

    id: str
    """ Identifier of the run. """

    created_at: int
    """ When the run was created, in Unix seconds. """

    assistant_id: str
    """ Identifier of the assistant that carries the run out. """

    thread_id: str
    """ Identifier of the thread the run works on. """

    status: RunStatus
    """ The state a run is in. """

    started_at: int | None
    """ When the run was started, in Unix seconds; null until then. """

    expires_at: int | None
    """ When the run will expire, in Unix seconds; null once it cannot. """

    cancelled_at: int | None
    """ When the run was cancelled, in Unix seconds; null if it was not. """

    failed_at: int | None
    """ When the run failed, in Unix seconds; null if it did not. """

    completed_at: int | None
    """ When the run was completed, in Unix seconds; null if it was not. """

    last_error: None | RunError
    """ The error that ended the run; null if there was none. """

    model: str
    """ The model the run uses. """

    instructions: None | str
    """ The instructions the run follows; null if it has none. """

    incomplete_details: IncompleteDetails | None
    """ Why the run ended before it was complete; null if it did not. """

    tools: list[CodeInterpreterTool | FileSearchTool | FunctionTool]
    """ The tools the run may use, at most 20. """

    metadata: Metadata | None
    """ The pairs stored with the run; null if there are none. """

    usage: None | Usage
    """ The tokens the run has used; null until it has ended. """

    max_prompt_tokens: int | None
    """ The most prompt tokens the run may use, at least 256; null for no limit. """

    max_completion_tokens: int | None
    """ The most completion tokens the run may use, at least 256; null for no limit. """

    truncation_strategy: None | TruncationStrategy
    """ How the thread is cut to fit the model's context; null for the server's own way. """

    response_format: (
        None | ResponseFormatJsonObject | ResponseFormatJsonSchema | ResponseFormatOption | ResponseFormatText
    )
    """ The form the model has to answer in; null for the server's own choice. """

    tool_choice: None | ToolChoice | ToolChoiceOption
    """ Which tool the model calls, if any; null for the server's own choice. """

    parallel_tool_calls: bool
    """ Whether the model may call several tools at once. """

    object: RunObject = RunObject.THREAD_RUN
    """ The kind of object, always `thread.run`. """

    required_action: None | RequiredAction | Unset = UNSET
    """ What the caller has to do before the run can go on; null or left out if nothing. """

    tool_resources: None | ToolResources | Unset = UNSET
    """ The files and vector stores that the tools may read; null or left out if none. """

    temperature: float | None | Unset = UNSET
    """ The sampling temperature; null or left out for the model's own. """

    top_p: float | None | Unset = UNSET
    """ The probability mass considered in sampling; null or left out for the model's own. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        object = _types.to_json(self.object)

        created_at = self.created_at

        assistant_id = self.assistant_id

        thread_id = self.thread_id

        status = _types.to_json(self.status)

        started_at = _types.to_json(self.started_at)

        expires_at = _types.to_json(self.expires_at)

        cancelled_at = _types.to_json(self.cancelled_at)

        failed_at = _types.to_json(self.failed_at)

        completed_at = _types.to_json(self.completed_at)

        last_error = _types.to_json(self.last_error)

        model = self.model

        instructions = _types.to_json(self.instructions)

        incomplete_details = _types.to_json(self.incomplete_details)

        tools = _types.to_json(self.tools)

        metadata = _types.to_json(self.metadata)

        usage = _types.to_json(self.usage)

        max_prompt_tokens = _types.to_json(self.max_prompt_tokens)

        max_completion_tokens = _types.to_json(self.max_completion_tokens)

        truncation_strategy = _types.to_json(self.truncation_strategy)

        response_format = _types.to_json(self.response_format)

        tool_choice = _types.to_json(self.tool_choice)

        parallel_tool_calls = self.parallel_tool_calls

        required_action = _types.to_json(self.required_action)

        tool_resources = _types.to_json(self.tool_resources)

        temperature = _types.to_json(self.temperature)

        top_p = _types.to_json(self.top_p)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "id": id,
                "object": object,
                "created_at": created_at,
                "assistant_id": assistant_id,
                "thread_id": thread_id,
                "status": status,
                "started_at": started_at,
                "expires_at": expires_at,
                "cancelled_at": cancelled_at,
                "failed_at": failed_at,
                "completed_at": completed_at,
                "last_error": last_error,
                "model": model,
                "instructions": instructions,
                "incomplete_details": incomplete_details,
                "tools": tools,
                "metadata": metadata,
                "usage": usage,
                "max_prompt_tokens": max_prompt_tokens,
                "max_completion_tokens": max_completion_tokens,
                "truncation_strategy": truncation_strategy,
                "response_format": response_format,
                "tool_choice": tool_choice,
                "parallel_tool_calls": parallel_tool_calls,
            }
        )
        if required_action is not UNSET:
            field_dict["required_action"] = required_action
        if tool_resources is not UNSET:
            field_dict["tool_resources"] = tool_resources
        if temperature is not UNSET:
            field_dict["temperature"] = temperature
        if top_p is not UNSET:
            field_dict["top_p"] = top_p

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.code_interpreter_tool import CodeInterpreterTool  # noqa: PLC0415
        from ..models.file_search_tool import FileSearchTool  # noqa: PLC0415
        from ..models.function_tool import FunctionTool  # noqa: PLC0415
        from ..models.incomplete_details import IncompleteDetails  # noqa: PLC0415
        from ..models.metadata import Metadata  # noqa: PLC0415
        from ..models.required_action import RequiredAction  # noqa: PLC0415
        from ..models.response_format_json_object import ResponseFormatJsonObject  # noqa: PLC0415
        from ..models.response_format_json_schema import ResponseFormatJsonSchema  # noqa: PLC0415
        from ..models.response_format_text import ResponseFormatText  # noqa: PLC0415
        from ..models.run_error import RunError  # noqa: PLC0415
        from ..models.tool_choice import ToolChoice  # noqa: PLC0415
        from ..models.tool_resources import ToolResources  # noqa: PLC0415
        from ..models.truncation_strategy import TruncationStrategy  # noqa: PLC0415
        from ..models.usage import Usage  # noqa: PLC0415

        d = _types.as_object("Run", src_dict)
        id = _types.required("Run", d, "id")

        object = _types.parse_enum(RunObject, _types.required("Run", d, "object"))

        created_at = _types.required("Run", d, "created_at")

        assistant_id = _types.required("Run", d, "assistant_id")

        thread_id = _types.required("Run", d, "thread_id")

        status = _types.parse_enum(RunStatus, _types.required("Run", d, "status"))

        started_at = _types.required("Run", d, "started_at")

        expires_at = _types.required("Run", d, "expires_at")

        cancelled_at = _types.required("Run", d, "cancelled_at")

        failed_at = _types.required("Run", d, "failed_at")

        completed_at = _types.required("Run", d, "completed_at")

        last_error = _types.parse_union(_types.required("Run", d, "last_error"), RunError)

        model = _types.required("Run", d, "model")

        instructions = _types.required("Run", d, "instructions")

        incomplete_details = _types.parse_union(_types.required("Run", d, "incomplete_details"), IncompleteDetails)

        tools = []
        _tools = _types.required("Run", d, "tools")
        for tools_item_data in _types.items(_tools):
            tools_item = _types.parse_union(tools_item_data, CodeInterpreterTool, FileSearchTool, FunctionTool)

            tools.append(tools_item)
        if not isinstance(_tools, list):
            tools = _types.unrecognized(_tools)

        metadata = _types.parse_union(_types.required("Run", d, "metadata"), Metadata)

        usage = _types.parse_union(_types.required("Run", d, "usage"), Usage)

        max_prompt_tokens = _types.required("Run", d, "max_prompt_tokens")

        max_completion_tokens = _types.required("Run", d, "max_completion_tokens")

        truncation_strategy = _types.parse_union(_types.required("Run", d, "truncation_strategy"), TruncationStrategy)

        response_format = _types.parse_union(
            _types.required("Run", d, "response_format"),
            ResponseFormatOption,
            ResponseFormatText,
            ResponseFormatJsonObject,
            ResponseFormatJsonSchema,
        )

        tool_choice = _types.parse_union(_types.required("Run", d, "tool_choice"), ToolChoiceOption, ToolChoice)

        parallel_tool_calls = _types.required("Run", d, "parallel_tool_calls")

        required_action = _types.parse_union(d.pop("required_action", UNSET), RequiredAction)

        tool_resources = _types.parse_union(d.pop("tool_resources", UNSET), ToolResources)

        temperature = d.pop("temperature", UNSET)

        top_p = d.pop("top_p", UNSET)

        run = cls(
            id=id,
            object=object,
            created_at=created_at,
            assistant_id=assistant_id,
            thread_id=thread_id,
            status=status,
            started_at=started_at,
            expires_at=expires_at,
            cancelled_at=cancelled_at,
            failed_at=failed_at,
            completed_at=completed_at,
            last_error=last_error,
            model=model,
            instructions=instructions,
            incomplete_details=incomplete_details,
            tools=tools,
            metadata=metadata,
            usage=usage,
            max_prompt_tokens=max_prompt_tokens,
            max_completion_tokens=max_completion_tokens,
            truncation_strategy=truncation_strategy,
            response_format=response_format,
            tool_choice=tool_choice,
            parallel_tool_calls=parallel_tool_calls,
            required_action=required_action,
            tool_resources=tool_resources,
            temperature=temperature,
            top_p=top_p,
        )

        run.additional_properties = d
        return run

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: Any) -> bool:
        return key in self.additional_properties

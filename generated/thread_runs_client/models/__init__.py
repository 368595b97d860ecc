# Generated from openapi.yaml by `make generate`. Do not edit.
"""Contains all the data models used in inputs/outputs"""

from .code_interpreter_resources import CodeInterpreterResources
from .code_interpreter_tool import CodeInterpreterTool
from .error_detail import ErrorDetail
from .error_response import ErrorResponse
from .file_search_options import FileSearchOptions
from .file_search_resources import FileSearchResources
from .file_search_tool import FileSearchTool
from .function_call import FunctionCall
from .function_definition import FunctionDefinition
from .function_parameters import FunctionParameters
from .function_tool import FunctionTool
from .incomplete_details import IncompleteDetails
from .incomplete_reason import IncompleteReason
from .json_schema_document import JsonSchemaDocument
from .json_schema_format import JsonSchemaFormat
from .metadata import Metadata
from .modify_run_request import ModifyRunRequest
from .ranker import Ranker
from .ranking_options import RankingOptions
from .required_action import RequiredAction
from .required_action_type import RequiredActionType
from .response_format_json_object import ResponseFormatJsonObject
from .response_format_json_schema import ResponseFormatJsonSchema
from .response_format_option import ResponseFormatOption
from .response_format_text import ResponseFormatText
from .run import Run
from .run_error import RunError
from .run_error_code import RunErrorCode
from .run_object import RunObject
from .run_status import RunStatus
from .submit_tool_outputs import SubmitToolOutputs
from .tool_call import ToolCall
from .tool_call_type import ToolCallType
from .tool_choice import ToolChoice
from .tool_choice_function import ToolChoiceFunction
from .tool_choice_option import ToolChoiceOption
from .tool_choice_type import ToolChoiceType
from .tool_resources import ToolResources
from .truncation_strategy import TruncationStrategy
from .truncation_strategy_type import TruncationStrategyType
from .usage import Usage

__all__ = (
    "CodeInterpreterResources",
    "CodeInterpreterTool",
    "ErrorDetail",
    "ErrorResponse",
    "FileSearchOptions",
    "FileSearchResources",
    "FileSearchTool",
    "FunctionCall",
    "FunctionDefinition",
    "FunctionParameters",
    "FunctionTool",
    "IncompleteDetails",
    "IncompleteReason",
    "JsonSchemaDocument",
    "JsonSchemaFormat",
    "Metadata",
    "ModifyRunRequest",
    "Ranker",
    "RankingOptions",
    "RequiredAction",
    "RequiredActionType",
    "ResponseFormatJsonObject",
    "ResponseFormatJsonSchema",
    "ResponseFormatOption",
    "ResponseFormatText",
    "Run",
    "RunError",
    "RunErrorCode",
    "RunObject",
    "RunStatus",
    "SubmitToolOutputs",
    "ToolCall",
    "ToolCallType",
    "ToolChoice",
    "ToolChoiceFunction",
    "ToolChoiceOption",
    "ToolChoiceType",
    "ToolResources",
    "TruncationStrategy",
    "TruncationStrategyType",
    "Usage",
)

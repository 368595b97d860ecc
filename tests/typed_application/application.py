"""An application as users of the client write it. Type checkers accept every line of it."""

import json
import warnings
from collections.abc import Iterator

from thread_runs import APIStatusError, AsyncClient, Client, NonConformingResponseWarning, NotFoundError
from thread_runs.types import (
    UNSET,
    CodeInterpreterTool,
    FileSearchTool,
    FunctionTool,
    Metadata,
    Run,
    RunStatus,
    UnknownObject,
    Unset,
)


def tag_run(client: Client, thread_id: str, run_id: str, tags: dict[str, str]) -> Run | None:
    try:
        return client.beta.threads.runs.update(run_id, thread_id=thread_id, metadata=tags)
    except NotFoundError:
        return None
    except APIStatusError as error:
        print(error.status_code, error.request_id)
        raise


async def tag_run_async(client: AsyncClient, thread_id: str, run_id: str) -> str:
    run = await client.beta.threads.runs.update(run_id, thread_id=thread_id, metadata={"reviewed": "yes"}, timeout=5)
    return run.id


def raw_status(client: Client) -> tuple[int, str | None, Run]:
    raw = client.beta.threads.runs.with_raw_response.update("run_1", thread_id="thread_1")
    print(raw.http_request.method, raw.url, raw.elapsed.total_seconds(), raw.json())
    return raw.status_code, raw.request_id, raw.parse()


def careful_client() -> Client:
    warnings.simplefilter("error", NonConformingResponseWarning)
    return Client(api_key="sk-test", responses="strict", max_retries=0).with_options(timeout=5)


def temperature(run: Run) -> float:
    if run.temperature is None or run.temperature is UNSET:
        return 1.0
    return run.temperature * 2


def nucleus(run: Run) -> float:
    return 1.0 if isinstance(run.top_p, Unset) or run.top_p is None else run.top_p + 0.5


def pending_calls(run: Run) -> list[str]:
    if not run.required_action:
        return []
    return [call.function.name for call in run.required_action.submit_tool_outputs.tool_calls]


def tool_names(run: Run) -> Iterator[str]:
    for tool in run.tools:
        if isinstance(tool, FunctionTool):
            yield tool.function.name
        elif isinstance(tool, CodeInterpreterTool | FileSearchTool):
            yield tool.type
        else:
            yield str(tool.type)


def unknown_tools(run: Run) -> list[UnknownObject]:
    return [tool for tool in run.tools if isinstance(tool, UnknownObject)]


def is_over(run: Run) -> bool:
    return run.status in (RunStatus.COMPLETED, RunStatus.FAILED)


def has_expired(run: Run) -> bool:
    return run.status == "expired"


def tokens(run: Run) -> int:
    return run.usage.total_tokens if run.usage else 0


def labels(run: Run) -> str:
    metadata: Metadata = run.metadata or Metadata()
    merged: dict[str, str] = metadata | {"seen": "yes"}
    return json.dumps(merged) + json.dumps(metadata) + metadata.get("user_id", "nobody")


def region(run: Run) -> object:
    if "region" in run:
        return run["region"]
    return dict(run).get("zone")


def dump(run: Run) -> str:
    kind: str = run.object
    return kind + run.to_json() + str(dict(run)) + str(CodeInterpreterTool())

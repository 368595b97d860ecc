"""Mistakes. Type checkers report each of them, and nothing else, on the lines that are marked."""

from thread_runs import AsyncClient, Client
from thread_runs import Clinet as MisspelledClient  # mistake: no such name
from thread_runs.types import UNSET, FunctionTool, Run, RunStatus


def call(client: Client, run: Run) -> None:
    client.beta.threads.runs.update("run_1")  # mistake: thread_id is missing
    client.beta.threads.runs.update("run_1", thread_id="thread_1", metdata={"a": "b"})  # mistake: no such argument
    client.beta.threads.runs.update("run_1", thread_id="thread_1", metadata={"a": 1})  # mistake: a value is no string
    client.beta.threads.runs.update("run_1", thread_id="thread_1", max_retries="2")  # mistake: an option's type
    Client(responses="lax")  # mistake: no such value of an option
    print(run.statsu)  # mistake: no such field
    print(run.usage.total_tokens)  # mistake: usage may be null
    if run.temperature is not UNSET:
        print(run.temperature + 1)  # mistake: temperature may be null
    print([tool.function for tool in run.tools])  # mistake: not every tool has a function
    print(RunStatus.DONE)  # mistake: no such value
    print(FunctionTool(), MisspelledClient)  # mistake: the function is missing


async def call_async(client: AsyncClient) -> str:
    return client.beta.threads.runs.update("run_1", thread_id="thread_1").id  # mistake: not awaited

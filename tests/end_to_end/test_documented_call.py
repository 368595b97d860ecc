"""The installed package against the mock server, as the README shows it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from thread_runs import AsyncClient, Client, NotFoundError

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.filterwarnings("ignore:The operation modifyRun is deprecated:DeprecationWarning")


def test_a_call_sees_what_the_previous_one_stored(base_url: str, examples: dict[str, Any]) -> None:
    with Client("sk-test", base_url=base_url) as client:
        update = client.beta.threads.runs.update
        assert update("run_abc123", thread_id="thread_abc123").to_dict() == examples["RunDocumented"]
        update("run_abc123", thread_id="thread_abc123", metadata={"step": "2"})
        run = update("run_abc123", thread_id="thread_abc123")
    assert run.metadata is not None
    assert dict(run.metadata) == {"user_id": "user_abc123", "step": "2"}


async def test_an_unknown_run_async(base_url: str) -> None:
    async with AsyncClient("sk-test", base_url=base_url) as client:
        with pytest.raises(NotFoundError, match="No run found with id 'run_x'"):
            await client.beta.threads.runs.update("run_x", thread_id="thread_abc123")


def test_make_demo(examples: dict[str, Any]) -> None:
    # The key and address of the caller must not matter.
    environment = {**os.environ, "OPENAI_API_KEY": "sk-own", "OPENAI_BASE_URL": "http://127.0.0.1:9"}
    shown = subprocess.run(
        [sys.executable, "-m", "scripts.demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert '"id": "run_abc123"' in shown
    assert "NotFoundError: 404 Not Found: No run found with id 'run_x'." in shown
    assert shown.endswith("The Run equals the documented one.\n")

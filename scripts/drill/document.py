"""The parts of the document that several changes of the drill share."""

from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]
RUN_PATH = "/threads/{thread_id}/runs/{run_id}"
THREAD_PATH = "/threads/{thread_id}"


def schemas(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def runs(document: Document) -> list[dict[str, Any]]:
    """The example Runs, which must change together with the schema of the Run."""
    return [one["value"] for name, one in document["components"]["examples"].items() if name.startswith("Run")]

# Generated from openapi.yaml by `make generate`. Do not edit.
"""What the responses of each operation are in Python. Success statuses only: the client raises for all others"""

from typing import TYPE_CHECKING, Any

from .reading import read_response

if TYPE_CHECKING:
    import httpx
    import httpx2

    from .models.run import Run


def modify_run(response: "httpx.Response | httpx2.Response", problems: list[Any]) -> "Run":

    from .models.run import Run  # noqa: PLC0415

    result_1: Run = read_response(Run, response.json(), problems)
    return result_1

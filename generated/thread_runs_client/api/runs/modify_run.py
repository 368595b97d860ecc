# Generated from openapi.yaml by `make generate`. Do not edit.
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.modify_run_request import ModifyRunRequest
from ...models.run import Run
from ...types import Response, path_segment

OPERATION = "modify_run"


def _get_kwargs(
    thread_id: str,
    run_id: str,
    *,
    body: ModifyRunRequest,
    open_ai_beta: str = "assistants=v2",
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["OpenAI-Beta"] = open_ai_beta

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/threads/{thread_id}/runs/{run_id}".format(
            thread_id=path_segment("thread_id", thread_id, str),
            run_id=path_segment("run_id", run_id, str),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ErrorResponse | Run | None:
    if response.status_code == 200:
        response_200 = Run.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = ErrorResponse.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = ErrorResponse.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = ErrorResponse.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = ErrorResponse.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = ErrorResponse.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = ErrorResponse.from_dict(response.json())

        return response_429

    if 500 <= response.status_code <= 599:
        response_5xx = ErrorResponse.from_dict(response.json())

        return response_5xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ErrorResponse | Run]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    thread_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient,
    body: ModifyRunRequest,
    open_ai_beta: str = "assistants=v2",
) -> Response[ErrorResponse | Run]:
    """Modify run

     Changes the metadata of one run and answers the whole run. Nothing but `metadata` changes.

    Whether new pairs replace the stored ones or are merged into them key by key is up to the server,
    and so
    is what `null` does. An empty body (`{}`) changes nothing.

    Args:
        thread_id (str): Identifier of the thread the run belongs to.
        run_id (str): Identifier of the run to modify.
        open_ai_beta (str): Asks for version 2 of the Assistants API. A request without it is
            refused. Default: 'assistants=v2'.
        body (ModifyRunRequest): What to change in the run.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Run]
    """

    kwargs = _get_kwargs(
        thread_id=thread_id,
        run_id=run_id,
        body=body,
        open_ai_beta=open_ai_beta,
    )
    client.check_request(OPERATION, kwargs)

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return client.build_response(_build_response, response)


def sync(
    thread_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient,
    body: ModifyRunRequest,
    open_ai_beta: str = "assistants=v2",
) -> ErrorResponse | Run | None:
    """Modify run

     Changes the metadata of one run and answers the whole run. Nothing but `metadata` changes.

    Whether new pairs replace the stored ones or are merged into them key by key is up to the server,
    and so
    is what `null` does. An empty body (`{}`) changes nothing.

    Args:
        thread_id (str): Identifier of the thread the run belongs to.
        run_id (str): Identifier of the run to modify.
        open_ai_beta (str): Asks for version 2 of the Assistants API. A request without it is
            refused. Default: 'assistants=v2'.
        body (ModifyRunRequest): What to change in the run.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Run
    """

    return sync_detailed(
        thread_id=thread_id,
        run_id=run_id,
        client=client,
        body=body,
        open_ai_beta=open_ai_beta,
    ).parsed


async def asyncio_detailed(
    thread_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient,
    body: ModifyRunRequest,
    open_ai_beta: str = "assistants=v2",
) -> Response[ErrorResponse | Run]:
    """Modify run

     Changes the metadata of one run and answers the whole run. Nothing but `metadata` changes.

    Whether new pairs replace the stored ones or are merged into them key by key is up to the server,
    and so
    is what `null` does. An empty body (`{}`) changes nothing.

    Args:
        thread_id (str): Identifier of the thread the run belongs to.
        run_id (str): Identifier of the run to modify.
        open_ai_beta (str): Asks for version 2 of the Assistants API. A request without it is
            refused. Default: 'assistants=v2'.
        body (ModifyRunRequest): What to change in the run.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Run]
    """

    kwargs = _get_kwargs(
        thread_id=thread_id,
        run_id=run_id,
        body=body,
        open_ai_beta=open_ai_beta,
    )
    client.check_request(OPERATION, kwargs)

    response = await client.get_async_httpx_client().request(**kwargs)

    return client.build_response(_build_response, response)


async def asyncio(
    thread_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient,
    body: ModifyRunRequest,
    open_ai_beta: str = "assistants=v2",
) -> ErrorResponse | Run | None:
    """Modify run

     Changes the metadata of one run and answers the whole run. Nothing but `metadata` changes.

    Whether new pairs replace the stored ones or are merged into them key by key is up to the server,
    and so
    is what `null` does. An empty body (`{}`) changes nothing.

    Args:
        thread_id (str): Identifier of the thread the run belongs to.
        run_id (str): Identifier of the run to modify.
        open_ai_beta (str): Asks for version 2 of the Assistants API. A request without it is
            refused. Default: 'assistants=v2'.
        body (ModifyRunRequest): What to change in the run.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Run
    """

    return (
        await asyncio_detailed(
            thread_id=thread_id,
            run_id=run_id,
            client=client,
            body=body,
            open_ai_beta=open_ai_beta,
        )
    ).parsed

"""Check the parameters and the body of a request against the schemas of the spec, before it is sent."""

from typing import Any

from thread_runs_client.requests import Request

from ._errors import InvalidRequestError
from ._keywords import Problems, check_of


def check_request(request: Request[Any]) -> None:
    """Raise InvalidRequestError, with every problem, if a parameter or the body exceeds a limit of the spec."""
    operation = request.operation
    values = request.values
    problems: Problems = []
    for parameter in operation.parameters:
        if parameter.argument is not None and parameter.argument in values:
            check_of(parameter.schema)(values[parameter.argument], parameter.argument, problems)
    if operation.body is not None and None in values:
        check_of(operation.body.schema)(values[None], "", problems)
    if problems:
        raise InvalidRequestError(problems)

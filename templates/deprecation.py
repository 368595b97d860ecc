"""PEP 702: `deprecated` as `warnings` has it from Python 3.13 on, for all versions."""

import functools
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    # Type checkers bring typing_extensions along, so it need not be installed.
    from typing_extensions import deprecated as deprecated
else:
    FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

    def deprecated(message: str) -> Callable[[FunctionT], FunctionT]:
        """Warn of each call, at the line of the caller; type checkers and editors mark the call."""

        def decorate(function: FunctionT) -> FunctionT:
            @functools.wraps(function)
            def warn_and_call(*args: Any, **kwargs: Any) -> Any:
                warnings.warn(message, DeprecationWarning, stacklevel=2)
                return function(*args, **kwargs)

            warn_and_call.__deprecated__ = message
            return warn_and_call

        return decorate

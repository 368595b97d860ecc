"""Read an OpenAPI document and validate it against the schema of its OpenAPI version."""

from openapi_spec_validator import validate
from openapi_spec_validator.exceptions import OpenAPISpecValidatorError
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from thread_runs_spec.document import Spec, SpecError


def parse_valid(name: str, text: str) -> Spec:
    """Read YAML or JSON. Raises SpecError if it is not a valid OpenAPI document."""
    spec = Spec.parse(name, text)
    try:
        validate(spec.root)
    except OpenAPIValidationError as error:
        pointer = tuple(map(str, error.absolute_path))
        raise SpecError(name, error.message.splitlines()[0], pointer, spec.lines.get(pointer, 0)) from None
    except OpenAPISpecValidatorError:
        raise SpecError(name, f"OpenAPI {spec.root['openapi']} is not known") from None
    return spec

"""The fields of a model: the names of their attributes, and of the properties that they are in JSON."""

from collections.abc import Callable
from functools import cache
from typing import Any

import attrs


def _names(model: Any) -> tuple[tuple[str, str], ...]:
    renamed = model._json_names
    return tuple(
        (renamed.get(field.name, field.name), field.name)
        for field in attrs.fields(model)
        if field.name != "additional_properties"
    )


def _attributes(model: Any) -> dict[str, str]:
    return dict(names(model))


names: Callable[[Any], tuple[tuple[str, str], ...]] = cache(_names)
"""Return the JSON name and the attribute of each field of a model, in the order of the class."""

attributes: Callable[[Any], dict[str, str]] = cache(_attributes)
"""Return the attribute for each JSON name."""

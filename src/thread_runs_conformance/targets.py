"""The resources that may be read and changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class TargetError(ValueError):
    """A target that cannot be read; the message quotes it."""


@dataclass(frozen=True)
class Target:
    """A resource.

    Attributes:
        values: The values of the path parameters that name it, decoded.
        is_prepared: It was created for this run (`--prepare`).
    """

    values: Mapping[str, str]
    is_prepared: bool = field(default=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Read `name=value,name=value`. A comma in a value is written `%2C`, a percent sign `%25`.

        Raises:
            TargetError: A part has no `=`, or a name or value is empty.
        """
        values = {}
        for part in text.split(","):
            name, equals, value = part.partition("=")
            if not equals or not name.strip() or not value:
                raise TargetError(f"a target is 'name=value,name=value', but this is '{text}'")
            values[name.strip()] = value.replace("%2C", ",").replace("%25", "%")
        return cls(values)

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """A hashable value that identifies the target."""
        return tuple(sorted(self.values.items()))

    def __str__(self) -> str:
        return "/".join(self.values.values())

"""Parameters of an operation."""

from dataclasses import dataclass
from typing import Any

from thread_runs_conformance.spec import Spec, written
from thread_runs_spec import operations


@dataclass(frozen=True)
class Parameter:
    """A path, query, header or cookie parameter."""

    spec: Spec
    written: operations.Parameter

    @property
    def name(self) -> str:
        return self.written.name

    @property
    def required(self) -> bool:
        return self.written.required

    @property
    def pointer(self) -> str:
        return written(self.written.node)

    @property
    def schema(self) -> str:
        """The pointer to the schema; the parameter itself if it has none."""
        return self.pointer if self.written.schema is None else written(self.written.schema.resolve())

    @property
    def has_schema(self) -> bool:
        return self.written.schema is not None

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords of the schema."""
        return self.spec.schema(self.schema)[1] if self.has_schema else {}

    @property
    def example(self) -> Any:
        """A value from the spec: `example`, `examples`, `const`, `default` or `enum`; None if there is none."""
        if self.written.examples:
            return self.written.examples[0].value
        keywords = self.keywords
        for name in ("const", "default", "example"):
            if name in keywords:
                return keywords[name]
        for name in ("examples", "enum"):
            if keywords.get(name):
                return keywords[name][0]
        return None

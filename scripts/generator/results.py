"""The return values of a method: the results of its responses, and its pages."""

from dataclasses import replace
from typing import Any

from scripts.generator.methods import PAGINATION, Method, Paging, Result
from scripts.generator.models import Models, Type
from scripts.generator.notes import Notes
from thread_runs_spec import operations as spec_operations
from thread_runs_spec.content import MediaType
from thread_runs_spec.media_types import essence


class Results:
    """Reads the success responses of operations."""

    def __init__(self, models: Models, notes: Notes) -> None:
        self._models = models
        self._notes = notes

    def read(self, operation: spec_operations.Operation, function: str) -> tuple[Result, ...]:
        """Return the results of an operation. The last one is for all other success statuses."""
        responses = [one for one in operation.responses if one.is_success]
        if not responses:
            responses = [one for one in operation.responses if one.status == "default"]
        found: list[Result] = []
        for response in responses:
            media = _preferred([*response.content])
            status = int(response.status) if response.status.isdecimal() else None
            if media is None:
                found.append(Result(status, "none", None))
            elif media.is_json:
                type_ = None
                if media.schema is not None:
                    name = "response" if len(responses) == 1 else f"response_{response.status}"
                    type_ = self._models.type_of(media.schema, name, function)
                found.append(Result(status, "json", type_))
            else:
                if essence(media.name) == "text/event-stream":
                    self._notes.add(
                        operation, "text/event-stream is not read event by event: the method returns the text"
                    )
                found.append(Result(status, "text" if media.name.startswith("text/") else "bytes", None))
        if not found:
            self._notes.add(operation, "no success response is described: the method returns None")
            return (Result(None, "none", None),)
        # A success status that the spec does not list is read like the first listed one.
        first = next((one for one in found if one.kind != "none"), found[0])
        others = [one for one in found if one is not first and one.status is not None]
        return (*others, replace(first, status=None))

    def accept(self, operation: spec_operations.Operation) -> str:
        """Return the value of the header `Accept`."""
        chosen = (_preferred([*one.content]) for one in operation.responses if one.is_success)
        return ", ".join(dict.fromkeys(media.name for media in chosen if media is not None))

    def paging(self, method: Method) -> Paging | None:
        """Return how the method's pages follow one another; None if it has no pages."""
        declared = method.operation.node.value.get(PAGINATION)
        if declared is None:
            return None
        if not isinstance(declared, dict) or not {"cursor", "next_cursor", "results"} <= set(declared):
            self._notes.add(method.operation, f"{PAGINATION} needs cursor, next_cursor and results: there are no pages")
            return None
        cursor = str(declared["cursor"]).removeprefix("$request.")
        argument = next((one.argument for one in method.parameters if one.source.name == cursor), None)
        result = method.results[-1].type
        names = ("next_cursor", "results", "has-next-page")
        found = {name: self._path(result, declared[name]) for name in names if name in declared}
        items = found.get("results")
        if argument is None or result is None or None in found.values() or items is None or items[1].item is None:
            self._notes.add(
                method.operation, f"{PAGINATION} names something that is not in the spec: there are no pages"
            )
            return None
        has_next = found.get("has-next-page")
        cursor_path = found["next_cursor"]
        assert cursor_path is not None
        return Paging(argument, cursor_path[0], items[0], has_next and has_next[0], result.annotation, items[1].item)

    def _path(self, type_: Type | None, text: Any) -> tuple[tuple[str, ...], Type] | None:
        """Return the attributes that `$response.a.b` names, and the type of the last one."""
        attributes: list[str] = []
        for name in str(text).removeprefix("$response.").split("."):
            found = type_ and self._models.attribute(type_, name)
            if not found:
                return None
            attributes.append(found[0])
            type_ = found[1]
        return (tuple(attributes), type_) if type_ else None


def _preferred(offered: list[MediaType]) -> MediaType | None:
    """Return the preferred media type: JSON, then text, then any other."""
    order = sorted(offered, key=lambda media: (not media.is_json, not media.name.startswith("text/")))
    return order[0] if order else None

"""The methods of a client: one for each operation of the spec."""

import re
from dataclasses import replace

from scripts.generator.arguments import Arguments
from scripts.generator.bodies import Bodies
from scripts.generator.methods import DEPRECATED, GROUP, METHOD, Method
from scripts.generator.models import Models
from scripts.generator.naming import attribute_of, identifier_of, names_in
from scripts.generator.notes import Note, Notes
from scripts.generator.results import Results
from scripts.repository import ROOT
from thread_runs_spec import operations as spec_operations
from thread_runs_spec.document import Spec

# Members that every group has.
_MEMBERS = frozenset({"with_raw_response"})


class Operations:
    """Reads the methods of a document. Adds to `notes` what cannot be done as the spec asks."""

    def __init__(self, spec: Spec, models: Models) -> None:
        self._notes = Notes()
        self._spec = spec
        self._arguments = Arguments(spec, models, self._notes)
        self._bodies = Bodies(spec, models, self._arguments, self._notes)
        self._results = Results(models, self._notes)
        self._client = names_in(ROOT / "src" / "thread_runs" / "_client.py")

    @property
    def notes(self) -> list[Note]:
        """Notes on what cannot be done as the spec asks."""
        return self._notes.found

    def methods(self) -> list[Method]:
        """Return the method of every operation, in the order of the document."""
        methods = [self._method(operation) for operation in spec_operations.operations(self._spec)]
        return self._unambiguous(methods)

    def _unambiguous(self, methods: list[Method]) -> list[Method]:
        """Give each method, and each function that belongs to it, a name of its own."""
        groups = {method.group[:length] for method in methods for length in range(1, len(method.group) + 1)}
        taken = {(*group, name) for group in groups for name in _MEMBERS} | groups
        functions: set[str] = set()
        found = []
        for method in methods:
            name, function = method.name, method.function
            while (*method.group, name) in taken:
                name += "_"
            if name != method.name:
                what = "a group of methods" if (*method.group, method.name) in groups else "another method"
                place = ".".join((*method.group, method.name))
                self._notes.add(method.operation, f"`{place}` is {what} already: the method is called `{name}`")
            while function in functions:
                function += "_"
            taken.add((*method.group, name))
            functions.add(function)
            found.append(replace(method, name=name, function=function))
        return found

    def _method(self, operation: spec_operations.Operation) -> Method:
        function = identifier_of(operation.name)
        if "#" in operation.path:
            sent = operation.path.partition("#")[0]
            self._notes.add(operation, f"HTTP sends no fragment of a path: the request goes to `{sent}`")
        arguments, parameters = self._arguments.read(operation, function)
        taken = {argument.name for argument in arguments}
        body, body_arguments = self._bodies.read(operation, function, taken)
        results = self._results.read(operation, function)
        path_names = [one.argument for one in parameters if one.source.location == "path"]
        media_types = {media.name for one in operation.responses if one.is_success for media in one.content}
        method = Method(
            operation=operation,
            id=operation.name,
            group=self._group(operation),
            name=attribute_of(operation.node.value.get(METHOD) or operation.name),
            function=function,
            arguments=(*arguments, *body_arguments),
            positional=path_names[-1] if path_names else None,
            parameters=tuple(parameters),
            body=body,
            results=results,
            accept=self._results.accept(operation) if len(media_types) > 1 else "",
            deprecated=self._deprecated(operation),
        )
        return replace(method, paging=self._results.paging(method))

    def _group(self, operation: spec_operations.Operation) -> tuple[str, ...]:
        named = operation.node.value.get(GROUP)
        if named is None:
            named = operation.node.value.get("tags", ["default"])[:1]
        group = [attribute_of(name) for name in ([named] if isinstance(named, str) else named)]
        if group[0] in self._client:
            self._notes.add(operation, f"the client has a member `{group[0]}`: the group is called `{group[0]}_`")
            group[0] += "_"
        return tuple(group)

    def _deprecated(self, operation: spec_operations.Operation) -> str:
        value = operation.node.value
        if value.get("deprecated") is not True:
            return ""
        message = value.get(DEPRECATED) or _first_sentence(value.get("description", ""))
        return f"The operation {operation.name} is deprecated" + (f": {' '.join(message.split())}" if message else ".")


def _first_sentence(text: str) -> str:
    found = re.match(r".*?[.!?](?=\s|$)", " ".join(text.split()))
    return found[0] if found else ""

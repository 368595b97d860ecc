"""The names that a property or parameter of the spec cannot have in Python.

The generator of the package reserves every builtin. Most of them are legal names for attributes and arguments, and
the vendor's SDK uses them: `run.object`, `tool.type`. Only the names below keep their underscore.
"""

import keyword

ANNOTATIONS = frozenset({"bool", "bytes", "datetime", "dict", "float", "int", "list", "str"})
"""Generated code uses these names in the annotations of attributes of a class."""

CODE = frozenset({"cls", "false", "isinstance", "self", "true"})
"""Generated functions use these names in addition to their arguments."""

MODEL = frozenset({"additional_keys", "additional_properties", "from_dict", "keys", "to_dict", "to_json"})
"""Every model has members with these names."""

RESERVED = ANNOTATIONS | CODE | MODEL


def is_reserved(name: str) -> bool:
    """Return whether `name` gets an underscore in Python."""
    return name in RESERVED or keyword.iskeyword(name)

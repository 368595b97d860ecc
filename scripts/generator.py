"""Run openapi-python-client with the names that this project reserves: `python -m scripts.generator generate ...`.

The generator has no option for this. Its module `strings` reads RESERVED_WORDS at each use.
"""

import builtins

from openapi_python_client import cli, strings

from scripts import names


def reserved_words() -> frozenset[str]:
    """Return what must not be an identifier: the names of `scripts.names`, and builtins that a class could hide."""
    return names.RESERVED.union(name for name in dir(builtins) if not name.islower())


def main() -> None:
    strings.RESERVED_WORDS = set(reserved_words())
    cli.app()


if __name__ == "__main__":
    main()

"""The verdicts on schemas.yaml and documents.yaml: each pair in both directions, and back again."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.diff.compare import compare

from .diff_documents import BASE, document_around, edited, gravest, read_pairs, spec

SCHEMAS = read_pairs("schemas.yaml")
DOCUMENTS = read_pairs("documents.yaml")


def verdict(old: Any, new: Any) -> str:
    changes = compare(spec("old", old), spec("new", new))
    callers, servers = ([getattr(change.rule, reader) for change in changes] for reader in ("callers", "servers"))
    return f"{gravest(callers)}/{gravest(servers)}"


def schema_cases() -> Iterator[Any]:
    for pair in SCHEMAS["pairs"]:
        schemas = pair.get("body") or [{"type": "object", "properties": {"value": schema}} for schema in pair["schema"]]
        components = SCHEMAS["components"], {**SCHEMAS["components"], **pair.get("changed", {})}
        for direction in ("request", "response"):
            old, new = (
                document_around(schema, direction, copy.deepcopy(named))
                for schema, named in zip(schemas, components, strict=True)
            )
            yield pytest.param(old, new, pair[direction], id=f"{pair['name']}, {direction}")
            yield pytest.param(new, old, pair["back"][direction], id=f"{pair['name']}, {direction}, back")


def document_cases() -> Iterator[Any]:
    for pair in DOCUMENTS["pairs"]:
        old = edited(BASE, pair.get("before", []), DOCUMENTS["aliases"])
        new = edited(old, pair["edit"], DOCUMENTS["aliases"])
        yield pytest.param(old, new, pair["verdict"], id=pair["name"])
        yield pytest.param(new, old, pair["back"], id=f"{pair['name']}, back")


@pytest.mark.parametrize(("old", "new", "expected"), [*schema_cases(), *document_cases()])
def test_the_verdict_on_a_pair(old: Any, new: Any, expected: str) -> None:
    assert verdict(old, new) == expected

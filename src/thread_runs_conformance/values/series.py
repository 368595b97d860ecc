"""Systematic series of bodies: texts of every size, bodies of every length, faults in every position.

A series is larger than the budget of a run; the seed chooses which of its cases are tried.
"""

import itertools
import json
from typing import Any

from thread_runs_conformance.operations import Operation
from thread_runs_conformance.spec import Spec
from thread_runs_conformance.values.alphabets import ALPHABETS, sizes
from thread_runs_conformance.values.named import NamedBody
from thread_runs_conformance.values.samples import NoSampleError, change, pairs, smallest_body

LENGTHS = "lengths of bodies"
"""The name of a series. Its bodies are sent as `json.dumps` writes them, so that the length is right."""
_FAULTY_KEYS = ("faulty", "7", "+7", "007", "a.b", "__proto__", "zz", "\u6f22")
"""Keys that some servers treat specially, for example as numbers."""


def texts_of_every_size(operation: Operation) -> list[NamedBody]:
    """Maps whose keys and values have every length on the way to the limit, in every alphabet, in several pairs."""
    spec, found = operation.spec, []
    try:
        base = change(operation, 7)
    except NoSampleError:
        return []
    for name, pointer in operation.maps.items():
        keywords = spec.schema(pointer)[1]
        key_limit = _limit(spec, f"{pointer}/propertyNames") if "propertyNames" in keywords else None
        value_limit = _limit(spec, f"{pointer}/additionalProperties") if "additionalProperties" in keywords else None
        most = keywords.get("maxProperties", 8)
        for salt, (size, key_alphabet, alphabet) in enumerate(
            itertools.product(sizes(value_limit or 1000), ALPHABETS, ALPHABETS)
        ):
            key_size = sizes(key_limit or 64)[salt % len(sizes(key_limit or 64))]
            count = 1 + salt % min(most, 16)
            body = {
                _key(ALPHABETS[key_alphabet], key_size, salt, index): ALPHABETS[alphabet](
                    max(size - index, 0), salt * 16 + index
                )
                for index in range(count)
            }
            text = f"{name}: {count} pairs, {alphabet} values of {size}, {key_alphabet} keys of {key_size}"
            named = NamedBody(text, {**base, name: body}, pointer, "sizes")
            if operation.accepts(named.body):
                found.append(named)
    return found


def _limit(spec: Spec, pointer: str) -> int | None:
    schema = spec.schema(pointer)[1] if isinstance(spec.node(pointer), dict) else {}
    limit: int | None = schema.get("maxLength")
    return limit


def _key(alphabet: Any, size: int, salt: int, index: int) -> str:
    """A key of a length; the pairs of one body have keys that differ in their last characters only."""
    if size < 3:
        return str(alphabet(size, salt + index))
    return str(alphabet(size - 1, salt)) + "0123456789abcdef"[index]


def of_every_length(operation: Operation) -> list[NamedBody]:
    """Bodies whose length in bytes is a multiple of common buffer sizes, or differs from it by one byte."""
    blocks = [2**power for power in range(7, 17)] + [1024 * count for count in range(1, 17)]
    found = []
    for name, pointer in operation.maps.items():
        for length in sorted({block + step for block in blocks for step in (-1, 0, 1)}):
            body = _of_length(operation, name, pointer, length)
            if body is not None and operation.accepts(body):
                found.append(NamedBody(f"{name}: a body of {length} bytes", body, pointer, LENGTHS))
    return found


def _of_length(operation: Operation, name: str, pointer: str, length: int) -> Any:
    """A body of a length in bytes; None if no pairs that the schema accepts are that long."""
    spec = operation.spec
    keywords = spec.schema(pointer)[1]
    longest = (_limit(spec, f"{pointer}/additionalProperties") if "additionalProperties" in keywords else None) or 1000
    try:
        base = smallest_body(operation, 3)
    except NoSampleError:
        return None
    if not isinstance(base, dict):
        return None
    made: dict[str, str] = {}
    for index in range(min(keywords.get("maxProperties", 64), 64)):
        made[f"k{index:02}"] = ""
        missing = length - len(json.dumps({**base, name: made}, ensure_ascii=False))
        if missing < 0:
            return None
        # The last pair is at least as long as the rest of a next one.
        made[f"k{index:02}"] = ALPHABETS["ASCII"](min(missing, longest), length + index)
        if missing <= longest:
            return {**base, name: made}
        if missing - longest < 10:
            made[f"k{index:02}"] = ALPHABETS["ASCII"](longest - 10, length + index)
    return None


def faults_in_every_position(operation: Operation) -> list[NamedBody]:
    """One pair that violates a rule, at each position among as many valid pairs as the schema accepts."""
    spec, found = operation.spec, []
    for name, pointer in operation.maps.items():
        keywords = spec.schema(pointer)[1]
        most = min(keywords.get("maxProperties", 16), 64)
        faults = _faulty_pairs(spec, pointer, keywords)
        try:
            base = smallest_body(operation, 5)
        except NoSampleError:
            continue
        if not isinstance(base, dict) or most < 4:
            continue
        for position, (index, fault) in itertools.product(range(most), enumerate(faults)):
            good = list(pairs(spec, pointer, 700 + position, most - 1).items())
            key, value = fault(_FAULTY_KEYS[(position + index) % len(_FAULTY_KEYS)])
            mixed = dict([*good[:position], (key, value), *good[position:]])
            body, bare = {**base, name: mixed}, {**base, name: {key: value}}
            if operation.accepts(body) or operation.accepts(bare):
                continue
            rule = spec.violations(operation.body or "", bare)[0].pointer
            kind = "key" if isinstance(value, str) and len(key) > len(value) else "value"
            words = f"{name}: a wrong {kind} ({type(value).__name__}) as pair {position + 1} of {most}"
            found.append(NamedBody(words, body, rule, "positions of faults", bare))
    return found


def _faulty_pairs(spec: Spec, pointer: str, keywords: dict[str, Any]) -> list[Any]:
    """Functions that make an invalid pair from a key."""
    found: list[Any] = [lambda key: (key, 7), lambda key: (key, None)]
    longest = _limit(spec, f"{pointer}/additionalProperties") if "additionalProperties" in keywords else None
    if longest is not None:
        found.append(lambda key: (key, ALPHABETS["ASCII"](longest + 1, 900)))
    longest_key = _limit(spec, f"{pointer}/propertyNames") if "propertyNames" in keywords else None
    if longest_key is not None:
        found.append(lambda key: (ALPHABETS["ASCII"](longest_key + 1, 901), "v"))
    return found

"""YAML and JSON text becomes JSON data, or one line that says where it does not."""

import contextlib
import json
import random
from typing import Any

import pytest

from thread_runs_spec.document import Spec, SpecError

HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n"


def value(text: str) -> Any:
    """The value of `x-value: TEXT`."""
    return Spec.parse("a.yaml", f"{HEAD}x-value: {text}\n").root["x-value"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The core schema of YAML 1.2, section 10.3.2. PyYAML reads YAML 1.1, where most of these differ.
        ("2026-08-26", "2026-08-26"),
        ("2026-08-26T10:00:00Z", "2026-08-26T10:00:00Z"),
        ("yes", "yes"),
        ("Off", "Off"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("010", 10),
        ("-12", -12),
        ("+12", 12),
        ("0o17", 15),
        ("0xfF", 255),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5E-2", -0.015),
        ("1.2.3", "1.2.3"),
        ("-a", "-a"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("'12'", "12"),
        ('"null"', "null"),
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("!!int '12'", 12),
        ("!!float 1", 1),
        ("!!seq [1]", [1]),
        ("!!map {a: 1}", {"a": 1}),
        ("=", "="),
        ("[<<, a]", ["<<", "a"]),
    ],
)
def test_scalars_are_read_as_yaml_1_2(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_keys_are_text_whatever_they_look_like() -> None:
    assert value("{200: a, true: b, null: c, 1.0: d, 2026-08-26: e}") == {
        "200": "a",
        "true": "b",
        "null": "c",
        "1.0": "d",
        "2026-08-26": "e",
    }


def test_merge_keys_give_what_the_object_does_not_have_itself() -> None:
    spec = Spec.parse(
        "a.yaml",
        f"{HEAD}x-base: &base\n  a: 1\n  b: 2\nx-more: &more {{b: 3, c: 4}}\n"
        "x-one:\n  <<: *base\n  a: 5\nx-two: {<<: [*base, *more], '<<': 6}\n",
    )
    assert spec.root["x-one"] == {"a": 5, "b": 2}
    assert spec.root["x-two"] == {"a": 1, "b": 2, "c": 4, "<<": 6}
    assert spec.at(("x-one", "b")).line == 6


def test_json_is_read_as_json_has_it() -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": '\U0001f642 \\ud83d " /', "version": "1"},
        "paths": {},
    }
    for text in (
        json.dumps(document),
        json.dumps(document, indent="\t"),
        json.dumps(document, ensure_ascii=False, separators=(",", ":")),
        "\ufeff" + json.dumps(document).replace("/", "\\/"),
    ):
        assert Spec.parse("a.json", text).root == document


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "a.yaml:2: not YAML: did not find expected node content"),
        ("a:\n  - b\n c", "a.yaml:3: not YAML: "),
        ("a: *b", "a.yaml:1: not YAML: undefined alias 'b'"),
        ("a: \x00", "a.yaml: not YAML: control characters are not allowed"),
        ("a: '\ud800'", "a.yaml: not YAML: it holds a lone surrogate"),
        ("a: 1\na: 2", "a.yaml:2: /: key 'a' is given twice"),
        ("a: {200: 1, '200': 2}", "a.yaml:1: /a: key '200' is given twice"),
        ("{[1]: 2}", "a.yaml:1: /: a key that is not text"),
        ("a: 1\n---\nb: 1", "a.yaml:2: more than one YAML document"),
        ("a: &x\n  b: *x", "a.yaml:1: /a/b: an alias that contains itself"),
        ("a: &x\n  <<: *x", "a.yaml:1: /a: an alias that contains itself"),
        ("a:\n  <<: 1", "a.yaml:2: /a: `<<` takes an object or an array of objects"),
        ("a: !!set {b}", "a.yaml:1: not JSON data: the tag !!set"),
        ("a:\n- !!binary aGk=", "a.yaml:2: /a/0: not JSON data: the tag '"),
        ("a: !mine 1", "a.yaml:1: /a: not JSON data: the tag '!mine'"),
        ("a: .nan", "a.yaml:1: /a: not JSON data: .nan is not a finite number"),
        ("a: -.inf", "a.yaml:1: /a: not JSON data: -.inf is not a finite number"),
        ("a: 1e999", "a.yaml:1: /a: not JSON data: 1e999 is not a finite number"),
        ("a: " + "1" * 5000, "a.yaml:1: /a: not JSON data: an integer of more than 4,000 digits"),
        ("[" * 100_000, "a.yaml:1: nested more than 200 levels deep"),
        ("a: " + "{a: " * 300 + "1" + "}" * 300, "a.yaml:1: nested more than 200 levels deep"),
        ("", "a.yaml: not an OpenAPI 3 document"),
        ("[]", "a.yaml: not an OpenAPI 3 document"),
        ("swagger: '2.0'", "a.yaml: not an OpenAPI 3 document"),
        ("openapi: 3.1.0", "a.yaml: `info` is not an object"),
        ("openapi: 3.1.0\ninfo: {}\npaths: []", "a.yaml:3: `paths` is not an object"),
        ("openapi: 3.0.3\ninfo: {}", "a.yaml: `paths` is not an object"),
    ],
)
def test_text_that_cannot_be_read_gets_one_line_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        Spec.parse("a.yaml", text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_aliases_cannot_multiply_without_end() -> None:
    levels = ["x0: &x0 [1, 2, 3, 4, 5, 6, 7, 8, 9]"]
    levels += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(SpecError, match="aliases add more than 200,000 values"):
        Spec.parse("a.yaml", HEAD + "\n".join(levels))
    deep = ["x0: &x0 [1]", *(f"x{n}: &x{n} {'[' * 50}*x{n - 1}{']' * 50}" for n in range(1, 6))]
    with pytest.raises(SpecError, match="nested more than 200 levels deep"):
        Spec.parse("a.yaml", HEAD + "\n".join(deep))


def test_an_alias_keeps_the_lines_of_where_it_is_used() -> None:
    spec = Spec.parse("a.yaml", f"{HEAD}x-a: &a\n  b: 1\nx-c: *a\n")
    assert [spec.at(pointer).line for pointer in (("x-a",), ("x-a", "b"), ("x-c",), ("x-c", "b"))] == [4, 5, 6, 5]


def test_damaged_documents_raise_nothing_but_spec_errors() -> None:
    text = (
        HEAD
        + "components: {schemas: {A: {type: [object, 'null'], properties: {b: {$ref: '#/components/schemas/A'}}}}}\n"
    )
    chance = random.Random(7)
    for _ in range(500):
        damaged = list(text)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(damaged))
            damaged[place : place + chance.randint(0, 5)] = chance.choice("{}[]:,&*!<'\"#\n\t -|>%@a1~")
        with contextlib.suppress(SpecError):
            Spec.parse("a.yaml", "".join(damaged))

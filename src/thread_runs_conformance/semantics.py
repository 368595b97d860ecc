"""How a server changes a map of the caller's own pairs: what the contract leaves open is learned, then held to."""

import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

Pairs = dict[str, str]


@dataclass
class Semantics:
    """What was learned; None is not known yet.

    Attributes:
        merge: New pairs are merged into the stored ones; otherwise they replace them.
        null_clears: Null removes all pairs; otherwise it changes nothing.
    """

    merge: bool | None = None
    null_clears: bool | None = None

    def expected(self, stored: Pairs, sent: Pairs | None) -> list[Pairs]:
        """What may be stored after `sent`: one value once everything is known."""
        if sent is None:
            cleared: dict[bool | None, list[Pairs]] = {True: [{}], False: [stored], None: [{}, stored]}
            return cleared[self.null_clears]
        merged = {**stored, **sent}
        return {True: [merged], False: [sent], None: [merged, sent]}[self.merge]

    @property
    def can_remove(self) -> bool:
        """Whether pairs that were added can be taken away again."""
        return self.merge is False or bool(self.null_clears)

    def clearing(self) -> Pairs | None:
        """What to send to have no pairs; only if `can_remove`."""
        return None if self.null_clears else {}

    def __str__(self) -> str:
        modes = {
            True: "new pairs are merged into the stored ones",
            False: "new pairs replace the stored ones",
            None: "whether new pairs are merged or replace could not be learned",
        }
        nulls = {
            True: "null removes all pairs",
            False: "null changes nothing",
            None: "what null does could not be learned",
        }
        return f"{modes[self.merge]}; {nulls[self.null_clears]}"


def pairs_of(value: Any) -> Pairs:
    """The pairs of a map in a resource: null and an empty map are both none."""
    return dict(value) if isinstance(value, dict) else {}


def damage(stored: Pairs, sent: Pairs | None, expected: Pairs, got: Pairs, other_mode: Pairs | None) -> tuple[str, str]:
    """What happened to the pairs: a short name for the kind of damage, and a sentence."""
    if got == stored != expected:
        return "not-applied", "The change is not in the answer: it shows what was stored before."
    if other_mode is not None and got == other_mode:
        return (
            "contradiction",
            "The server contradicts itself: it merges pairs in one call and replaces them in another.",
        )
    for key in sent or {}:
        if key not in got:
            return _lost_key(key, sent or {}, got)
    for key, value in expected.items():
        if key in got and got[key] != value:
            kind, words = _changed(value, got[key])
            return f"value-{kind}", f"A value comes back {words}: {_shown(value)} became {_shown(got[key])}."
    if lost := [key for key in expected if key not in got]:
        return "pair-lost", f"A pair that was stored is lost: {_shown(lost[0])}."
    extra = [key for key in got if key not in expected]
    if not expected:
        return "not-cleared", f"Pairs are still there after they were removed: {_shown(extra[0])}."
    return "extra-pair", f"A pair appears that should not be there: {_shown(extra[0])}."


def _lost_key(key: str, sent: Pairs, got: Pairs) -> tuple[str, str]:
    for name in got:
        if name not in sent and got[name] == sent[key]:
            kind, words = _changed(key, name)
            return f"key-{kind}", f"A key comes back {words}: {_shown(key)} became {_shown(name)}."
    # Two keys that became one leave one value less.
    for name in sent:
        if name != key and unicodedata.normalize("NFKC", name).strip().casefold() == (
            unicodedata.normalize("NFKC", key).strip().casefold()
        ):
            return "key-merged", f"Two keys are taken for one: {_shown(key)} and {_shown(name)}."
    return "key-lost", f"A pair that was sent is not in the answer: {_shown(key)}."


def _changed(before: str, after: Any) -> tuple[str, str]:
    if not isinstance(after, str):
        return "type", "as another type"
    changes = [
        ("cut", "cut off", before.startswith(after) and before.rstrip() != after),
        ("stripped", "without its spaces at the ends", before.strip() == after.strip()),
        ("case", "in another case", before.casefold() == after.casefold()),
        *((f"{form}", f"normalised to {form}", unicodedata.normalize(form, before) == after) for form in _FORMS),
    ]
    return next(((kind, words) for kind, words, true in changes if true), ("changed", "changed"))


_FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")


def _shown(text: Any) -> str:
    shown = ascii(text)
    return shown if len(shown) <= 80 else f"{shown[:60]}… ({len(text)} characters)"

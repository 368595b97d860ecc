"""How a server changes a map: the first calls show what the spec leaves open; all others must do the same."""

import unicodedata
from dataclasses import dataclass
from typing import Any

Pairs = dict[str, str]
FORMS = ("NFC", "NFD", "NFKC", "NFKD")
"""Unicode normalization forms."""


@dataclass
class Semantics:
    """What was learned about an operation; None means not known yet.

    Attributes:
        merge: New pairs are merged into the stored ones; otherwise they replace them.
        null_clears: Null removes all pairs; otherwise it changes nothing.
    """

    merge: bool | None = None
    null_clears: bool | None = None

    def expected(self, stored: Pairs, sent: Pairs | None) -> list[Pairs]:
        """The values that may be stored after `sent`; only one once everything is known."""
        if sent is None:
            cleared: dict[bool | None, list[Pairs]] = {True: [{}], False: [stored], None: [{}, stored]}
            return cleared[self.null_clears]
        merged = {**stored, **sent}
        return {True: [merged], False: [sent], None: [merged, sent]}[self.merge]

    @property
    def can_remove(self) -> bool:
        """Whether pairs that were added can be removed again."""
        return self.merge is False or bool(self.null_clears)

    @property
    def why_none_are_added(self) -> str:
        """Why no pairs are added to a live resource; only if not `can_remove`."""
        if self.merge is None and self.null_clears is None:
            return "it would add pairs, and it could not be learned whether this server can remove them"
        return "it would add pairs that this server has no way to remove"

    def clearing(self) -> Pairs | None:
        """The value that removes all pairs; only if `can_remove`."""
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


@dataclass(frozen=True)
class Damage:
    """How pairs were damaged.

    Attributes:
        code: The rule.
        key: What distinguishes this defect from others with the same code.
        forms: For a normalization, the forms that explain it.
    """

    code: str
    sentence: str
    key: str = ""
    forms: frozenset[str] = frozenset()


def pairs_of(value: Any) -> Pairs:
    """The pairs of a map in a resource. Null and an empty map both mean no pairs."""
    return dict(value) if isinstance(value, dict) else {}


def damage(stored: Pairs, sent: Pairs | None, expected: Pairs, got: Pairs, other_mode: Pairs | None) -> Damage:
    """Describe the most specific difference between the expected pairs and those in the response."""
    if got == stored != expected:
        return Damage("change-not-applied", "The response does not show the change: it shows what was stored before.")
    if other_mode is not None and got == other_mode:
        return Damage(
            "inconsistent-update",
            "The server contradicts itself: it merges pairs in one call and replaces them in another.",
        )
    for key in sent or {}:
        if key not in got:
            return _lost_key(key, sent or {}, got)
    for key, value in expected.items():
        if key in got and got[key] != value:
            return _changed("value", value, got[key])
    if lost := [key for key in expected if key not in got]:
        return _gone(lost[0], got, expected)
    extra = [key for key in got if key not in expected]
    if not expected:
        return Damage("not-cleared", f"Pairs are still stored after they were removed: {_shown(extra[0])}.")
    return Damage("extra-pair", f"A pair appears that nobody sent: {_shown(extra[0])}.")


def _gone(key: str, got: Pairs, expected: Pairs) -> Damage:
    """A stored pair, which was not sent again, is missing."""
    for name in got:
        if name not in expected:
            found = _changed("key", key, name)
            if found.code != "key-changed":
                return found
    for name in expected:
        if name != key and (same := _confused(key, name)):
            return same
    return Damage("pair-lost", f"A pair that was stored is lost: {_shown(key)}.")


def _lost_key(key: str, sent: Pairs, got: Pairs) -> Damage:
    for name in got:
        if got[name] == sent[key]:
            # All values of a request differ: this is the pair, under another key.
            if name not in sent:
                return _changed("key", key, name)
            merged = f"Two keys are stored as one: {_shown(key)} and {_shown(name)}."
            return _confused(key, name) or Damage("keys-merged", merged)
    # Two keys that became one leave one value less.
    for name in [*sent, *got]:
        if name != key and (found := _confused(key, name)):
            return found
    for name in got:
        if name not in sent and _changed("key", key, name).code != "key-changed":
            return _changed("key", key, name)
    return Damage("key-lost", f"A pair that was sent is not in the response: {_shown(key)}.")


def _confused(one: str, other: str) -> Damage | None:
    """A reason why a server may confuse two keys."""
    words = f"Two keys are stored as one: {_shown(one)} and {_shown(other)}"
    forms = frozenset(form for form in FORMS if _normal(form, one) == _normal(form, other))
    if forms:
        return Damage("text-normalized", f"{words} ({_least(forms)} is the same).", forms=forms)
    if one.strip() == other.strip():
        return Damage("text-trimmed", f"{words} (without the white space at the ends).")
    if one.casefold() == other.casefold():
        return Damage("text-case", f"{words} (upper and lower case are not distinguished).")
    plain = [_normal("NFKC", text).strip().casefold() for text in (one, other)]
    if plain[0] == plain[1] or one.rstrip("\x00") == other.rstrip("\x00"):
        return Damage("keys-merged", f"{words}.")
    stripped = ["".join(c for c in _normal("NFKD", text).casefold() if c.isalnum()) for text in (one, other)]
    if stripped[0] and stripped[0] == stripped[1]:
        return Damage("keys-merged", f"{words}.")
    return None


def _changed(what: str, before: str, after: Any) -> Damage:
    """How a text changed; `what` is `key` or `value`."""
    shown = f"{_shown(before)} became {_shown(after)}"
    if not isinstance(after, str):
        return Damage("value-type", f"A {what} comes back as another type: {shown}.")
    forms = frozenset(form for form in FORMS if _normal(form, before) == after)
    if forms:
        return Damage("text-normalized", f"A {what} comes back normalized to {_least(forms)}: {shown}.", forms=forms)
    if before.strip() == after.strip() or before.strip(_BLANK) == after.strip(_BLANK):
        return Damage("text-trimmed", f"A {what} comes back without the white space at its ends: {shown}.")
    if after and len(after) < len(before) and (before.startswith(after) or before.endswith(after)):
        return Damage("text-cut", f"A {what} comes back cut off: {shown}.")
    if after in (before.lower(), before.upper(), before.casefold(), before.title(), before.swapcase()):
        return Damage("text-case", f"A {what} comes back in another case: {shown}.")
    return Damage(f"{what}-changed", f"A {what} comes back changed: {shown}.")


_BLANK = " \t\r\n\x00\u00a0\u200b\ufeff"


def _normal(form: str, text: str) -> str:
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]  # one of FORMS


def _least(forms: frozenset[str]) -> str:
    """The form that changes least among those that explain the responses."""
    return next(form for form in FORMS if form in forms)


def normalization_sentence(damage: Damage, forms: frozenset[str]) -> str:
    """The sentence for the forms that explain all responses."""
    return damage.sentence.replace(_least(damage.forms), _least(forms)) if forms else damage.sentence


def _shown(text: Any) -> str:
    shown = ascii(text)
    return shown if len(shown) <= 80 else f"{shown[:60]}… ({len(text)} characters)"

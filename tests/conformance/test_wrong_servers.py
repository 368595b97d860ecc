"""Wrong servers of each kind, judged in process by cases about their fault; `make mutants` judges them all."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.judging import judged, wrong_server
from tests.conformance.wrong_servers import FROM_OTHER_ANGLES, MUTANTS
from thread_runs_conformance.report import WRITERS

BY_NAME = {
    **{f"{mutant.group}: {mutant.name}": mutant for mutant in MUTANTS},
    **{mutant.name: mutant for mutant in FROM_OTHER_ANGLES},
}

FINDINGS = [
    # The wrong server, the cases, and the finding: its code and what it says.
    ("status: 201 instead of 200", "targets", "undocumented-status", "The server answers 201"),
    ("status: 302 instead of 200", "targets", "undocumented-status", "The server answers 302"),
    ("status: 404 instead of 200", "targets", "valid-request-rejected", "check the identifiers you gave"),
    ("status: 500 instead of 200", "targets", "server-error", "A valid request is rejected with 500"),
    ("status: 418 instead of 400", "bodies: modifyRun: an integer", "undocumented-status", "answers 418"),
    ("status: 409 instead of 400", "bodies: modifyRun: an integer", "wrong-status", "with 409 instead of 400 or 422"),
    ("status: 500 instead of 400", "bodies: modifyRun: an integer", "server-error", "must be rejected with a 4XX"),
    ("status: 400 instead of 405", "methods", "wrong-status", "with 400 instead of 405 or 404 or 501"),
    ("status: 500 instead of 413", "two megabytes", "server-error", "A body of two megabytes is answered 500"),
    ("headers: no x-request-id", "targets", "missing-header", "no header x-request-id"),
    ("headers: no x-request-id on 413", "two megabytes", "missing-header", "no header x-request-id"),
    ("headers: an empty x-request-id", "targets", "invalid-header", "x-request-id does not match its schema"),
    ("headers: the same x-request-id on every error", "rejected bodies", "repeated-request-id", "the same x-"),
    ("headers: charset latin-1", "targets", "content-type", "names the charset iso-8859-1"),
    ("headers: text/html on 200", "targets", "content-type", "of a success is text/html"),
    ("headers: no content type on 200", "targets", "content-type", "of a success is missing"),
    ("headers: text/plain on errors", "bodies: modifyRun: an", "content-type", "of an error is text/plain"),
    ("headers: no Allow on 405", "methods", "allow", "must list the allowed methods"),
    ("schema: created_at is in milliseconds", "targets", "milliseconds", "`created_at` is not in seconds"),
    ("schema: an unknown code of last_error", "targets", "schema", "at `last_error.code`"),
    ("schema: the run inside an array", "targets", "schema", "The body of a success does not match its schema: ["),
    ("errors: the message is an array", "bodies: modifyRun: an", "schema", "The body of an error does not match"),
    ("errors: 404 without its envelope", "identifiers", "schema", '"error" is a required property'),
    ("errors: errors cut off", "bodies: modifyRun: an", "not-json", "The body of an error is not JSON"),
    ("text: answers with a byte order mark", "targets", "not-json", "begins with a byte order mark"),
    ("text: answers with a name twice", "targets", "not-json", "a name occurs twice in one object"),
    ("text: answers in UTF-16", "targets", "not-json", "not UTF-8 at byte 0"),
    ("text: answers NaN for null", "targets", "not-json", "NaN is not JSON"),
    ("rare: 503 for a valid request, every 7th", "many changes", "server-error-intermittent", "succeeds when it is"),
    ("limits: a value counted in UTF-16 units", "511 astral", "valid-request-rejected", "511 astral characters"),
    ("limits: a value counted after nfc", "513 combining", "invalid-request-accepted", "513 combining characters"),
    ("limits: a value is cut at 255", "values of 511", "text-cut", "A value comes back cut off"),
    ("limits: an empty body refused", "limits", "valid-request-rejected", "reading the resources"),
    ("limits: the limit on pairs is not kept across calls", "across calls", "invalid-request-accepted", "beyond the"),
    ("text: values normalised to NFC", "texts", "text-normalized", "normalized to NFC"),
    ("text: values normalised to NFKC", "texts", "text-normalized", "normalized to NFKC"),
    ("text: keys normalised to NFKC", "keys", "text-normalized", "Two keys are stored as one: '\\uff21' and 'A'"),
    ("hiragana and katakana are equal in keys", "keys", "keys-merged", "Two keys are stored as one: '\\u30a2' and"),
    ("variation selectors do not count in keys", "without weight", "keys-merged", "'\\u2764\\ufe0f' and '\\u2764'"),
    ("keys are compared in lower case by Turkish rules", "Turkish", "keys-merged", "'I' and '\\u0131'"),
    ("values behind the eighth are cut, not refused", "rejected bodies", "invalid-request-accepted", "as pair"),
    ("times with an offset are converted to UTC", "texts", "value-changed", "+02:00' became"),
    ("a decimal comma becomes a point", "texts", "value-changed", "'1,50' became '1.50'"),
    ("emoji newer than Unicode 6 become question marks", "texts", "value-changed", "became '??"),
    ("plus and minus infinity become empty", "texts", "value-changed", "'Infinity' became ''"),
    ("text: values stripped", "texts", "text-trimmed", "without the white space at its ends"),
    ("text: keys stripped", "keys", "text-trimmed", "without the white space at the ends"),
    ("text: keys in lower case", "texts", "text-case", "in another case"),
    ("text: keys in lower case", "keys", "text-case", "in another case"),
    ("text: keys cut at NUL", "keys", "keys-merged", "Two keys are stored as one"),
    ("text: values with double spaces as one", "texts", "value-changed", "'a  b' became 'a b'"),
    ("text: a pair with the key '__proto__' is dropped", "texts", "key-lost", "not in the response: '__proto__'"),
    ("text: keys with dots as underscores", "keys", "key-changed", "'1.0' became '1_0'"),
    ("state: every 7th change is lost", "many changes", "change-not-applied", "shows what was stored before"),
    ("state: every 7th call replaces instead of merging", "many changes", "inconsistent-update", "merges pairs in"),
    ("state: null removes up to 3 pairs", "limits", "inconsistent-update", "null removes all pairs in one call"),
    ("state: null removes all pairs but one", "after a rejection", "not-cleared", "still stored after they"),
    ("state: a marker of its own is stored", "many changes", "extra-pair", "nobody sent: 'updated_by'"),
    ("state: a server that replaces keeps one old pair", "many changes", "pair-lost", "stored is lost"),
    ("state: a request without metadata removes all pairs", "examples", "unchanged-field-changed", "without `meta"),
    ("state: the first read after a change is late", "several connections", "stale-read", "what the last change"),
    ("state: each connection has a state of its own", "spellings", "spelling-changes-meaning", "has another effect"),
    ("leaks: all runs share their pairs", "at the end", "not-durable", "does not hold what was stored last"),
    ("leaks: a change of one run shows in the one read before", "interleaved", "changed-without-request", "`metadata`"),
    ("other fields: a change removes usage", "targets", "other-field-changed", "`usage` changes although"),
    ("other fields: a change sets status to queued", "targets", "other-field-changed", "that has ended"),
    (
        "other fields: the answer has the id of another run",
        "targets",
        "wrong-resource",
        "not the resource that the path names",
    ),
    ("routing: identifiers are decoded twice", "identifiers", "invalid-request-accepted", "encoded twice"),
    ("routing: the run id is ignored", "identifiers", "invalid-request-accepted", "A resource under the `thread_id`"),
    ("refused calls that write: the method DELETE removes all pairs", "methods", "rejected-request-stored", "now {}"),
    (
        "limits: pairs beyond 16 are dropped instead of refused",
        "bodies: modifyRun: metadata",
        "invalid-request-accepted",
        "17",
    ),
    ("routing: DELETE is answered like POST", "methods", "invalid-request-accepted", "The method DELETE"),
    ("authentication: the beginning of the key is enough", "authentication", "invalid-request-accepted", "beginning"),
    ("request headers: a content type with a charset is refused", "spellings", "spelling-rejected", "a charset"),
    ("refused calls that write: a body that is not JSON", "not JSON", "rejected-request-stored", "yet changes"),
    ("concurrency: of two writers at once one is lost", "concurrency", "lost-update", "is missing"),
    ("concurrency: two sets at once are mixed", "concurrency", "not-linearizable", "No order of the calls"),
    ("of two requests at once each gets the response of the other", "concurrency", "change-not-shown", "its own"),
    ("a wrong key is repeated in full in the message", "authentication", "secret-in-response", "or most of it"),
]


def rows() -> Iterator[Any]:
    """Return the parameters of a test: the first server of each code is judged while coverage is measured."""
    codes: set[str] = set()
    for row in FINDINGS:
        name, only, code, _ = row
        marks = [pytest.mark.unmeasured] if code in codes else []
        codes.add(code)
        yield pytest.param(*row, id=f"{name} ({only})", marks=marks)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "only", "code", "words"), [*rows()])
def test_a_wrong_server_is_detected(tmp_path: Path, name: str, only: str, code: str, words: str) -> None:
    report = judged(wrong_server(BY_NAME[name], tmp_path), only)
    assert (report.errors, report.cut_off, report.exit_status) == ([], [], 1)
    sentences = [finding.sentence for finding in report.findings if finding.code == code]
    assert [sentence for sentence in sentences if words in sentence], WRITERS["text"](report)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_command_judges_the_servers_that_are_named() -> None:
    names = ["status: 201 instead of 200", "headers: an empty x-request-id"]
    environment = {**os.environ, "ONLY": "|".join(names), "SEEDS": "0", "PROFILE": "quick"}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.mutants"], env=environment, capture_output=True, encoding="utf-8"
    )
    found = dict(re.findall(r"^ *\d+ (.*?)  caught by ([\w-]+): ", done.stdout, re.MULTILINE))
    assert found == {names[0]: "undocumented-status", names[1]: "invalid-header"}, done.stdout
    assert done.returncode == 0


def test_mutants_are_enough_and_each_has_its_own_name() -> None:
    names = [f"{mutant.group}: {mutant.name}" for mutant in MUTANTS]
    assert len(set(names)) == len(names) >= 150

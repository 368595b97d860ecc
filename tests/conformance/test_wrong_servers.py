"""A few wrong servers of each kind; `make mutants` runs them all."""

import os
import re
import subprocess
import sys

import pytest

from tests.conformance.wrong_servers import MUTANTS

CAUGHT = {
    "status: 201 instead of 200": "undocumented-status",
    "headers: no Allow on 405": "allow",
    "headers: the same x-request-id on every error": "repeated-request-id",
    "schema: an unknown code of last_error": "schema",
    "errors: 404 without its envelope": "schema",
    "rare: 503 for a valid request, every 7th": "server-error-intermittent",
    "limits: a value counted in UTF-16 units": "valid-request-rejected",
    "limits: a value counted after nfc": "invalid-request-accepted",
    "text: values normalised to NFC": "text-normalized",
    "authentication: the beginning of the key is enough": "invalid-request-accepted",
    "refused calls that write: a body that is not JSON": "rejected-request-stored",
    "state: every 20th call replaces instead of merging": "inconsistent-update",
    "leaks: runs of the same id on two threads share their pairs": "changed-without-request",
    "other fields: a change removes usage": "other-field-changed",
    "routing: identifiers are decoded twice": "invalid-request-accepted",
    "concurrency: of two writers at once one is lost": "lost-update",
}


@pytest.mark.slow
def test_wrong_servers_are_caught_by_what_they_do() -> None:
    names = [f"{mutant.group}: {mutant.name}" for mutant in MUTANTS]
    assert set(CAUGHT) <= set(names)
    environment = {**os.environ, "ONLY": "|".join(CAUGHT), "SEEDS": "0", "PROFILE": "quick"}
    done = subprocess.run([sys.executable, "-m", "scripts.mutants"], env=environment, capture_output=True, text=True)
    found = dict(re.findall(r"^ *\d+ (.*?)  caught by ([\w-]+): ", done.stdout, re.MULTILINE))
    assert {name: found.get(name) for name in CAUGHT} == CAUGHT, done.stdout
    assert done.returncode == 0


def test_mutants_are_enough_and_each_has_its_own_name() -> None:
    names = [f"{mutant.group}: {mutant.name}" for mutant in MUTANTS]
    assert len(set(names)) == len(names) >= 150

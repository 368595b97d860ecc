"""The options of the command line, the environment variables that stand for them, and bad input."""

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.conformance.conftest import RUN
from thread_runs_conformance import judge
from thread_runs_conformance.command_line import read_options
from thread_runs_conformance.options import OptionsError
from thread_runs_spec import PACKAGED

SERVER = {"BASE_URL": "http://127.0.0.1:9", **RUN}


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        ("", {"BASE_URL": "http://127.0.0.1:9", "THREAD_ID": "x"}, "RUN_ID is needed in addition to THREAD_ID"),
        ("", {**SERVER, "BASE_URL": "127.0.0.1"}, "BASE_URL must be a URL"),
        ("--base-url 127.0.0.1", {}, "--base-url must be a URL"),
        ("", {"PROFILE": "fast"}, "PROFILE must be one of quick, ci, deep"),
        ("", {"RATE": "many"}, "RATE must be a number"),
        ("--seed 1.5", {}, "--seed must be a whole number that is not negative, but is '1.5'"),
        ("", {"BUDGET": "-1"}, "BUDGET must be a whole number that is not negative, but is '-1'"),
        ("--rate inf", {}, "--rate must be a number that is not negative, but is 'inf'"),
        ("", {"METADATA": "both"}, "METADATA must be one of merge, replace"),
        ("", {"SPEC": "nowhere.yaml"}, "SPEC names no file"),
        ("", {**SERVER, "MORE_RUNS": "run_1"}, "MORE_RUNS must be 'thread/run' pairs, but has 'run_1'"),
        ("--target run_id=", SERVER, "--target: a target is 'name=value,name=value', but this is 'run_id='"),
        ("--header X-Team", {}, "--header must be 'NAME:VALUE', but is 'X-Team'"),
        ("--query =1", {}, "--query must be 'NAME=VALUE', but is '=1'"),
        ("--ca-bundle nowhere.pem", {}, "--ca-bundle names no file: nowhere.pem"),
        (f"--ca-bundle {PACKAGED}", {}, f"--ca-bundle {PACKAGED} cannot be read"),
    ],
)
def test_bad_input_is_named(arguments: str, environment: dict[str, str], message: str) -> None:
    with pytest.raises(OptionsError) as caught:
        read_options(arguments.split(), environment)
    assert message in str(caught.value)


def test_environment_variables_stand_for_options() -> None:
    environment = {**SERVER, "MORE_RUNS": "t/r1 t/r2", "OPENAI_API_KEY": "sk-1", "ANY_KEY": "yes", "DISPOSABLE": "off"}
    options = read_options([], environment)
    assert [str(target) for target in options.targets] == ["thread_abc123/run_cancelled", "t/r1", "t/r2"]
    assert (options.credentials.bearer, options.any_key, options.disposable) == ("sk-1", True, False)
    options = read_options(["--target", "thread_id=a%2Cb,run_id=50%25", "--base-url", "https://x.test/v1"], environment)
    assert dict(options.targets[0].values) == {"thread_id": "a,b", "run_id": "50%"}
    assert options.base_url == "https://x.test/v1"


def test_headers_and_queries_are_credentials() -> None:
    arguments = ["--header", "X-API-Key: a:b", "--header", "X-Team:", "--query", "code=x=y"]
    credentials = read_options(arguments, {}).credentials
    assert dict(credentials.headers) == {"X-API-Key": "a:b", "X-Team": ""}
    assert dict(credentials.query) == {"code": "x=y"}
    assert credentials.secrets == []


def test_another_spec_is_judged_over_raw_http_unless_a_client_is_named(tmp_path: Path) -> None:
    other, copy = tmp_path / "other.yaml", tmp_path / "copy.yaml"
    other.write_text("openapi: 3.1.0", "utf-8")
    copy.write_bytes(PACKAGED.read_bytes())
    assert read_options([], {}).client == "thread_runs_client"
    assert read_options(["--spec", str(copy)], {}).client == "thread_runs_client"
    assert read_options(["--spec", str(other)], {}).client is None
    assert read_options(["--spec", str(other), "--client", "shop_client"], {}).client == "shop_client"
    assert read_options(["--client", "none"], {}).client is None


def test_certificates_are_read_from_a_file_or_a_folder(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(bundle))
    assert read_options([], {}).verify is True
    assert read_options(["--ca-bundle", "False"], {}).verify is False
    verify = read_options(["--ca-bundle", str(bundle)], {}).verify
    assert isinstance(verify, ssl.SSLContext)
    assert len(verify.get_ca_certs()) == 1
    # Of a folder, certificates are read when they are needed.
    assert isinstance(read_options(["--ca-bundle", str(tmp_path)], {}).verify, ssl.SSLContext)
    assert read_options(["--client-cert", "a.pem,a.key,secret"], {}).cert == ("a.pem", "a.key", "secret")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"client": "no_such_client"}, "--client names a package that cannot be imported: No module named 'no_such"),
        ({"cert": ("nowhere.pem",)}, "--client-cert cannot be used: "),
        ({"prepare": "echo '{\"run_id\"'"}, "--prepare: Expecting ':' delimiter"),
    ],
)
def test_an_unusable_option_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionsError) as caught:
        judge("https://127.0.0.1:9", ["thread_id=t,run_id=r"], **given)
    assert message in str(caught.value)


def test_a_prepare_command_has_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thread_runs_conformance.judging.PREPARE_SECONDS", 0.05)
    with pytest.raises(OptionsError, match=r"--prepare: the command took longer than 0\.05 seconds"):
        judge("http://127.0.0.1:9", prepare="exec sleep 60")

"""Certificates of servers: a call that fails on one is sent once, and its error says what is wrong."""

import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

import thread_runs
from thread_runs import AsyncClient, Client

from .calling import IGNORE_DEPRECATION, both, close, http_client, update
from .tls_server import once, talking, trusting

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def server_context(issued: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    return context


def self_signed_context(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(YESTERDAY).not_valid_after(YESTERDAY + timedelta(days=9))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    pem += key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@both
@pytest.mark.parametrize(
    ("problem", "text"),
    [
        ("self-signed", "self.signed"),
        ("unknown authority", "unable to get local issuer"),
        ("expired", "expired"),
        ("wrong host", "Hostname mismatch.*localhost"),
    ],
)
async def test_a_rejected_certificate_is_one_attempt_and_the_error_says_why(
    kind: type[Client | AsyncClient], problem: str, text: str, tmp_path: Path
) -> None:
    authority = trustme.CA()
    name = "elsewhere.invalid" if problem == "wrong host" else "localhost"
    issued = authority.issue_cert(name, not_after=YESTERDAY if problem == "expired" else None)
    context = self_signed_context(tmp_path) if problem == "self-signed" else server_context(issued)
    verify = ssl.create_default_context() if problem == "unknown authority" else trusting(authority)
    with (
        talking(once(b""), context) as url,
        pytest.raises(thread_runs.APIConnectionError, match=f"certificate of localhost was rejected.*{text}") as caught,
    ):
        await update(kind, url, verify=verify)
    assert type(caught.value) is thread_runs.APIConnectionError
    assert caught.value.tries == 1


@both
async def test_a_trusted_certificate_is_accepted_with_every_option(
    library: Any, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    authority = trustme.CA()
    body = json.dumps(run).encode()
    reply = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    with talking(once(reply), server_context(authority.issue_cert("localhost"))) as url:
        assert (await update(kind, url, verify=trusting(authority), deadline=30)).to_dict() == run
        assert (await update(kind, url, verify=False)).to_dict() == run
        own = http_client(library, kind, verify=trusting(authority))
        assert (await update(kind, url, http_client=own, deadline=30)).to_dict() == run
        await close(own)

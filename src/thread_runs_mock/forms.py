"""Read the bodies of forms: `multipart/form-data` (RFC 7578) and `application/x-www-form-urlencoded`."""

from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from thread_runs_mock import errors


def parse_multipart(content_type: bytes, raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield name and content of each part. The content of a file is decoded as Latin-1, a character for each byte.

    Raises:
        ApiError: 400; there is no boundary, or a part without a name.
    """
    message = BytesParser(policy=HTTP).parsebytes(b"content-type: " + content_type + b"\r\n\r\n" + raw)
    if not message.is_multipart() or message.defects:
        raise errors.body_not_form()
    for part in message.iter_parts():
        disposition = part["content-disposition"]
        name = disposition.params.get("name") if disposition is not None else None
        if name is None:
            raise errors.body_not_form()
        content = part.get_payload(decode=True)
        is_file = disposition.params.get("filename") is not None
        assert isinstance(content, bytes)
        yield name, content.decode("latin-1" if is_file else "utf-8", "replace")


def parse_urlencoded(content_type: bytes, raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield name and value of each field.

    Raises:
        ApiError: 400; it is not UTF-8.
    """
    try:
        yield from parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise errors.body_not_form() from None

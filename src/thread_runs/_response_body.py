"""The body of a response, received piece by piece into bounded memory."""

import zlib

MAX_RESPONSE_BYTES = 10 * 1024 * 1024
ACCEPT_ENCODING = "gzip, deflate"

_KEPT = 64 * 1024
"""Bytes that are kept of a body that is too long."""


class UndecodableBodyError(Exception):
    """The body is not compressed as its headers say, or it is incomplete."""


class Body:
    """The received part of a body, decoded. Neither it nor any stage of its decoding exceeds `limit` bytes.

    Args:
        codings: the value of the header `Content-Encoding`; empty if there is none.

    Attributes:
        content: the bytes so far.
        received: how many bytes were received, before decoding.
        encoded: whether the headers name a coding, known or not.
        too_long: whether the body has more than `limit` bytes; the rest is not read.
    """

    def __init__(self, codings: str, limit: int) -> None:
        self.content = bytearray()
        self.received = 0
        self.too_long = False
        self._limit = limit
        self.encoded = bool(codings)
        # The coding that was applied last is removed first. An unknown coding is not an error.
        self._decoders = [
            _Decoder(coding, limit)
            for coding in reversed([part.strip().lower() for part in codings.split(",")] if codings else [])
            if coding in ("gzip", "x-gzip", "deflate")
        ]

    def add(self, data: bytes) -> bool:
        """Take the next piece; return whether there is room for more. Raises UndecodableBodyError."""
        self.received += len(data)
        for decoder in self._decoders:
            data = decoder.decode(data)
            self.too_long |= decoder.overflowed
        self.content += data
        if len(self.content) > self._limit:
            self.too_long = True
        if self.too_long:
            del self.content[_KEPT:]
        return not self.too_long

    def finish(self) -> bytes:
        """Return the body, or the beginning of a body that is too long. Raises UndecodableBodyError if incomplete."""
        if self.received and not self.too_long and not all(decoder.complete for decoder in self._decoders):
            raise UndecodableBodyError("the compressed body is not complete")
        return bytes(self.content)


class _Decoder:
    """Decodes gzip or deflate, to at most `limit` bytes."""

    def __init__(self, coding: str, limit: int) -> None:
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | (0 if coding == "deflate" else 16))
        # The received part of the first two bytes, which distinguish the two formats that servers call "deflate".
        self._head = b"" if coding == "deflate" else None
        self._room = limit
        self.overflowed = False

    @property
    def complete(self) -> bool:
        return self._zlib.eof

    def decode(self, data: bytes) -> bytes:
        try:
            decoded = self._zlib.decompress(data, self._room + 1)
        except zlib.error as error:
            if self._head is None:
                raise UndecodableBodyError(f"the body is not compressed as it says: {error}") from error
            data, self._head = self._head + data, None
            self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
            return self.decode(data)
        if self._head is not None:
            self._head = self._head + data if len(self._head) + len(data) < 2 else None
        self._room -= len(decoded)
        self.overflowed = self._room < 0
        return decoded

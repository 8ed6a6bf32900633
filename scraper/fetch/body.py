"""The bytes of an answer, unpacked no further than a page can be large.

A few kilobytes of gzip can hold gigabytes. The client's own unpacking gives whole chunks, so the
raw bytes are taken, and unpacked here step by step.
"""

from __future__ import annotations

import zlib

from scraper.fetch.errors import FetchError

ENCODINGS = ("", "identity", "gzip", "x-gzip")


class Cut(Exception):
    """The packed bytes end too early, or are damaged: another attempt may bring them whole."""


class Body:
    """Takes the raw bytes of one answer."""

    def __init__(self, url: str, encoding: str, limit: int) -> None:
        if encoding not in ENCODINGS:
            text = f"the encoding {encoding!r} was not asked for; expected 'gzip' or none."
            raise FetchError("wrong-type", url, text)
        self.url = url
        self.limit = limit
        self.content = bytearray()
        # 16 more than the window's bits: a gzip header is expected.
        self.unpacker = zlib.decompressobj(zlib.MAX_WBITS + 16) if "gzip" in encoding else None

    def feed(self, chunk: bytes) -> None:
        """Take some bytes; raises `FetchError` once they are too many, `Cut` where damaged."""
        if self.unpacker is None:
            self.content += chunk
        else:
            self.content += self.unpack(self.unpacker, chunk)
        if len(self.content) > self.limit:
            text = f"more than {self.limit:,} bytes; no page is that large."
            raise FetchError("too-large", self.url, text)

    def unpack(self, unpacker: zlib._Decompress, chunk: bytes) -> bytes:
        try:
            return unpacker.decompress(chunk, self.limit + 1 - len(self.content))
        except zlib.error as error:
            raise Cut(f"damaged gzip ({error})") from error

    def whole(self) -> bytes:
        """All that came; raises `Cut` where the packed bytes are not whole."""
        if self.unpacker is not None and not self.unpacker.eof:
            raise Cut("the gzip is not whole")
        return bytes(self.content)

"""A client that costs little, so that the server is measured: HTTP/1.1 over one connection."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

REQUEST = "GET {} HTTP/1.1\r\nHost: {}\r\nAccept-Encoding: gzip\r\n\r\n"


@dataclass(slots=True)
class Client:
    """A connection that is kept."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str

    @classmethod
    async def connect(cls, host: str, port: int) -> Client:
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 22)
        return cls(reader, writer, f"{host}:{port}")

    def close(self) -> None:
        self.writer.close()

    async def get(self, address: str) -> int:
        """The status of an answer that was read to its end."""
        self.writer.write(REQUEST.format(address, self.host).encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        if length:
            await self.reader.readexactly(int(length))
        else:
            await self.read_chunks()
        return int(head[9:12])

    async def read_chunks(self) -> None:
        while size := int(await self.reader.readline(), 16):
            await self.reader.readexactly(size + 2)
        await self.reader.readline()

"""Frames of SPDY/3.1, as far as Kubernetes clients use them: bytes to frames and back, without any I/O.

There is no flow control: clients of Kubernetes neither keep nor expect it.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from workshop_tui.practice.cluster.streams.dictionary import DICTIONARY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERSION = 3
LONGEST_DATA = 1 << 20
"""Bytes in a data frame that we send; the protocol allows 16 MiB."""
LONGEST_CONTROL = 1 << 20
"""Bytes of a control frame that we take: headers of streams are small."""
LONGEST_BLOCK = 1 << 20
"""Bytes of a header block, unpacked."""
FIN = 1
_HEAD = struct.Struct(">II")


class Kind(IntEnum):
    """Types of control frames."""

    SYN_STREAM = 1
    SYN_REPLY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PING = 6
    GOAWAY = 7
    HEADERS = 8
    WINDOW_UPDATE = 9


class SpdyError(Exception):
    """Bytes that are no SPDY/3.1."""


@dataclass(frozen=True, slots=True)
class SynStream:
    """A stream is opened; header names are in lower case."""

    stream: int
    headers: Mapping[str, str]
    fin: bool = False


@dataclass(frozen=True, slots=True)
class SynReply:
    """A stream is accepted."""

    stream: int
    headers: Mapping[str, str]
    fin: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """A stream is ended, now and in both directions."""

    stream: int
    status: int


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of a stream; `fin`: the sender's last ones."""

    stream: int
    data: bytes
    fin: bool = False


@dataclass(frozen=True, slots=True)
class Ping:
    """To be sent back as it is."""

    number: int


@dataclass(frozen=True, slots=True)
class GoAway:
    """No more streams are taken."""

    last_stream: int
    status: int


Frame: TypeAlias = SynStream | SynReply | Reset | Data | Ping | GoAway


class Encoder:
    """Frames to bytes; one for each direction of a connection, since header blocks build on earlier ones."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(zdict=DICTIONARY)

    def encode(self, frame: Frame) -> bytes:
        """Return the frame's bytes."""
        match frame:
            case Data(stream, data, fin):
                return _HEAD.pack(stream, int(fin) << 24 | len(data)) + data
            case SynStream(stream, headers, fin):
                opened = struct.pack(">IIH", stream, 0, 0)
                return _control(Kind.SYN_STREAM, opened + self._block(headers), fin=fin)
            case SynReply(stream, headers, fin):
                return _control(Kind.SYN_REPLY, struct.pack(">I", stream) + self._block(headers), fin=fin)
            case Reset(stream, status):
                return _control(Kind.RST_STREAM, struct.pack(">II", stream, status))
            case Ping(number):
                return _control(Kind.PING, struct.pack(">I", number))
            case GoAway(last_stream, status):
                return _control(Kind.GOAWAY, struct.pack(">II", last_stream, status))

    def _block(self, headers: Mapping[str, str]) -> bytes:
        parts = [struct.pack(">I", len(headers))]
        for text in (text for pair in headers.items() for text in pair):
            encoded = text.encode()
            parts += [struct.pack(">I", len(encoded)), encoded]
        return self._compressor.compress(b"".join(parts)) + self._compressor.flush(zlib.Z_SYNC_FLUSH)


class Decoder:
    """Bytes to frames, however they are cut."""

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj(zdict=DICTIONARY)
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are complete now; those of no meaning to us are left out.

        Raises:
            SpdyError: the bytes are no frame.

        """
        self._waiting += data
        while len(self._waiting) >= _HEAD.size:
            first, second = _HEAD.unpack_from(self._waiting)
            is_control = bool(first >> 31)
            length = second & 0xFFFFFF
            if is_control and (first >> 16 & 0x7FFF != VERSION or length > LONGEST_CONTROL):
                raise SpdyError("no control frame of SPDY/3")
            if len(self._waiting) < _HEAD.size + length:
                return
            body = bytes(self._waiting[_HEAD.size : _HEAD.size + length])
            del self._waiting[: _HEAD.size + length]
            fin = bool(second >> 24 & FIN)
            frame = self._control(first & 0xFFFF, body, fin=fin) if is_control else Data(first, body, fin)
            if frame is not None:
                yield frame

    def _control(  # noqa: PLR0911 - a return per kind
        self, kind: int, body: bytes, *, fin: bool
    ) -> Frame | None:
        try:
            match kind:
                case Kind.SYN_STREAM:
                    return SynStream(_number(body), self._headers(body[10:]), fin)
                case Kind.SYN_REPLY:
                    return SynReply(_number(body), self._headers(body[4:]), fin)
                case Kind.HEADERS:
                    self._headers(body[4:])  # the next block builds on it
                    return None
                case Kind.RST_STREAM:
                    return Reset(_number(body), _number(body, 4))
                case Kind.PING:
                    return Ping(_number(body, whole=True))
                case Kind.GOAWAY:
                    return GoAway(_number(body), _number(body, 4))
                case _:
                    return None
        except (struct.error, zlib.error, UnicodeDecodeError) as error:
            raise SpdyError(f"a broken control frame of type {kind}: {error}") from error

    def _headers(self, block: bytes) -> dict[str, str]:
        unpacked = self._decompressor.decompress(block, LONGEST_BLOCK)
        if self._decompressor.unconsumed_tail:
            raise SpdyError("a header block is too long")
        count, at = _number(unpacked, whole=True), 4
        texts = []
        for _ in range(2 * count):
            length = _number(unpacked, at, whole=True)
            texts.append(unpacked[at + 4 : at + 4 + length].decode())
            at += 4 + length
        return {name.lower(): value for name, value in zip(texts[::2], texts[1::2], strict=True)}


def _control(kind: Kind, body: bytes, *, fin: bool = False) -> bytes:
    return _HEAD.pack(1 << 31 | VERSION << 16 | kind, int(fin) << 24 | len(body)) + body


def _number(body: bytes, at: int = 0, *, whole: bool = False) -> int:
    """Return four bytes as a number; unless `whole`, without the first bit, which is reserved."""
    (number,) = struct.unpack_from(">I", body, at)
    return int(number) if whole else int(number) & 0x7FFFFFFF

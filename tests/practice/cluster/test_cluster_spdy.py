"""SPDY/3.1 frames, channels and inboxes, without any connection."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workshop_tui.practice.cluster.streams.channels import Channel, Message
from workshop_tui.practice.cluster.streams.dictionary import DICTIONARY
from workshop_tui.practice.cluster.streams.inbox import WAITING_BYTES, Inbox
from workshop_tui.practice.cluster.streams.spdy import (
    Data,
    Decoder,
    Encoder,
    Frame,
    GoAway,
    Ping,
    Reset,
    SpdyError,
    SynReply,
    SynStream,
)
from workshop_tui.practice.cluster.streams.websocket import accept_key

NUMBERS = st.integers(1, 2**31 - 1)
NAMES = st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), min_size=1, max_size=20)
HEADERS = st.dictionaries(NAMES, st.text(max_size=40), max_size=5)
FRAMES: st.SearchStrategy[Frame] = st.one_of(
    st.builds(SynStream, NUMBERS, HEADERS, st.booleans()),
    st.builds(SynReply, NUMBERS, HEADERS, st.booleans()),
    st.builds(Data, NUMBERS, st.binary(max_size=300), st.booleans()),
    st.builds(Reset, NUMBERS, NUMBERS),
    st.builds(Ping, st.integers(0, 2**32 - 1)),
    st.builds(GoAway, NUMBERS, NUMBERS),
)


def test_the_dictionary_is_that_of_the_draft() -> None:
    assert (len(DICTIONARY), zlib.adler32(DICTIONARY)) == (1423, 0xE3C6A7C2)
    known = "51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02"
    assert hashlib.sha256(DICTIONARY).hexdigest() == known


@settings(max_examples=60, deadline=None)
@given(st.lists(FRAMES, max_size=12), st.data())
def test_frames_come_back_however_they_are_cut(frames: list[Frame], data: st.DataObject) -> None:
    encoder, decoder = Encoder(), Decoder()
    sent = b"".join(map(encoder.encode, frames))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=8)))
    pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert [frame for piece in pieces for frame in decoder.feed(piece)] == frames


def test_a_frame_as_the_draft_writes_it() -> None:
    assert Encoder().encode(Data(5, b"hello", fin=True)) == bytes.fromhex("00000005 01000005") + b"hello"
    assert Encoder().encode(Ping(1)) == bytes.fromhex("80030006 00000004 00000001")
    assert Encoder().encode(Reset(3, 5)) == bytes.fromhex("80030003 00000008 00000003 00000005")


def test_frames_without_a_meaning_here_are_left_out() -> None:
    setting = bytes.fromhex("80030004 00000004 00000000")
    window = bytes.fromhex("80030009 00000008 00000001 00000100")
    assert list(Decoder().feed(setting + window + Encoder().encode(Ping(7)))) == [Ping(7)]


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_an_error(junk: bytes) -> None:
    with contextlib.suppress(SpdyError):
        list(Decoder().feed(junk))


def test_a_header_block_does_not_unpack_to_anything() -> None:
    bomb = Encoder().encode(SynStream(1, {"a": "x" * 5_000_000}))
    with pytest.raises(SpdyError, match="too long"):
        list(Decoder().feed(bomb))


@given(st.integers(0, 255), st.binary(max_size=100))
def test_channel_messages_come_back(channel: int, data: bytes) -> None:
    assert Message.parse(Message(channel, data).pack()) == Message(channel, data)


def test_channels() -> None:
    assert Message(Channel.STDOUT, b"hello").pack() == b"\x01hello"
    assert Message.parse(b"\xff\x00") == Message(Channel.CLOSE, b"\x00")
    assert Message.parse(b"") is None


def test_the_websocket_handshake_of_the_standard() -> None:
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


async def test_an_inbox_makes_its_sender_wait() -> None:
    inbox = Inbox()
    sending = asyncio.create_task(inbox.put(b"x" * WAITING_BYTES))
    await asyncio.sleep(0)
    assert not sending.done()
    assert len(await inbox.get()) == WAITING_BYTES
    await sending
    inbox.end()
    assert await inbox.get() == b""


async def test_an_inbox_that_nobody_reads_holds_nobody_up() -> None:
    inbox = Inbox()
    sending = asyncio.create_task(inbox.put(b"x" * WAITING_BYTES))
    await asyncio.sleep(0)
    inbox.refuse()
    await sending
    await inbox.put(b"x" * WAITING_BYTES)

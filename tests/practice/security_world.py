"""What the tests of the practice cloud's security share: raw requests, and what Linux says of processes."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice import client

LISTENING = "0A"


def address_of(cloud: client.Endpoints, service: str) -> str:
    """Return a service's base URL; that of the registry has none of its own."""
    return f"http://{cloud[service]}" if service == "registry" else str(cloud[service])


def connect(cloud: client.Endpoints, service: str, seconds: float = 20) -> socket.socket:
    """Open a connection to a service, TLS where it has it."""
    url = urlsplit(address_of(cloud, service))
    plain = socket.create_connection((url.hostname, url.port), seconds)
    if url.scheme == "http":
        return plain
    return ssl.create_default_context(cafile=str(cloud.ca_file)).wrap_socket(
        plain, server_hostname=url.hostname
    )


def send_raw(cloud: client.Endpoints, service: str, request: str | bytes) -> tuple[int, str]:
    """Send bytes as they are; return the status and the rest of the answer, read to the connection's end."""
    with connect(cloud, service) as opened:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            opened.sendall(request.encode() if isinstance(request, str) else request)
        answer = b""
        with contextlib.suppress(ConnectionResetError, ssl.SSLError):
            while chunk := opened.recv(65536):
                answer += chunk
    head, _, body = answer.decode("utf-8", "replace").partition("\r\n\r\n")
    return int(head.split(" ")[1]), f"{head}\r\n\r\n{body}"


def own_host(cloud: client.Endpoints, service: str) -> str:
    return urlsplit(address_of(cloud, service)).netloc


def family_of(pid: int) -> list[int]:
    """Return a process and its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found.extend(children.get(each, []))
    return found


def listening_addresses(pids: list[int]) -> list[str]:
    """Return the addresses of all TCP sockets that these processes listen at."""
    inodes = {inode for pid in pids for inode in _sockets_of(pid)}
    return [address for inode, address in _listening() if inode in inodes]


def _sockets_of(pid: int) -> Iterator[str]:
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                yield target[8:-1]


def _listening() -> Iterator[tuple[str, str]]:
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING:
                yield fields[9], _address(fields[1].partition(":")[0])


def _address(text: str) -> str:
    """Return an address of /proc/net/tcp: hexadecimal, each group of four bytes turned round."""
    raw = b"".join(bytes.fromhex(text[at : at + 8])[::-1] for at in range(0, len(text), 8))
    address = ipaddress.ip_address(raw)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)

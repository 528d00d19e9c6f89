"""Ports that stay free for as long as a test lasts."""

from __future__ import annotations

import random
import socket

PORTS = range(12000, 19000)
"""Below what practice clouds choose from, and below what outgoing connections get from the system."""


def free_port() -> int:
    """Return a port of the loopback address that nobody listens at, nor is given by chance meanwhile."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no port is free")

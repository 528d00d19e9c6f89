"""Connecting to an API server: a kubeconfig's entries as an HTTP client's TLS, headers and address."""

from __future__ import annotations

import base64
import binascii
import os
import ssl
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.sign_in_plugin import run_plugin
from workshop_tui.cloud.web import open_client
from workshop_tui.model import Unreadable
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from workshop_tui.cloud.kubeconfig import ContextEntries
    from workshop_tui.cloud.permitted import RequestGuard


async def connect(entries: ContextEntries, guard: RequestGuard) -> httpx.AsyncClient:
    """Return a client for the API server, signed in as the kubeconfig says.

    Raises:
        ReadFailure: the entries cannot be used.

    """
    server = str(entries.cluster["server"])
    user = entries.user
    plugin: Mapping[str, str] = {}
    if isinstance(user.get("exec"), dict):
        plugin = await run_plugin(user["exec"], server)
    try:
        tls = _tls(entries, plugin)
        headers = _headers(entries, plugin)
    except (OSError, ssl.SSLError, ValueError, binascii.Error) as error:
        what = f"the context {entries.context.name} of {entries.context.path}"
        reason = "its certificates or credentials cannot be used"
        remedy = "Fetch the cluster's credentials again: az aks get-credentials --overwrite-existing"
        raise ReadFailure(Unreadable(what, reason, "reading.not-signed-in", remedy)) from error
    proxy = entries.cluster.get("proxy-url")
    return open_client(guard, server, tls, headers=headers, proxy=str(proxy) if proxy else None)


def _tls(entries: ContextEntries, plugin: Mapping[str, str]) -> ssl.SSLContext:
    cluster, user = entries.cluster, entries.user
    authority = _material(cluster, "certificate-authority")
    tls = ssl.create_default_context(cadata=authority.decode("ascii") if authority else None)
    if cluster.get("insecure-skip-tls-verify"):
        # The learner's own file says so, and kubectl does as it says.
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    certificate = plugin.get("clientCertificateData", "").encode() or _material(user, "client-certificate")
    key = plugin.get("clientKeyData", "").encode() or _material(user, "client-key")
    if certificate and key:
        with _in_memory(certificate + b"\n" + key) as path:
            tls.load_cert_chain(path)
    return tls


def _headers(entries: ContextEntries, plugin: Mapping[str, str]) -> dict[str, str]:
    user = entries.user
    token = plugin.get("token") or user.get("token")
    if not token and user.get("tokenFile"):
        token = Path(str(user["tokenFile"])).read_text("utf-8").strip()
    if token:
        return {"Authorization": f"Bearer {token}"}
    if user.get("username") and user.get("password"):
        pair = f"{user['username']}:{user['password']}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def _material(entry: Mapping[str, Any], name: str) -> bytes:
    """Return PEM text that stands in the file as `NAME-data`, or in another file that it names."""
    data = entry.get(f"{name}-data")
    if data:
        return base64.b64decode(data)
    path = entry.get(name)
    return Path(str(path)).read_bytes() if path else b""


@contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """Give a path to the content for OpenSSL, which reads private keys from files alone.

    In memory where the system can; else in a private file that is gone a moment later.
    """
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("client-certificate")
        try:
            os.write(handle, content)
            yield f"/proc/self/fd/{handle}"
        finally:
            os.close(handle)
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.name

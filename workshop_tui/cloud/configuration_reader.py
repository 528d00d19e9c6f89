"""Secrets and ConfigMaps that pods take their settings from, each read once a pass."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.cloud.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.cloud.cluster import ClusterClient


_OBJECT = re.compile(r"""^[\s|-]*objectName:\s*["']?([^\s"'#]+)""", re.MULTILINE)


class ConfigurationReader:
    """Reads a namespace's Secrets and ConfigMaps. Values are secrets: in memory alone."""

    def __init__(self, client: ClusterClient, namespace: str) -> None:
        """Take where to read."""
        self._client = client
        self._namespace = namespace
        self._reads: dict[tuple[str, str], asyncio.Task[Mapping[str, str] | None]] = {}

    async def read(self, kind: str, name: str) -> Mapping[str, str] | None:
        """Return the object's entries, decoded; None where it is missing or must not be read."""
        key = (kind, name)
        if key not in self._reads:
            self._reads[key] = asyncio.create_task(self._fetch(kind, name))
        return await asyncio.shield(self._reads[key])

    async def _fetch(self, kind: str, name: str) -> Mapping[str, str] | None:
        try:
            found = await self._client.get(kind, self._namespace, name)
        except (RefusedError, httpx.HTTPError):
            return None
        if found is None:
            return None
        if kind == "SecretProviderClass":
            return dict.fromkeys(_vault_names(found), "")
        data = found.get("data") or {}
        encoded = data if kind == "Secret" else found.get("binaryData") or {}
        return {**data, **{key: _decode(value) for key, value in encoded.items()}}


def _vault_names(found: Mapping[str, Any]) -> list[str]:
    """Return the names of what a SecretProviderClass fetches from a vault."""
    parameters = (found.get("spec") or {}).get("parameters") or {}
    return _OBJECT.findall(str(parameters.get("objects", "")))


def _decode(value: str) -> str:
    try:
        return base64.b64decode(value).decode("utf-8", "replace")
    except binascii.Error:
        return ""

"""What a practice cloud published of itself, and whether it still answers there."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HEALTH_SECONDS = 3.0
"""How long the practice cloud gets to say that it is there."""
LISTENS_ON = "127.0.0.1"
"""Where its servers listen; what they publish are addresses of localhost."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What `endpoints.json` says; `document` is all of it, the sign-in's secret included."""

    document: dict[str, Any] = field(repr=False)

    @property
    def arm(self) -> str:
        """Azure Resource Manager's address."""
        return str(self.document["arm"])

    @property
    def ca_file(self) -> Path:
        """The certificate authority to trust."""
        return Path(self.document["ca_file"])

    @property
    def pid(self) -> int:
        """The process, as it said itself. Never proof that it runs: ask `status`."""
        return int(self.document["pid"])

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - it is JSON
        """Return one entry of the document."""
        return self.document[name]


def read_endpoints(folder: Path) -> Endpoints | None:
    """Return what `endpoints.json` says, true or not; None when there is none."""
    try:
        document = json.loads((folder / "endpoints.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return Endpoints(document) if isinstance(document, dict) else None


def status(folder: Path) -> Endpoints | None:
    """Return the endpoints of a practice cloud that answers, else None.

    The address is asked over TLS with the folder's own authority, so no other program can answer for it. A
    copy of a folder speaks of the original, which is another's.
    """
    endpoints = read_endpoints(folder.absolute())
    if endpoints is None or not _is_in(endpoints, folder):
        return None
    health = _health(endpoints)
    return endpoints if health is not None and health.get("pid") == endpoints.pid else None


def _is_in(endpoints: Endpoints, folder: Path) -> bool:
    """Return whether the practice cloud's own folder is this one, by whatever path."""
    try:
        return endpoints.ca_file.parent.samefile(folder)
    except (OSError, KeyError, TypeError):
        return False


def _health(endpoints: Endpoints) -> dict[str, Any] | None:
    connection = None
    try:
        address = urlsplit(endpoints.arm)
        context = ssl.create_default_context(cafile=str(endpoints.ca_file))
        connection = http.client.HTTPSConnection(
            LISTENS_ON, address.port, timeout=HEALTH_SECONDS, context=context
        )
        connection.request("GET", "/practice/health")
        answer = json.loads(connection.getresponse().read())
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return None
    finally:
        if connection is not None:
            connection.close()
    return answer if isinstance(answer, dict) else None

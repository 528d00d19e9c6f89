"""Whether a probe asks at the wrong place: told from the kubelet's events and the app's own log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.model import Pod, Pods

APP_PORT = 5001
"""Where the shop asks the app, and where the app's image lets it listen."""
_REFUSED = re.compile(r"probe failed: HTTP probe failed with statuscode: 4\d\d")
_ASKED = re.compile(r"(?:dial tcp |://)\S*?:(\d+)(?=[/:\s?])")
_LISTENS = re.compile(r"running on https?://\S*?:(\d+)", re.IGNORECASE)
_KIND = re.compile(r"(Readiness|Liveness|Startup) probe")


def failed_probes(pods: Pods, pod: Pod) -> tuple[str, ...]:
    """Return the kubelet's words about the pod's failed probes, newest first."""
    beginning = f"Pod {pod.name}: Unhealthy: "
    return tuple(text for text in pods.warnings if text.startswith(beginning))


def misdirected_probe(pods: Pods, pod: Pod) -> str:
    """Return the kubelet's words about a probe that cannot succeed, however long one waits; else nothing.

    An app that is starting fails its probes, too. What time does not mend: the app listens and knows no such
    path, or its log names another port than the one that the probe asked.
    """
    listens = listening_ports(pod.log)
    for text in failed_probes(pods, pod):
        asked = _ASKED.search(text)
        if _REFUSED.search(text) or (asked and listens and asked[1] not in listens):
            return f"{text}; the app listens on port {', '.join(sorted(listens))}" if listens else text
    return ""


def listening_ports(log: str) -> set[str]:
    """Return the ports on which an app says that it listens."""
    return set(_LISTENS.findall(log))


def listens_elsewhere(log: str) -> bool:
    """Say whether the app says that it listens, and not where the shop asks it."""
    ports = listening_ports(log)
    return bool(ports) and str(APP_PORT) not in ports


def asks_the_app(words: str) -> bool:
    """Say whether the kubelet's words are about a probe at the app's own port."""
    asked = _ASKED.search(words)
    return asked is not None and asked[1] == str(APP_PORT)


def restarts_for(words: str) -> bool:
    """Say whether the kubelet's words are about a probe for which it restarts containers."""
    kind = _KIND.search(words)
    return kind is not None and kind[1] != "Readiness"


def probe_field(words: str) -> str:
    """Return the field of a container's spec that the kubelet's words are about."""
    kind = _KIND.search(words)
    return f"{kind[1].lower()}Probe" if kind else "readinessProbe"

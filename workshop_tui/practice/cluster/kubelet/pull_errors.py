"""Pulls that fail, in the words of containerd and the kubelet (facts/kubernetes.md 2.4)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import httpx

from workshop_tui.practice.cluster.kubelet.references import parse_reference

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.kubelet.references import ImageReference


class ErrorReason(StrEnum):
    """Why a container waits for its image, as its status says."""

    PULL = "ErrImagePull"
    INVALID_NAME = "InvalidImageName"
    NEVER_PULL = "ErrImageNeverPull"


class PullError(Exception):
    """An image that can't be had; the text is a container runtime's."""

    def __init__(self, text: str, reason: ErrorReason = ErrorReason.PULL) -> None:
        super().__init__(text)
        self.reason = reason


def checked_reference(text: str) -> ImageReference:
    """Take a pod's image apart.

    Raises:
        PullError: with the kubelet's words for what can't be a reference.

    """
    try:
        return parse_reference(text)
    except ValueError as error:
        why = f'Failed to apply default image tag "{text}": couldn\'t parse image name "{text}": {error}'
        raise PullError(why, ErrorReason.INVALID_NAME) from error


def never_pulled(text: str) -> PullError:
    """Say that the pod's policy forbids to fetch what is not here."""
    why = f'Container image "{text}" is not present with pull policy of Never'
    return PullError(why, ErrorReason.NEVER_PULL)


def _prefix(reference: ImageReference) -> str:
    text = reference.text
    return f'failed to pull and unpack image "{text}": failed to resolve reference "{text}"'


def not_found(reference: ImageReference) -> str:
    """Say that the registry has no such image (any more)."""
    return f"{_prefix(reference)}: {reference.text}: not found"


def no_such_host(reference: ImageReference) -> str:
    """Say that the registry's name leads nowhere: the practice node reaches none but this machine's."""
    host = reference.host
    url = f"https://{host}/v2/{reference.repository}/manifests/{reference.wanted}"
    return f'{_prefix(reference)}: failed to do request: Head "{url}": dial tcp: lookup {host}: no such host'


def unreachable(reference: ImageReference, error: httpx.HTTPError) -> str:
    """Say that the registry did not answer."""
    url = f"http://{reference.host}/v2/{reference.repository}/manifests/{reference.wanted}"
    if isinstance(error, httpx.ConnectError):
        reason = f"dial tcp {reference.host}: connect: connection refused"
    else:
        reason = str(error) or type(error).__name__
    return f'{_prefix(reference)}: failed to do request: Head "{url}": {reason}'

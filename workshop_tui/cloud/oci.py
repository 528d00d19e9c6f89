"""The words of images (OCI image and distribution specifications): references, media types, lifetimes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta

from workshop_tui.cloud.web import is_loopback

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
INDEXES = frozenset({OCI_INDEX, DOCKER_LIST})
ACCEPT = f"{OCI_INDEX}, {OCI_MANIFEST}, {DOCKER_LIST}, {DOCKER_MANIFEST}"
"""All four: a registry asked without them may answer in an older form that has another digest."""

LONGEST_LIFE = timedelta(hours=24)
"""What ttl.sh allows, and gives to a tag that names no time."""
_LIFE = re.compile(r"([0-9]{1,9})([smhdw])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_REFERENCE = re.compile(
    r"(?P<registry>[a-z0-9.\[\]:-]+)/(?P<repository>[a-z0-9._/-]+?)(?::(?P<tag>[\w.-]+))?(?:@.+)?"
)


def digest_of(content: bytes) -> str:
    """Return the digest that content is addressed by."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Reference:
    """An image's reference, taken apart."""

    registry: str
    repository: str
    tag: str

    @property
    def url(self) -> str:
        """The registry's base URL: plain HTTP on this machine alone, as Docker has it."""
        scheme = "http" if is_loopback(f"http://{self.registry}") else "https"
        return f"{scheme}://{self.registry}"

    @property
    def name(self) -> str:
        """Registry and repository, without the tag."""
        return f"{self.registry}/{self.repository}"

    @property
    def lifetime(self) -> timedelta | None:
        """How long the tag's image is kept, where the registry goes by tags (ttl.sh, the practice cloud)."""
        if self.registry != "ttl.sh" and not is_loopback(f"http://{self.registry}"):
            return None
        match = _LIFE.fullmatch(self.tag)
        if match is None:
            return LONGEST_LIFE
        return min(timedelta(seconds=int(match[1]) * _UNITS[match[2]]), LONGEST_LIFE)

    def __str__(self) -> str:
        """Put it together again."""
        return f"{self.name}:{self.tag}"


def parse_reference(text: str) -> Reference:
    """Take `registry/repository:tag` apart; a missing tag is `latest`.

    Raises:
        ValueError: it is no such reference.

    """
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise ValueError(f"not an image reference: {text!r}")
    return Reference(match["registry"], match["repository"], match["tag"] or "latest")

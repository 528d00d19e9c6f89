"""Image references: `host[:port]/repository[:tag][@digest]`, as a container runtime reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image reference, taken apart; `text` is what the pod says."""

    text: str
    host: str
    repository: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        """Host and repository."""
        return f"{self.host}/{self.repository}"

    @property
    def wanted(self) -> str:
        """What to ask the registry for: the digest when there is one, else the tag."""
        return self.digest or self.tag

    @property
    def is_local(self) -> bool:
        """Whether the registry is on this machine: no other can be reached from the practice node."""
        return self.host.partition(":")[0] in {"127.0.0.1", "localhost"}

    @property
    def always_pulled(self) -> bool:
        """Whether Kubernetes' default policy for it is Always."""
        return not self.digest and self.tag == "latest"


def parse_reference(text: str) -> ImageReference:
    """Take a reference apart.

    Raises:
        ValueError: it can't be one.

    """
    rest, _, digest = text.partition("@")
    if not rest or (digest and not _DIGEST.fullmatch(digest)) or rest != rest.strip() or "//" in rest:
        raise ValueError("invalid reference format")
    host, slash, path = rest.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, path = "docker.io", rest if slash else f"library/{rest}"
    repository, _, tag = path.partition(":")
    if not repository or repository != repository.lower():
        raise ValueError(f"invalid reference format: repository name ({repository}) must be lowercase")
    return ImageReference(text, host, repository, tag or ("" if digest else "latest"), digest)

"""What a repository, a tag and a digest may look like: the grammar of the distribution specification."""

from __future__ import annotations

import re

from workshop_tui.practice.registry.errors import RegistryError, digest_invalid

_NAME = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
ALGORITHMS = ("sha256", "sha512")
"""Those that the specification registers."""

_LONGEST_NAME = 255


def checked_name(name: str) -> str:
    """Return the repository's name, or refuse it (NAME_INVALID)."""
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise RegistryError(400, "NAME_INVALID", "invalid repository name", {"name": name})
    return name


def checked_digest(digest: str) -> str:
    """Return the digest, or refuse it (DIGEST_INVALID). Taken are sha256 and sha512."""
    if not _DIGEST.fullmatch(digest):
        raise digest_invalid(digest)
    return digest


def is_digest(reference: str) -> bool:
    """Return whether a manifest reference is a digest; refuse what is neither tag nor digest."""
    if ":" in reference:
        checked_digest(reference)
        return True
    if not _TAG.fullmatch(reference):
        raise RegistryError(400, "TAG_INVALID", "manifest tag did not match URI", {"tag": reference})
    return False

"""Manifests, tags and which repository holds which blob: the registry's documents and their lifetimes.

A manifest lives as long as a tag that points at it, or an index that lists it. One that was pushed by
digest alone lives the default time. Whatever is over is not found, from the very moment on: the reaper
only tidies up.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from workshop_tui.practice.registry.lifetimes import DEFAULT_SECONDS, tag_seconds

if TYPE_CHECKING:
    from workshop_tui.practice.context import Clock
    from workshop_tui.practice.store import Store

MANIFEST, TAG, LINK = "registry-manifest", "registry-tag", "registry-link"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as it was pushed.

    Attributes:
        digest: of its bytes.
        media_type: as pushed, repeated on the way out.
        body: its exact bytes, as text.
        blobs: digests of its config and layers.
        children: digests of the manifests an index lists.
        subject: digest of the manifest it refers to, or "".
        artifact_type: what kind of thing it is, for the list of referrers, or "".
        expires_at: when its life without a tag ends (ISO 8601), or "" when only tags count.

    """

    digest: str
    media_type: str
    body: str
    blobs: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    subject: str = ""
    artifact_type: str = ""
    expires_at: str = ""


class Catalogue:
    """The registry's documents in the practice store. Keys are `repository@digest` and `repository:tag`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self._clock = clock

    def _until(self, seconds: float) -> str:
        """Return when a lifetime that begins now ends. A tag's promise is made in real time, never scaled."""
        return (self._clock.now() + timedelta(seconds=seconds)).isoformat()

    def put(self, repository: str, manifest: Manifest, tag: str | None) -> None:
        """Keep a manifest, under a tag (whose lifetime begins anew) or by its digest alone."""
        with self.store.transaction():
            if tag is None:
                self._put_by_digest(repository, manifest)
                return
            moment = self._until(tag_seconds(tag))
            document = {"digest": manifest.digest, "expires_at": moment}
            self.store.write(TAG, f"{repository}:{tag}", document)
            self._write(repository, manifest)
            for child in manifest.children:
                stored = self.find(repository, child)
                if stored is not None:  # from now on it lives as long as its index
                    self._write(repository, replace(stored, expires_at=""))

    def _put_by_digest(self, repository: str, manifest: Manifest) -> None:
        living = self.find(repository, manifest.digest)
        if living is None or living.expires_at:
            moment = self._until(DEFAULT_SECONDS)
            manifest = replace(manifest, expires_at=moment)
        self._write(repository, manifest)

    def _write(self, repository: str, manifest: Manifest) -> None:
        self.store.write(MANIFEST, f"{repository}@{manifest.digest}", asdict(manifest))

    def find(self, repository: str, digest: str) -> Manifest | None:
        """Return the living manifest of this digest."""
        return self._living(repository).get(digest)

    def resolve(self, repository: str, tag: str) -> Manifest | None:
        """Return the manifest a living tag points at."""
        document = self.store.read(TAG, f"{repository}:{tag}")
        if document is None or self._is_over(document["expires_at"]):
            return None
        return self.find(repository, document["digest"])

    def tags(self, repository: str) -> list[str]:
        """Return the living tags, sorted."""
        return sorted(tag for tag, _ in self._living_tags(repository))

    def is_known(self, repository: str) -> bool:
        """Return whether anything living is in the repository."""
        return bool(self._living(repository))

    def referrers(self, repository: str, digest: str) -> list[Manifest]:
        """Return the living manifests whose subject this digest is."""
        return [manifest for manifest in self._living(repository).values() if manifest.subject == digest]

    def delete_manifest(self, repository: str, digest: str) -> None:
        """Remove a manifest and every tag that points at it."""
        with self.store.transaction():
            for key, document in self.store.scan(TAG, f"{repository}:"):
                if document["digest"] == digest:
                    self.store.remove(TAG, key)
            self.store.remove(MANIFEST, f"{repository}@{digest}")

    def delete_tag(self, repository: str, tag: str) -> None:
        """Remove a tag; its manifest goes with its last tag, as when ttl.sh reaps one."""
        self.store.remove(TAG, f"{repository}:{tag}")

    def link(self, repository: str, digest: str) -> None:
        """Note that the repository holds this blob."""
        self.store.write(LINK, f"{repository}@{digest}", {"linked_at": self._clock.now().isoformat()})

    def is_linked(self, repository: str, digest: str) -> bool:
        """Return whether the repository holds this blob."""
        return self.store.read(LINK, f"{repository}@{digest}") is not None

    def unlink(self, repository: str, digest: str) -> bool:
        """Note that the repository holds this blob no more; say whether it did."""
        return self.store.remove(LINK, f"{repository}@{digest}")

    def sweep(self) -> set[str]:
        """Remove what is over; return the digests of every blob something living needs."""
        needed: set[str] = set()
        living_keys: set[str] = set()
        with self.store.transaction():
            for key, document in self.store.scan(TAG):
                if self._is_over(document["expires_at"]):
                    self.store.remove(TAG, key)
            manifests = self.store.scan(MANIFEST)
            for repository in {key.rpartition("@")[0] for key, _ in manifests}:
                for digest, manifest in self._living(repository).items():
                    living_keys.add(f"{repository}@{digest}")
                    needed.update(manifest.blobs)
            for key, _ in manifests:
                if key not in living_keys:
                    self.store.remove(MANIFEST, key)
        return needed

    def _living_tags(self, repository: str) -> list[tuple[str, str]]:
        """Return tag and digest of every living tag."""
        prefix = f"{repository}:"
        return [
            (key.removeprefix(prefix), document["digest"])
            for key, document in self.store.scan(TAG, prefix)
            if not self._is_over(document["expires_at"])
        ]

    def _living(self, repository: str) -> dict[str, Manifest]:
        """Return the living manifests of a repository by digest."""
        stored = {}
        for _, document in self.store.scan(MANIFEST, f"{repository}@"):
            manifest = Manifest(
                **{**document, "blobs": tuple(document["blobs"]), "children": tuple(document["children"])}
            )
            stored[manifest.digest] = manifest
        waiting = [digest for _, digest in self._living_tags(repository)]
        waiting += [
            digest
            for digest, manifest in stored.items()
            if manifest.expires_at and not self._is_over(manifest.expires_at)
        ]
        living: dict[str, Manifest] = {}
        while waiting:
            digest = waiting.pop()
            if digest in stored and digest not in living:
                living[digest] = stored[digest]
                waiting.extend(stored[digest].children)
        return living

    def _is_over(self, moment: str) -> bool:
        return datetime.fromisoformat(moment) <= self._clock.now()

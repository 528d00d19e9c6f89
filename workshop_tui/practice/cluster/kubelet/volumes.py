"""A pod's volumes as folders of this node; ServiceAccount tokens in them are kept fresh."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.environment import read_data, read_field
from workshop_tui.practice.cluster.kubelet.runtimes import Mount
from workshop_tui.practice.cluster.ports import PodReference
from workshop_tui.practice.files import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workshop_tui.practice.cluster.ports import Object, ObjectStore, TokenIssuer

REFRESH_SHARE = 0.8
"""A token is renewed when this share of its life is over, or after a day."""

_LONGEST = timedelta(hours=24)
_RETRY = timedelta(seconds=10)
_DEFAULT_TOKEN_SECONDS = 3600


class MountError(Exception):
    """A volume that can't be set up (yet)."""


@dataclass(frozen=True, slots=True)
class _Token:
    path: Path
    audiences: tuple[str, ...]
    seconds: int


class PodVolumes:
    """The volumes of one pod, under `folder/volumes/<name>/`."""

    def __init__(self, pod: Object, folder: Path, objects: ObjectStore, tokens: TokenIssuer, ip: str) -> None:
        self._pod = pod
        self._folder = folder / "volumes"
        self._objects = objects
        self._issuer = tokens
        self._ip = ip
        self._tokens: list[_Token] = []
        self._refresh_at = datetime.now(UTC) + _LONGEST

    def set_up(self) -> None:
        """Write everything; again after a restart of the node.

        Raises:
            MountError: with the kubelet's words for what is missing.

        """
        self._tokens = []
        for volume in self._pod["spec"].get("volumes") or []:
            place = self._folder / volume["name"]
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            sources = volume["projected"].get("sources") or [] if "projected" in volume else [volume]
            for source in sources:
                for path, content in self._files(volume["name"], source):
                    self._write(place, path, content)
                if "serviceAccountToken" in source:
                    self._add_token(place, source["serviceAccountToken"])
        self._write_tokens()

    def mounts(self, container: Object) -> list[Mount]:
        """Return the container's mounts."""
        return [
            Mount(
                entry["mountPath"],
                self._inside(self._folder / entry["name"], entry.get("subPath") or "."),
                bool(entry.get("readOnly")),
            )
            for entry in container.get("volumeMounts") or []
        ]

    async def keep_tokens_fresh(self) -> None:
        """Renew the tokens when it is time, until cancelled. What can't be signed is tried again."""
        while True:
            left = (self._refresh_at - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(left, 0.05))
            try:
                self._write_tokens()
            except MountError:
                self._refresh_at = datetime.now(UTC) + _RETRY

    def _files(self, volume: str, source: Object) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of what a source of files holds; tokens are not among them."""
        for field, resource in (("configMap", "configmaps"), ("secret", "secrets")):
            if field not in source:
                continue
            named = source[field]
            name = named.get("name") or named.get("secretName", "")
            data = read_data(self._objects, resource, self._pod["metadata"]["namespace"], name)
            if data is None and not named.get("optional"):
                what = resource.removesuffix("s")
                raise MountError(
                    f'MountVolume.SetUp failed for volume "{volume}" : {what} "{name}" not found'
                )
            items = named.get("items") or [{"key": key, "path": key} for key in data or {}]
            for item in items:
                if item["key"] in (data or {}):
                    yield item["path"], (data or {})[item["key"]]
        for item in (source.get("downwardAPI") or {}).get("items") or []:
            if "fieldRef" in item:
                yield item["path"], read_field(self._pod, item["fieldRef"]["fieldPath"], self._ip).encode()

    def _add_token(self, place: Path, source: Object) -> None:
        audience = source.get("audience") or ""
        seconds = int(source.get("expirationSeconds") or _DEFAULT_TOKEN_SECONDS)
        path = self._inside(place, source["path"])
        self._tokens.append(_Token(path, (audience,) if audience else (), seconds))

    def _write_tokens(self) -> None:
        metadata, spec = self._pod["metadata"], self._pod["spec"]
        pod = PodReference(metadata["name"], metadata["uid"])
        account = spec.get("serviceAccountName") or "default"
        refresh_at = datetime.now(UTC) + _LONGEST
        for token in self._tokens:
            try:
                text, expires = self._issuer.mint(
                    metadata["namespace"], account, token.audiences, token.seconds, pod
                )
            except Exception as error:
                raise MountError(f"failed to fetch token: {error}") from error
            write_private(token.path, text)
            now = datetime.now(UTC)
            refresh_at = min(refresh_at, now + (expires - now) * REFRESH_SHARE)
        self._refresh_at = refresh_at

    def _write(self, place: Path, path: str, content: bytes) -> None:
        target = self._inside(place, path)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = target.with_name(f".{target.name}.draft")
        draft.write_bytes(content)
        draft.chmod(0o600)
        draft.replace(target)

    @staticmethod
    def _inside(place: Path, path: str) -> Path:
        target = (place / path).resolve()
        if not target.is_relative_to(place.resolve()):
            raise MountError(f"a path leaves its volume: {path}")
        return target

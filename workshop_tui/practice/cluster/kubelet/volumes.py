"""A pod's volumes as folders of this node, kept as fresh as the kubelet keeps them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.atomic_folder import write_all
from workshop_tui.practice.cluster.kubelet.environment import read_data, read_field
from workshop_tui.practice.cluster.kubelet.runtimes import Mount
from workshop_tui.practice.cluster.ports import PodReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.ports import Object, ObjectStore, TokenIssuer
    from workshop_tui.practice.context import Clock

REFRESH_SHARE = 0.8
"""A token is renewed when this share of its life is over, or after a day; both in simulated time."""
SYNC_SECONDS = 60.0
"""Simulated seconds until a change of a ConfigMap or Secret is seen in its files."""

_LONGEST_SECONDS = 24 * 3600.0
_DEFAULT_TOKEN_SECONDS = 3600
_FILES = ("configMap", "secret", "downwardAPI", "projected")


class MountError(Exception):
    """A volume that can't be set up (yet)."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A token that is in a volume, and the real moment at which it is to be renewed."""

    text: str
    renew_at: datetime


class PodVolumes:
    """The volumes of one pod, under `folder/volumes/<name>/`."""

    def __init__(
        self,
        pod: Object,
        folder: Path,
        objects: ObjectStore,
        tokens: TokenIssuer,
        *,
        clock: Clock,
        ip: str,
    ) -> None:
        self._pod = pod
        self._folder = folder / "volumes"
        self._objects = objects
        self._issuer = tokens
        self._clock = clock
        self._ip = ip
        self._tokens: dict[tuple[str, str], _Token] = {}

    def set_up(self) -> None:
        """Write everything; what has not changed stays as it is.

        Raises:
            MountError: with the kubelet's words for what is missing.

        """
        for volume in self._pod["spec"].get("volumes") or []:
            place = self._folder / volume["name"]
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            if any(field in volume for field in _FILES):
                write_all(place, dict(self._files_of(volume)))

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

    async def keep_fresh(self) -> None:
        """Renew tokens and follow changed sources, until cancelled; what goes missing stays as it was."""
        while True:
            wait = timedelta(seconds=SYNC_SECONDS / self._clock.scale)
            due = min((token.renew_at for token in self._tokens.values()), default=None)
            if due is not None:
                wait = min(wait, due - self._clock.now())
            await asyncio.sleep(max(wait.total_seconds(), 0.05))
            try:
                self.set_up()
            except (MountError, OSError):
                await self._clock.sleep(SYNC_SECONDS)

    def _files_of(self, volume: Object) -> Iterator[tuple[str, bytes]]:
        """Yield relative path and content of each file of a volume."""
        name = volume["name"]
        sources = volume["projected"].get("sources") or [] if "projected" in volume else [volume]
        for source in sources:
            for path, content in self._files(name, source):
                yield _checked(path), content
            if "serviceAccountToken" in source:
                token = source["serviceAccountToken"]
                yield _checked(token["path"]), self._token(name, token).encode()

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
                raise _failed(volume, f'{what} "{name}" not found')
            items = named.get("items") or [{"key": key, "path": key} for key in data or {}]
            for item in items:
                if item["key"] in (data or {}):
                    yield item["path"], (data or {})[item["key"]]
                elif not named.get("optional"):
                    raise _failed(volume, f"references non-existent {field.lower()} key: {item['key']}")
        for item in (source.get("downwardAPI") or {}).get("items") or []:
            if "fieldRef" in item:
                yield item["path"], read_field(self._pod, item["fieldRef"]["fieldPath"], self._ip).encode()

    def _token(self, volume: str, source: Object) -> str:
        """Return the token that is to be in the volume now: the one that is, until it is time for another."""
        key, now = (volume, source["path"]), self._clock.now()
        known = self._tokens.get(key)
        if known is not None and now < known.renew_at:
            return known.text
        metadata, spec = self._pod["metadata"], self._pod["spec"]
        audience = source.get("audience") or ""
        try:
            text, expires = self._issuer.mint(
                metadata["namespace"],
                spec.get("serviceAccountName") or "default",
                (audience,) if audience else (),
                int(source.get("expirationSeconds") or _DEFAULT_TOKEN_SECONDS),
                PodReference(metadata["name"], metadata["uid"]),
            )
        except Exception as error:
            raise _failed(volume, f"failed to fetch token: {error}") from error
        seconds = min((expires - now).total_seconds() * REFRESH_SHARE, _LONGEST_SECONDS)
        self._tokens[key] = _Token(text, self._clock.after(seconds))
        return text

    @staticmethod
    def _inside(place: Path, path: str) -> Path:
        """Return the path in its volume: unresolved, since what it leads to is replaced now and then."""
        target = place / path
        if not target.resolve().is_relative_to(place.resolve()):
            raise MountError(f"a path leaves its volume: {path}")
        return target


def _failed(volume: str, why: str) -> MountError:
    return MountError(f'MountVolume.SetUp failed for volume "{volume}" : {why}')


def _checked(path: str) -> str:
    """Return a path that stays in its volume; MountError otherwise."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        raise MountError(f"a path leaves its volume: {path}")
    return path

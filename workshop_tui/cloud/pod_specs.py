"""Pod specs as the model's values, with what their settings come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.text import clean
from workshop_tui.model import Container, EnvironmentSource, EnvironmentVariable, PodSpec, Sensitive

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from workshop_tui.cloud.configuration_reader import ConfigurationReader

Document = dict[str, Any]

_REFERENCES = {"secretKeyRef": ("Secret", "secret"), "configMapKeyRef": ("ConfigMap", "configmap")}
_ENV_FROM = {"secretRef": ("Secret", "secret"), "configMapRef": ("ConfigMap", "configmap")}
_VAULT_DRIVER = "secrets-store.csi.k8s.io"
"""The driver that mounts what is in a vault: Azure's key vault, for one."""
_VOLUMES = {"secret": ("Secret", "secretName"), "configMap": ("ConfigMap", "name")}


async def read_pod_spec(template: Document, keys: ConfigurationReader) -> PodSpec:
    """Read a pod template, or a pod: both have `metadata` and `spec`."""
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    volumes = {item["name"]: item for item in spec.get("volumes") or ()}
    containers = [
        await _container(item, volumes, keys, init=init)
        for init, entries in (
            (True, spec.get("initContainers")),
            (False, spec.get("containers")),
            # Of `kubectl debug`: beside the app, and no part of it.
            (True, spec.get("ephemeralContainers")),
        )
        for item in entries or ()
    ]
    return PodSpec(
        labels=texts(metadata.get("labels")),
        annotations=texts(metadata.get("annotations")),
        service_account=clean(spec.get("serviceAccountName") or "default"),
        containers=tuple(containers),
        notes=tuple(
            (clean(key), Sensitive(str(value)))
            for kind in ("labels", "annotations")
            for key, value in (metadata.get(kind) or {}).items()
        ),
    )


def texts(entries: Mapping[str, object] | None) -> dict[str, str]:
    """Return labels or annotations, cleaned. Blanks at an end are kept: some are compared to the letter."""
    return {clean(key): clean(value, limit=1000, lines=True) for key, value in (entries or {}).items()}


async def _container(
    item: Document, volumes: Mapping[str, Document], keys: ConfigurationReader, *, init: bool
) -> Container:
    sources = [await _env_from(entry, keys) for entry in item.get("envFrom") or ()]
    for mount in item.get("volumeMounts") or ():
        sources += await _mounted(mount, volumes.get(mount.get("name"), {}), keys)
    return Container(
        name=clean(item.get("name", "")),
        image=clean(item.get("image", "")),
        environment=tuple([await _variable(entry, keys) for entry in item.get("env") or ()]),
        sources=tuple(sources),
        ports=tuple(int(port["containerPort"]) for port in item.get("ports") or ()),
        memory_limit=clean(((item.get("resources") or {}).get("limits") or {}).get("memory", "")),
        init=init,
        port_names=tuple(clean(port["name"]) for port in item.get("ports") or () if port.get("name")),
        words=tuple(Sensitive(str(word)) for kind in ("command", "args") for word in item.get(kind) or ()),
        hooks=tuple(
            (kind, tuple(Sensitive(word) for word in _hook_words(item[kind])))
            for kind in _HOOKS
            if item.get(kind)
        ),
    )


_HOOKS = ("lifecycle", "startupProbe", "readinessProbe", "livenessProbe")


def _hook_words(hook: Document) -> Iterator[str]:
    """Yield the words of a probe's command and its headers, or of those of what is done at start and end."""
    for action in (hook, hook.get("postStart") or {}, hook.get("preStop") or {}):
        yield from (str(word) for word in (action.get("exec") or {}).get("command") or ())
        headers = (action.get("httpGet") or {}).get("httpHeaders") or ()
        yield from (f"{header.get('name')}={header.get('value')}" for header in headers)


async def _variable(entry: Document, keys: ConfigurationReader) -> EnvironmentVariable:
    name = clean(entry.get("name", ""))
    origin = entry.get("valueFrom") or {}
    for field, (kind, word) in _REFERENCES.items():
        if field in origin:
            reference = origin[field]
            content = await keys.read(kind, reference.get("name", "")) or {}
            value = content.get(reference.get("key", ""), "")
            source = clean(f"{word} {reference.get('name')}/{reference.get('key')}")
            return EnvironmentVariable(name, Sensitive(value), source)
    if origin:
        return EnvironmentVariable(name, Sensitive(""), "field")
    return EnvironmentVariable(name, Sensitive(str(entry.get("value", ""))))


async def _env_from(entry: Document, keys: ConfigurationReader) -> EnvironmentSource:
    prefix = str(entry.get("prefix") or "")
    for field, (kind, word) in _ENV_FROM.items():
        if field in entry:
            name = str(entry[field].get("name", ""))
            content = await keys.read(kind, name)
            brought = None if content is None else tuple(clean(f"{prefix}{key}") for key in content)
            values = tuple(Sensitive(value) for value in (content or {}).values())
            return EnvironmentSource(word, clean(name), "envFrom", brought, values)
    return EnvironmentSource("unknown", "", "envFrom", None)


async def _mounted(mount: Document, volume: Document, keys: ConfigurationReader) -> list[EnvironmentSource]:
    """Return the Secrets and ConfigMaps behind a mount; projected volumes may hold several."""
    place = f"volume {clean(mount.get('mountPath', ''))}"
    parts = [volume, *((volume.get("projected") or {}).get("sources") or ())]
    found = []
    vault = (volume.get("csi") or {}) if (volume.get("csi") or {}).get("driver") == _VAULT_DRIVER else {}
    if vault:
        name = str((vault.get("volumeAttributes") or {}).get("secretProviderClass", ""))
        content = await keys.read("SecretProviderClass", name)
        brought = None if content is None else tuple(clean(key) for key in content)
        found.append(EnvironmentSource("vault", clean(name), place, brought))
    for part in parts:
        for field, (kind, name_field) in _VOLUMES.items():
            if not isinstance(part.get(field), dict):
                continue
            name = str(part[field].get(name_field) or part[field].get("name") or "")
            content = await keys.read(kind, name)
            chosen = _chosen(part[field].get("items"), content, str(mount.get("subPath") or ""))
            brought = None if chosen is None else tuple(clean(key) for key in chosen)
            # What could not be read has no values: an empty one would say that there is no key in it.
            values = tuple(Sensitive(content.get(key, "")) for key in chosen or ()) if content else ()
            found.append(EnvironmentSource(kind.lower(), clean(name), place, brought, values))
    return found


def _chosen(
    items: Sequence[Document] | None, content: Mapping[str, str] | None, sub_path: str
) -> list[str] | None:
    """Return the keys that a mount brings; None where nobody can say, since the object was not read."""
    paths = {str(item["key"]): str(item.get("path") or item["key"]) for item in items or ()}
    if not paths:
        if content is None:
            return [sub_path] if sub_path else None
        paths = {key: key for key in content}
    return [key for key, path in paths.items() if not sub_path or path == sub_path]

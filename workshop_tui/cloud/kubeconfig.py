"""The learner's kubeconfig: read for its contexts, and given one cluster's entries by an action.

Read by ourselves rather than by the `kubernetes` package: that costs half a second to import, writes private
keys into temporary files, and runs sign-in plugins on the screen's terminal without a time limit.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.text import clean
from workshop_tui.model import KubeconfigContext, Unreadable
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ContextEntries:
    """A context with the cluster and the user it names, as the file has them; secrets among them."""

    context: KubeconfigContext
    cluster: Entry = field(repr=False)
    user: Entry = field(repr=False)
    folder: Path


class KubeconfigFile:
    """One kubeconfig file."""

    def __init__(self, path: Path, context: str = "") -> None:
        """Take the file, and the context's name where somebody chose one."""
        self.path = path
        self.chosen = context

    def contexts(self) -> list[ContextEntries]:
        """Return the contexts of the file that are whole; none where there is no file.

        Raises:
            ReadFailure: the file cannot be read or is no kubeconfig.

        """
        try:
            document = self._load()
        except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError) as error:
            raise ReadFailure(
                Unreadable(
                    f"the kubeconfig {self.path}",
                    _explain(error),
                    "reading.unexpected",
                    f"Mend {self.path}, or move it away.",
                )
            ) from error
        return contexts_of(document, self.path)

    def find(self, *, name: str, server: str) -> ContextEntries | None:
        """Return the context for the cluster with this name and server address.

        The address decides where it is known: a context of the same name may be left over from a cluster that
        was deleted. A chosen context is taken as it is.
        """
        found = self.contexts()
        if self.chosen:
            return next((item for item in found if item.context.name == self.chosen), None)
        if server:
            fitting = [item for item in found if same_server(item.context.server, server)]
            return _best(fitting, name)
        return next((item for item in found if name and item.context.name == name), None)

    def merge(self, text: str) -> str:
        """Add or renew the entries of a kubeconfig that holds one context; return the context's name.

        Everything else stays as it means; comments do not survive, as with `az` and `kubectl`.

        Raises:
            ActionError: the file, or what is to go in, is no kubeconfig.

        """
        try:
            incoming = _checked(yaml.load(text, Loader=_LOADER))  # noqa: S506 - a safe loader, see above
            document = self._load()
        except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError) as error:
            raise ActionError(
                f"{self.path} cannot be changed: {_explain(error)}.", f"Mend {self.path}, or move it away."
            ) from error
        contexts = incoming.get("contexts") or []
        if len(contexts) != 1:
            raise ActionError("The cluster's credentials hold no context.", "Try again.")
        if self.chosen:
            contexts[0]["name"] = self.chosen
        document = document or {"apiVersion": "v1", "kind": "Config", "preferences": {}}
        for kind in ("clusters", "users", "contexts"):
            document[kind] = _renewed(document.get(kind) or [], incoming.get(kind) or [])
        name = str(contexts[0]["name"])
        document["current-context"] = name
        # A link stays a link: what it points to is what the learner keeps.
        _write_private(self.path.resolve(), yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
        return name

    def _load(self) -> Entry:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        return _checked(yaml.load(text, Loader=_LOADER))  # noqa: S506 - a safe loader, see above


def contexts_of(document: Entry, path: Path) -> list[ContextEntries]:
    """Return the contexts of a kubeconfig document whose cluster and user are there."""
    clusters = _by_name(document.get("clusters"), "cluster")
    users = _by_name(document.get("users"), "user")
    current = document.get("current-context")
    found = []
    for name, entry in _by_name(document.get("contexts"), "context").items():
        cluster = clusters.get(str(entry.get("cluster")))
        user = users.get(str(entry.get("user")))
        if cluster is None or user is None or not cluster.get("server"):
            continue
        context = KubeconfigContext(
            name=clean(name), server=clean(cluster["server"]), path=str(path), current=name == current
        )
        found.append(ContextEntries(context, cluster, user, path.parent))
    return found


def parse(text: str, path: Path) -> list[ContextEntries]:
    """Return the contexts of a kubeconfig's text; `path` is where its relative paths start.

    Raises:
        ReadFailure: it is no kubeconfig.

    """
    try:
        return contexts_of(_checked(yaml.load(text, Loader=_LOADER)), path)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, TypeError) as error:
        what = "the cluster's credentials"
        raise ReadFailure(Unreadable(what, _explain(error), "reading.unexpected")) from error


def same_server(one: str, other: str) -> bool:
    """Say whether two addresses are the same server; either may lack its scheme, or its port (443)."""
    return _host_and_port(one) == _host_and_port(other)


def _host_and_port(address: str) -> tuple[str, int]:
    parts = urlsplit(address if "://" in address else f"https://{address}")
    try:
        return (parts.hostname or "").lower(), parts.port or 443
    except ValueError:
        return address, 0


def _best(found: list[ContextEntries], name: str) -> ContextEntries | None:
    """Return the context of the name, else the current one, else the first."""
    ranked = sorted(found, key=lambda item: (item.context.name != name, not item.context.current))
    return ranked[0] if ranked else None


def _by_name(entries: object, key: str) -> dict[str, Entry]:
    if not isinstance(entries, list):
        return {}
    return {
        str(item["name"]): item[key]
        for item in entries
        if isinstance(item, dict) and "name" in item and isinstance(item.get(key), dict)
    }


def _renewed(known: list[Entry], new: Iterable[Entry]) -> list[Entry]:
    """Return the entries with those of the same names replaced in their places, others added."""
    by_name = {item.get("name"): item for item in new}
    kept = [by_name.pop(item.get("name"), item) for item in known]
    return [*kept, *by_name.values()]


def _write_private(path: Path, text: str) -> None:
    """Replace the file whole or not at all, mode 0600: it holds keys."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(draft, path)  # noqa: PTH105 - both are strings and paths of one folder
    except BaseException:
        os.unlink(draft)  # noqa: PTH108 - as above
        raise


def _checked(document: object) -> Entry:
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise TypeError("it is no kubeconfig")
    return document


def _explain(error: Exception) -> str:
    if isinstance(error, yaml.YAMLError):
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark is not None else ""
        return f"it is not valid YAML{line}"
    return clean(getattr(error, "strerror", None) or error, limit=200)


class KubeconfigWriter:
    """See `authoring.KubeconfigChanges`, which it implements."""

    def __init__(self, file: KubeconfigFile) -> None:
        """Take the file."""
        self._file = file

    async def merge(self, kubeconfig: str) -> str:
        """Add or renew this cluster's context, touching nothing else; return its name."""
        return self._file.merge(kubeconfig)

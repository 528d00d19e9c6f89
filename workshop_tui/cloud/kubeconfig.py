"""The learner's kubeconfig, read for its contexts. `kubeconfig_changes` writes it.

Read by ourselves rather than by the `kubernetes` package: that costs half a second to import, writes private
keys into temporary files, and runs sign-in plugins on the screen's terminal without a time limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

from workshop_tui.cloud.text import clean
from workshop_tui.model import KubeconfigContext, KubeconfigNote, Unreadable
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Entry = dict[str, Any]

NOTE = "workshop-tui/"
"""Begins the name of the extension in which the file keeps what we added. kubectl and az keep those, too."""

_PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
"""Entries that name a file."""


@dataclass(frozen=True, slots=True)
class ContextEntries:
    """A context with the cluster and the user it names, as the file has them; secrets among them."""

    context: KubeconfigContext
    cluster: Entry = field(repr=False)
    user: Entry = field(repr=False)


class KubeconfigFile:
    """The file that gets new contexts, and the further ones that kubectl reads with it."""

    def __init__(self, path: Path, context: str = "", *, further: Sequence[Path] = ()) -> None:
        """Take the file, the context's name where somebody chose one, and the rest of `KUBECONFIG`."""
        self.path = path
        self.chosen = context
        self._further = further

    def contexts(self) -> list[ContextEntries]:
        """Return the contexts of the files that are whole; none where there is no file.

        Raises:
            ReadFailure: a file cannot be read or is no kubeconfig.

        """
        documents = []
        for path in (self.path, *self._further):
            try:
                documents.append((load(path), path))
            except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError) as error:
                what, remedy = f"the kubeconfig {path}", f"Mend {path}, or move it away."
                raise ReadFailure(Unreadable(what, explain(error), "reading.unexpected", remedy)) from error
        return contexts_of(documents)

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


def load(path: Path) -> Entry:
    """Return the file's document; empty where there is no file. May raise what reading and YAML do."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return checked(yaml.load(text, Loader=_LOADER))  # noqa: S506 - a safe loader, see above


def contexts_of(documents: Sequence[tuple[Entry, Path]]) -> list[ContextEntries]:
    """Return the contexts of kubeconfig documents whose cluster and user are there.

    As kubectl reads them together: of entries of the same name the first counts, whichever file has it.
    """
    clusters: dict[str, Entry] = {}
    users: dict[str, Entry] = {}
    contexts: dict[str, tuple[Entry, Path]] = {}
    current = next((item for document, _ in documents if (item := document.get("current-context"))), None)
    notes: dict[tuple[str, Path], KubeconfigNote] = {}
    for document, path in reversed(documents):
        clusters |= _by_name(document.get("clusters"), "cluster", path.parent)
        users |= _by_name(document.get("users"), "user", path.parent)
        found = _by_name(document.get("contexts"), "context", path.parent)
        contexts = {**{name: (entry, path) for name, entry in found.items()}, **_without(contexts, found)}
        notes |= {(name, path): note for name in found if (note := note_of(document, name)) is not None}
    return [
        ContextEntries(
            KubeconfigContext(
                name=clean(name),
                server=clean(cluster["server"]),
                path=str(path),
                current=name == current,
                note=notes.get((name, path)),
            ),
            cluster,
            user,
        )
        for name, (entry, path) in contexts.items()
        if (cluster := clusters.get(str(entry.get("cluster")), {})).get("server")
        and (user := users.get(str(entry.get("user")))) is not None
    ]


def note_of(document: Entry, context: str) -> KubeconfigNote | None:
    """Return what an action of ours noted in the file about a context; None where it made nothing of it."""
    for item in document.get("extensions") or ():
        if isinstance(item, dict) and item.get("name") == NOTE + context:
            told = item.get("extension")
            if isinstance(told, dict) and isinstance(added := told.get("added"), list):
                before = told.get("current-before")
                return KubeconfigNote(tuple(map(str, added)), None if before is None else str(before))
    return None


def _without(contexts: dict[str, tuple[Entry, Path]], names: Entry) -> dict[str, tuple[Entry, Path]]:
    return {name: entry for name, entry in contexts.items() if name not in names}


def parse(text: str, path: Path) -> list[ContextEntries]:
    """Return the contexts of a kubeconfig's text; `path` is where its relative paths start.

    Raises:
        ReadFailure: it is no kubeconfig.

    """
    try:
        document = checked(yaml.load(text, Loader=_LOADER))  # noqa: S506 - a safe loader, see above
    except (yaml.YAMLError, TypeError) as error:
        what = "the cluster's credentials"
        raise ReadFailure(Unreadable(what, explain(error), "reading.unexpected")) from error
    return contexts_of([(document, path)])


def same_server(one: str, other: str) -> bool:
    """Return whether two addresses are the same server; either may lack its scheme, or its port (443)."""
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


def _by_name(entries: object, key: str, folder: Path) -> dict[str, Entry]:
    """Return a list's entries by name, their relative paths made whole."""
    if not isinstance(entries, list):
        return {}
    return {
        str(item["name"]): _whole(item[key], folder)
        for item in entries
        if isinstance(item, dict) and "name" in item and isinstance(item.get(key), dict)
    }


def _whole(entry: Entry, folder: Path) -> Entry:
    """Return the entry with its paths as kubectl takes them: relative to the kubeconfig's folder."""
    paths = {name: str(folder / str(entry[name])) for name in _PATHS if entry.get(name)}
    return {**entry, **paths}


def checked(document: object) -> Entry:
    """Return the document if it can be a kubeconfig's; raises TypeError."""
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise TypeError("it is no kubeconfig")
    return document


def explain(error: Exception) -> str:
    """Return what is wrong with a kubeconfig; never quotes it, since it holds keys."""
    if isinstance(error, yaml.YAMLError):
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark is not None else ""
        return f"it is not valid YAML{line}"
    return clean(getattr(error, "strerror", None) or error, limit=200)

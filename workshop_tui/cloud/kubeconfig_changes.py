"""Changing the learner's kubeconfig: one cluster's entries brought to it, and taken out again.

As kubectl does with several files: new entries go into the first, and its current context counts.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml

from workshop_tui.authoring import ActionError
from workshop_tui.changes import MergedContext
from workshop_tui.cloud.kubeconfig import NOTE, checked, explain, note_of
from workshop_tui.cloud.kubeconfig_text import rewritten
from workshop_tui.cloud.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from workshop_tui.cloud.kubeconfig import Entry, KubeconfigFile

_KINDS = ("clusters", "users", "contexts")
_SKELETON = {"apiVersion": "v1", "kind": "Config", "preferences": {}}
_BACKUP = ".before-workshop-tui"
"""What a copy's name ends in; the first one is kept."""


class KubeconfigWriter:
    """See `authoring.KubeconfigChanges`, which it implements."""

    def __init__(self, file: KubeconfigFile) -> None:
        """Take the file."""
        self._file = file

    async def merge(self, kubeconfig: str) -> MergedContext:
        """Add or renew this cluster's context, touching nothing else; note what that was."""
        return merge(self._file, kubeconfig)

    async def take_out(self, context: str) -> None:
        """Take back what `merge` did for this context."""
        take_out(self._file, context)


def merge(file: KubeconfigFile, kubeconfig: str) -> MergedContext:
    """Add or renew the entries of a kubeconfig that holds one context, and make it the current one.

    Raises:
        ActionError: the file, or what is to go in, is no kubeconfig; or it cannot be written.

    """
    with _explained(file.path):
        incoming = checked(yaml.safe_load(kubeconfig))
        text, document = _read(file.path)
        contexts = incoming.get("contexts") or []
        if len(contexts) != 1:
            raise ActionError("The cluster's credentials hold no context.", "Try again.")
        if file.chosen:
            contexts[0]["name"] = file.chosen
        name = str(contexts[0]["name"])
        note = _note(text, document, incoming, name)
        wanted = {**(document or _SKELETON)}
        for kind in _KINDS:
            wanted[kind] = _renewed(document.get(kind) or [], incoming.get(kind) or [])
        wanted["current-context"] = name
        if note["extension"]["added"] or note["extension"]["current-before"] != name:
            wanted["extensions"] = _renewed(document.get("extensions") or [], [note])
        backup = _write(file.path, text, wanted)
    before = str(note["extension"]["current-before"] or "")
    return MergedContext(clean(name), clean(before), clean(backup))


def take_out(file: KubeconfigFile, context: str) -> None:
    """Take out what `merge` added for the context, and make current what was so before it.

    What another context of the learner's uses stays, and so does a current context chosen since.

    Raises:
        ActionError: the file is no kubeconfig, or cannot be written.

    """
    with _explained(file.path):
        text, document = _read(file.path)
        note = note_of(document, context)
        if note is None:
            return
        entry: Entry = next(
            (item for item in document.get("contexts") or [] if item.get("name") == context), {}
        )
        named = entry.get("context") or {}
        wanted = {**document}
        if "contexts" in note.added:
            wanted["contexts"] = [item for item in document["contexts"] if item.get("name") != context]
            for kind, word in (("clusters", "cluster"), ("users", "user")):
                used = {(item.get("context") or {}).get(word) for item in wanted["contexts"]}
                if kind in note.added and named.get(word) not in used:
                    wanted[kind] = [
                        item for item in document.get(kind) or [] if item.get("name") != named.get(word)
                    ]
        if document.get("current-context") == context:
            gone = {context} if "contexts" in note.added else set()
            _put_back(wanted, note.before, {item.context.name for item in file.contexts()} - gone)
        wanted["extensions"] = [item for item in document["extensions"] if item["name"] != NOTE + context]
        if not wanted["extensions"]:
            del wanted["extensions"]
        if "file" in note.added and not any(wanted.get(kind) for kind in (*_KINDS, "extensions")):
            file.path.resolve().unlink()
            return
        _write(file.path, text, wanted)


def _put_back(document: Entry, before: str | None, there: set[str]) -> None:
    """Make the context of before the current one; none is, where it is gone meanwhile."""
    if before is None:
        document.pop("current-context", None)
    else:
        document["current-context"] = before if before in there else ""


def _note(text: str | None, document: Entry, incoming: Entry, name: str) -> Entry:
    """Return the file's note on what is new in it; one of before stays, for what was there before us."""
    known = note_of(document, name)
    if known is not None:
        added, before = list(known.added), known.before
    else:
        names = {kind: {item.get("name") for item in document.get(kind) or []} for kind in _KINDS}
        added = [kind for kind in _KINDS if not names[kind] & {item["name"] for item in incoming[kind]}]
        added += ["file"] if text is None else []
        before = document.get("current-context")
    return {"name": NOTE + name, "extension": {"added": added, "current-before": before}}


def _renewed(known: list[Any], new: Iterable[Entry]) -> list[Any]:
    """Return the entries with those of the same names replaced in their places, others added."""
    by_name = {item.get("name"): item for item in new}
    kept = [by_name.pop(item.get("name"), item) for item in known]
    return [*kept, *by_name.values()]


def _read(path: Path) -> tuple[str | None, Entry]:
    """Return the file's text, line ends as they are, and what it means; None where there is no file."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
    except FileNotFoundError:
        return None, {}
    return text, checked(yaml.safe_load(text))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        odd = isinstance(error, KeyError | AttributeError)
        why = "its entries are not as a kubeconfig's" if odd else explain(error)
        remedy = f"Mend {path}, or move it away."
        if isinstance(error, OSError):
            remedy = f"See that {path} can be written to and that the disk is not full, then try again."
        raise ActionError(f"{path} cannot be changed: {why}.", remedy) from error


def _write(path: Path, text: str | None, document: Entry) -> str:
    """Write the file; return where a copy of it is, if it had to be laid out anew."""
    # A link stays a link: what it points to is what the learner keeps.
    path = path.resolve()
    changed = rewritten(text or "", document)
    if changed is not None:
        _replace(path, changed)
        return ""
    backup = path.with_name(path.name + _BACKUP)
    if text is not None and not backup.exists():
        _replace(backup, text)
    _replace(path, yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
    return str(backup)


def _replace(path: Path, text: str) -> None:
    """Replace the file whole or not at all; a new one is mode 0600, since it holds keys."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            if path.exists():
                os.fchmod(handle, stat.S_IMODE(path.stat().st_mode))
            file.write(text)
        os.replace(draft, path)  # noqa: PTH105 - both are strings and paths of one folder
    except BaseException:
        os.unlink(draft)  # noqa: PTH108 - as above
        raise

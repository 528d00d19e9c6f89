"""A practice world in which all is right, to try drills in: judged, mended by hand, and compared."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from learner import WORKSHOP_TUI, tools

from workshop_tui.cloud import versions
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.cluster import KINDS
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.cloud.oci import parse_reference
from workshop_tui.cloud.permitted import is_look
from workshop_tui.cloud.registry import Registry
from workshop_tui.drilling import judge
from workshop_tui.events import ActionEnded
from workshop_tui.session import open_session
from workshop_tui.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from workshop_tui.drills import Drill
    from workshop_tui.report import Report
    from workshop_tui.session import Session

COMMAND_SECONDS = 240
"""Until a learner's command must have come to its end; building an image takes longest."""
KEPT_KINDS = ("Deployment", "Service", "ServiceAccount", "Secret", "ConfigMap")
_NOTED = frozenset({"deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"})
"""Annotations that the cluster and kubectl keep for themselves."""
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
"""When pods were made anew: those that hold the ids of an identity that is gone have to be."""
_ADDRESSES = ("clusterIP", "clusterIPs")
"""What the cluster gives a Service; turning Workload Identity off and on makes one anew."""
_GIVEN = ("etag", "systemData")
_NO_SOURCE = frozenset({".git", "__pycache__", ".venv"})
_BASH = """
# What is wrong with a machine is not the command's business: here a build needs the machine's own network.
docker() {
  if [ "$1" = build ]; then shift; set -- build --network=host "$@"; fi
  command docker "$@"
}
"""


@dataclass(frozen=True)
class Ran:
    """A command that a learner ran, its exit code and the last thing that it said."""

    command: str
    code: int
    said: str


@dataclass(frozen=True)
class Bench:
    """The world: a session that may change it, and the environment that a learner's bash has.

    `sent` counts what self-checks sent, by service, method and kind of path.
    """

    environment: Mapping[str, str]
    session: Session
    shell: Mapping[str, str]
    sent: Counter[str] = field(default_factory=Counter)
    unlike_looks: list[str] = field(default_factory=list)
    """Requests of self-checks that were more than a look. There must be none."""
    principals: set[str] = field(default_factory=set)
    """The object ids that identities ever had: roles of one that is gone stay, as in Azure, for nobody."""

    async def look(self, drill: Drill, *, kubeconfig: str = "") -> Report:
        """Judge as `drill check` does, in a new session that may only read; all it sent is noted."""
        last = await self._last_request()
        settings = load_settings(self.environment, kubeconfig=kubeconfig)
        async with open_session(settings, read_only=True) as session:
            report = await judge(session, drill)
        for entry in await self._requests(last):
            if entry["path"].startswith("/practice/"):
                continue
            self.sent[_kind_of(entry)] += 1
            if not is_look(entry["method"], f"https://localhost{entry['path']}"):
                self.unlike_looks.append(f"{drill.id}: {entry['method']} {entry['path']}")
        return report

    async def run(self, command: str) -> Ran:
        """Run a command as it stands, in bash, as a learner would who pasted it."""
        return await asyncio.to_thread(self._run, command)

    def _run(self, command: str) -> Ran:
        done = subprocess.run(
            ["bash", "-c", command],
            env=dict(self.shell),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        return Ran(command, done.returncode, said[-1] if said else "")

    async def solve(self, *, bonus: bool) -> None:
        """Do the steps' actions for the learner: the bonus ones, or all others.

        Raises:
            AssertionError: an action stopped.

        """
        for step in self.session.workshop.steps:
            if step.bonus is not bonus:
                continue
            async for event in self.session.guide.solve(step):
                if isinstance(event, ActionEnded):
                    assert event.done, event

    async def state(self) -> dict[str, Any]:
        """Return all of the world that a person writes, by names; not what counts up by itself.

        An identity that is made anew has other ids, in Azure as here: they go by its name.
        """
        arm: Arm = self.session.cloud.services()[Arm]  # type: ignore[assignment]
        found = {
            **await _azure_state(arm, self.session.names.subscription_id),
            **await self._cluster_state(),
            **await asyncio.to_thread(_files_state, Path(self.session.names.source)),
            "image": await self._image(),
        }
        text = json.dumps(found)
        identities = [item for key, item in found.items() if _is_identity(key)]
        for item in identities:
            for name in ("clientId", "principalId"):
                text = text.replace(item["properties"][name], f"the {name} of {item['name']}")
        self.principals.update(item["properties"]["principalId"] for item in identities)
        named: dict[str, Any] = json.loads(text)
        return {key: item for key, item in named.items() if not any(gone in key for gone in self.principals)}

    async def _image(self) -> str:
        registry: Registry = self.session.cloud.services()[Registry]  # type: ignore[assignment]
        reference = parse_reference(self.session.names.image)
        async with registry.connect(reference) as client:
            answer = await client.head(f"/v2/{reference.repository}/manifests/{reference.tag}")
            return str(answer.headers.get("Docker-Content-Digest", "none"))

    async def _cluster_state(self) -> dict[str, Any]:
        connector: ClusterConnector = self.session.cloud.services()[ClusterConnector]  # type: ignore[assignment]
        client = await connector.open_for_change()
        found = {}
        for kind in KEPT_KINDS:
            root, plural = KINDS[kind]
            for item in (await client.send("GET", f"{root}/{plural}")).json()["items"]:
                metadata = item["metadata"]
                own = {key: part for key, part in item.items() if key not in ("metadata", "status")}
                spec = own.get("spec", {})
                for name in _ADDRESSES:
                    spec.pop(name, None)
                spec.get("template", {}).get("metadata", {}).get("annotations", {}).pop(_RESTARTED, None)
                notes = (metadata.get("annotations") or {}).items()
                annotations = {key: value for key, value in notes if key not in _NOTED}
                own |= {"labels": metadata.get("labels") or {}, "annotations": annotations}
                found[f"{kind} {metadata['namespace']}/{metadata['name']}"] = own
        return found

    async def _last_request(self) -> int:
        return max((int(entry["id"]) for entry in await self._requests(0)), default=0)

    async def _requests(self, after: int) -> list[dict[str, Any]]:
        arm: Arm = self.session.cloud.services()[Arm]  # type: ignore[assignment]
        answer = await arm.get("/practice/audit", versions.GROUPS, after=str(after))
        assert answer is not None
        entries: list[dict[str, Any]] = answer["value"]
        return entries


@asynccontextmanager
async def open_bench(environment: Mapping[str, str], folder: Path) -> AsyncIterator[Bench]:
    """Open the bench on a practice cloud that runs; `folder` is for what its bash needs."""
    async with open_session(load_settings(environment)) as session:
        yield Bench(environment, session, await asyncio.to_thread(_learners_shell, environment, folder))


def _learners_shell(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the environment of who said `eval "$(workshop-tui practice env)"` in a terminal."""
    programs = folder / "tools"
    programs.mkdir()
    for name, program in tools().items():
        (programs / name).symlink_to(program)
    own = programs / "workshop-tui"
    own.write_text(f'#!/bin/sh\nexec {" ".join(WORKSHOP_TUI)} "$@"\n', "utf-8")
    own.chmod(0o755)
    functions = folder / "functions.sh"
    functions.write_text(_BASH, "utf-8")
    learner = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AZURE_")},
        **environment,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "BASH_ENV": str(functions),
        # The builder that takes its network from the machine's own daemon.
        "DOCKER_BUILDKIT": "0",
    }
    told = subprocess.run(
        ["bash", "-c", 'set -e; exports=$(workshop-tui practice env); eval "$exports"; env -0'],
        env=learner,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    return dict(line.split("=", 1) for line in told.split("\0") if "=" in line)


async def _azure_state(arm: Arm, subscription_id: str) -> dict[str, Any]:
    subscription = f"/subscriptions/{subscription_id}"
    found: dict[str, Any] = {}
    resources = await arm.list(f"{subscription}/resources", versions.GROUPS)
    versions_of = {
        "microsoft.managedidentity/userassignedidentities": versions.IDENTITIES,
        "microsoft.containerservice/managedclusters": versions.CLUSTERS,
        "microsoft.cognitiveservices/accounts": versions.ACCOUNTS,
    }
    inner = {
        "microsoft.managedidentity/userassignedidentities": "federatedIdentityCredentials",
        "microsoft.cognitiveservices/accounts": "deployments",
    }
    for resource in resources:
        kind = resource["type"].lower()
        if kind not in versions_of:
            continue
        whole = await arm.get(resource["id"], versions_of[kind])
        children = (
            await arm.list(f"{resource['id']}/{inner[kind]}", versions_of[kind]) if kind in inner else []
        )
        for item in (whole, *children):
            if item is not None:
                found[item["id"].lower()] = {key: part for key, part in item.items() if key not in _GIVEN}
    assignments = await arm.list(
        f"{subscription}/providers/Microsoft.Authorization/roleAssignments", versions.ROLES
    )
    for item in assignments:
        said = item["properties"]
        role = said["roleDefinitionId"].rpartition("/")[2]
        found[f"role {role} of {said['principalId']} at {said['scope'].lower()}"] = said.get("condition")
    return found


def _is_identity(key: str) -> bool:
    return key.rpartition("/")[0].endswith("/microsoft.managedidentity/userassignedidentities")


def _files_state(source: Path) -> dict[str, Any]:
    return {
        str(file.relative_to(source)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in source.rglob("*")
        if file.is_file() and not _NO_SOURCE.intersection(file.relative_to(source).parts)
    }


def _kind_of(entry: Mapping[str, Any]) -> str:
    """Return what sort of request it was; names and ids in paths are of no interest."""
    if entry["method"] != "POST":
        return f"{entry['service']}: {entry['method']}"
    parts = entry["path"].rstrip("/").split("/")
    ends = "/".join(parts[-2:]) if parts[-1] in ("completions", "description", "token") else parts[-1]
    return f"{entry['service']}: POST …/{ends}"

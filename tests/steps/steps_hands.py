"""Every hand of `authoring` on a small world in memory, and running a step's action or reset on it."""

from __future__ import annotations

import copy
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from steps_world import (
    ACCOUNT_ID,
    CLIENT_ID,
    CLUSTER_ID,
    CODE,
    CREDENTIAL,
    DIGEST,
    FINGERPRINT,
    FINISHED,
    GOOD,
    IDENTITY_ID,
    ISSUER,
    NOW,
    PRINCIPAL_ID,
    TENANT_ID,
)

from workshop_tui.authoring import (
    MARK,
    Absent,
    Answer,
    AzureChanges,
    Checkout,
    ClusterChanges,
    Deployment,
    Evidence,
    FederatedCredentials,
    IdentityRoles,
    ImageChanges,
    KubeconfigChanges,
    KubeconfigContext,
    KubeconfigNote,
    LearnerRoles,
    LocalAppChanges,
    ManagedCluster,
    ManagedIdentity,
    Noted,
    OpenAIAccount,
    Progress,
    PushedImage,
    RoleGrant,
    ServiceAccount,
    SourceChanges,
    Undo,
    Working,
)
from workshop_tui.changes import MergedContext
from workshop_tui.facts.engine import Facts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path


@dataclass
class World:
    """Every hand of `authoring` on a world in memory; `facts` is what a pass over it would read."""

    facts: dict[type, Any] = field(default_factory=lambda: dict(FINISHED))
    calls: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def services(self) -> dict[type, object]:
        hands = (
            AzureChanges,
            ClusterChanges,
            ImageChanges,
            KubeconfigChanges,
            LocalAppChanges,
            SourceChanges,
        )
        return {**self.facts, **dict.fromkeys(hands, self)}

    # Azure
    def role_assignment_id(self, *, scope: str, role: str, principal_id: str) -> str:
        return f"{scope}/roleAssignments/{role}-{principal_id}"

    async def assign_role(self, *, scope: str, role: str, principal_id: str, principal_kind: str) -> bool:
        self.calls.append(f"assign {principal_kind}")
        kind = IdentityRoles if principal_id == PRINCIPAL_ID else LearnerRoles
        name = self.role_assignment_id(scope=scope, role=role, principal_id=principal_id)
        known = self.facts[kind].grants if not isinstance(self.facts[kind], Absent) else ()
        if any(item.id == name for item in known):
            return False
        template: RoleGrant = FINISHED[IdentityRoles].grants[0]
        self.facts[kind] = replace(FINISHED[kind], grants=(*known, replace(template, id=name)))
        return True

    async def remove_role(self, assignment_id: str) -> None:
        for kind in (IdentityRoles, LearnerRoles):
            if not isinstance(self.facts[kind], Absent):
                kept = tuple(item for item in self.facts[kind].grants if item.id != assignment_id)
                self.facts[kind] = replace(self.facts[kind], grants=kept)

    async def put_identity(self, name: str) -> ManagedIdentity:
        self.calls.append("identity")
        self.facts[ManagedIdentity] = ManagedIdentity(
            IDENTITY_ID, name, CLIENT_ID, PRINCIPAL_ID, TENANT_ID, {MARK: "managed-identity"}
        )
        return self.facts[ManagedIdentity]  # type: ignore[no-any-return]

    async def delete_identity(self, identity_id: str) -> None:
        self.calls.append(f"delete {identity_id.rsplit('/', 1)[-1]}")
        self.facts[ManagedIdentity] = Absent("identity", "identity.missing")

    async def put_federated_credential(
        self, *, identity_id: str, name: str, issuer: str, subject: str, audience: str
    ) -> None:
        self.calls.append(f"credential {name}")
        new = replace(CREDENTIAL, name=name, issuer=issuer, subject=subject, audiences=(audience,))
        kept = tuple(item for item in self.facts[FederatedCredentials].items if item.name != name)
        self.facts[FederatedCredentials] = FederatedCredentials(identity_id, (*kept, new))

    async def delete_federated_credential(self, *, identity_id: str, name: str) -> None:
        kept = tuple(item for item in self.facts[FederatedCredentials].items if item.name != name)
        self.facts[FederatedCredentials] = FederatedCredentials(identity_id, kept)

    async def update_cluster(
        self, cluster_id: str, *, oidc_issuer: bool | None = None, workload_identity: bool | None = None
    ) -> AsyncIterator[str]:
        assert cluster_id == CLUSTER_ID
        self.calls.append("update cluster")
        yield "Updating"
        changes: dict[str, Any] = {}
        if oidc_issuer:
            changes |= {"oidc_issuer": True, "issuer_url": ISSUER}
        if workload_identity is not None:
            changes["workload_identity"] = workload_identity
        self.facts[ManagedCluster] = replace(self.facts[ManagedCluster], **changes)
        yield "Succeeded"

    async def set_key_sign_in(self, account_id: str, *, allowed: bool) -> None:
        self.calls.append(f"keys {'on' if allowed else 'off'}")
        assert account_id == ACCOUNT_ID
        self.facts[OpenAIAccount] = replace(self.facts[OpenAIAccount], key_sign_in=allowed)

    async def regenerate_keys(self, account_id: str) -> None:
        self.calls.append("regenerate")
        assert account_id == ACCOUNT_ID

    async def cluster_credentials(self, cluster_id: str) -> str:
        return f"kubeconfig of {cluster_id}"

    # the kubeconfig
    async def merge(self, kubeconfig: str) -> MergedContext:
        self.calls.append("merge")
        assert kubeconfig == f"kubeconfig of {CLUSTER_ID}"
        note = KubeconfigNote(("clusters", "users", "contexts"), "kind-mine")
        self.facts[KubeconfigContext] = replace(self.facts[KubeconfigContext], note=note)
        return MergedContext("myAKSCluster", "kind-mine")

    async def take_out(self, context: str) -> None:
        self.calls.append(f"take out {context}")
        self.facts[KubeconfigContext] = replace(self.facts[KubeconfigContext], note=None)

    # the cluster
    async def apply(self, manifest: Mapping[str, Any]) -> str:
        self.calls.append(f"apply {manifest['kind']}")
        if manifest["kind"] == "ServiceAccount":
            metadata = manifest["metadata"]
            new = ServiceAccount(metadata["namespace"], metadata["name"], metadata["annotations"])
            old, self.facts[ServiceAccount] = self.facts[ServiceAccount], new
            return "unchanged" if old == new else "created"
        old_annotations = self.facts[Deployment].template.annotations
        self.applied = copy.deepcopy(dict(manifest))
        template = replace(self.facts[Deployment].template, annotations={f"{MARK}/step": "redeploy"})
        self.facts[Deployment] = replace(self.facts[Deployment], template=template)
        return "unchanged" if old_annotations else "configured"

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        self.calls.append(f"delete {kind} {namespace}/{name}")
        self.facts[ServiceAccount] = Absent("ServiceAccount", "service-account.missing")

    async def rollout(self, namespace: str, name: str) -> AsyncIterator[Working]:
        yield Working(f"{namespace}/{name}: 0 of 1 updated")
        yield Working(f"{namespace}/{name}: done")

    async def roll_back(self, namespace: str, name: str) -> None:
        self.calls.append(f"roll back {namespace}/{name}")
        template = replace(self.facts[Deployment].template, annotations={})
        self.facts[Deployment] = replace(self.facts[Deployment], template=template)

    async def restart(self, namespace: str, name: str) -> None:
        self.calls.append(f"restart {namespace}/{name}")

    async def log(self, namespace: str, pod: str, container: str) -> str:
        return f"{namespace}/{pod}/{container}: Application startup complete."

    # images
    builder = "embedded"

    async def build_and_push(self, context: Path, reference: str) -> AsyncIterator[Working]:
        self.calls.append(f"push {context.name}")
        yield Working("layer", 0.5, "sha256:1")
        self.facts[PushedImage] = replace(FINISHED[PushedImage], reference=reference, evidence=None)
        yield Working("pushed", 1.0, DIGEST)

    async def forget(self, reference: str) -> None:
        self.calls.append(f"forget {reference}")
        self.facts[PushedImage] = Absent("image", "image.missing")

    # the source
    async def fetch(self) -> AsyncIterator[str]:
        self.calls.append("fetch")
        yield "cloning"
        self.facts[Checkout] = FINISHED[Checkout]

    async def read(self, path: str) -> str:
        return self.files[path]

    async def write(self, path: str, text: str) -> None:
        self.calls.append(f"write {path.rsplit('/', 1)[-1]}")
        self.files[path] = text

    async def restore(self, path: str) -> None:
        self.calls.append(f"restore {path.rsplit('/', 1)[-1]}")

    async def remove(self) -> None:
        self.calls.append("remove")

    # the app on this machine
    answer = GOOD

    async def prepare(self) -> AsyncIterator[str]:
        yield "installing"

    @asynccontextmanager
    async def running(self, environment: Mapping[str, str]) -> AsyncIterator[None]:
        assert not any("KEY" in name for name in environment)
        self.calls.append("start")
        try:
            yield
        finally:
            self.calls.append("stop")

    async def describe(self) -> Answer:
        return self.answer

    async def evidence(self) -> Evidence:
        return Evidence("local-run", FINGERPRINT, NOW, {"healthy": "yes"})


async def act(world: World, step: str, *, stop_after: int | None = None) -> list[Progress]:
    """Run the step's action as the guide does; leave it after so many events, as a killed process would."""
    seen: list[Progress] = []
    async with Facts(world.services(), {}) as facts:
        arguments = await facts.arguments(CODE[step].action)  # type: ignore[arg-type]
        assert isinstance(arguments, dict), arguments
        async with aclosing(CODE[step].action(**arguments)) as events:  # type: ignore[misc]
            async for event in events:
                if isinstance(event, Noted) and event.evidence.kind == "image-push":
                    world.facts[PushedImage] = replace(world.facts[PushedImage], evidence=event.evidence)
                seen.append(event)
                if stop_after is not None and len(seen) >= stop_after:
                    break
    return seen


async def undos(world: World, step: str) -> Sequence[Undo]:
    async with Facts(world.services(), {}) as facts:
        arguments = await facts.arguments(CODE[step].reset)  # type: ignore[arg-type]
        assert isinstance(arguments, dict), arguments
        return CODE[step].reset(**arguments)  # type: ignore[misc, no-any-return]

"""What an action may change in Azure: `authoring.AzureChanges`, over ARM."""

from __future__ import annotations

import asyncio
import base64
import uuid
from contextlib import aclosing
from typing import TYPE_CHECKING

from workshop_tui.authoring import MARK
from workshop_tui.cloud import versions
from workshop_tui.cloud.azure import IDENTITIES, identity_of
from workshop_tui.cloud.cluster_update import update_cluster
from workshop_tui.cloud.errors import CONFLICT, NOT_FOUND, RefusedError, acting
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.waiting import while_refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from workshop_tui.cloud.arm import Arm
    from workshop_tui.cloud.azure import Azure
    from workshop_tui.model import ManagedIdentity

_NAMES = uuid.UUID("6f2d9be0-3c0e-5d1b-9a53-8f3c5e2f7a41")
"""Our name space for deterministic role assignment names."""
ACCOUNT_SECONDS = 120.0
"""How long a change of the account may take at most; and the pause between looks at it."""
ACCOUNT_PAUSE = 1.0
_ROLES = "providers/Microsoft.Authorization"


class AzureWriter:
    """See `authoring.AzureChanges`, which it implements; every change may be made twice."""

    def __init__(self, arm: Arm, azure: Azure) -> None:
        """Take the way to ARM, and the reads of the resource group."""
        self._arm = arm
        self._azure = azure

    def role_assignment_id(self, *, scope: str, role: str, principal_id: str) -> str:
        """Return the id that `assign_role` uses: the same whoever asks, on whatever machine."""
        name = uuid.uuid5(_NAMES, f"{scope}|{role}|{principal_id}".lower())
        return f"{scope}/{_ROLES}/roleAssignments/{name}"

    async def assign_role(self, *, scope: str, role: str, principal_id: str, principal_kind: str) -> bool:
        """Assign the role; False if it was so already, under whatever name."""
        assignment = self.role_assignment_id(scope=scope, role=role, principal_id=principal_id)
        body = {
            "properties": {
                "roleDefinitionId": f"{self._arm.subscription}/{_ROLES}/roleDefinitions/{role}",
                "principalId": principal_id,
                # Told, so that a principal made a moment ago is not looked for in a directory that lags.
                "principalType": principal_kind,
            }
        }
        with acting("The role could not be assigned"):
            try:
                # A directory that lags may still not know a new principal for some seconds.
                response = await while_refused(
                    "PrincipalNotFound", lambda: self._arm.send("PUT", assignment, versions.ROLES, body=body)
                )
            except RefusedError as error:
                if error.refusal.status == CONFLICT and error.refusal.code == "RoleAssignmentExists":
                    return False
                raise
        return bool(response.status_code == 201)  # noqa: PLR2004 - HTTP's Created

    async def remove_role(self, assignment_id: str) -> None:
        """Delete the assignment."""
        with acting("The role assignment could not be removed"):
            await self._delete(assignment_id, versions.ROLES)

    async def put_identity(self, name: str) -> ManagedIdentity:
        """Create the identity in the group's location with our tag, or leave a known one as it is."""
        with acting(f"The managed identity {name} could not be made"):
            path = f"{self._azure.group_id}/providers/{IDENTITIES}/{name}"
            known = await self._arm.get(path, versions.IDENTITIES)
            if known is not None:
                return identity_of(known)
            group = await self._arm.get(self._azure.group_id, versions.GROUPS)
            location = (group or {}).get("location", "")
            body = {"location": location, "tags": {MARK: "managed-identity"}}
            response = await self._arm.send("PUT", path, versions.IDENTITIES, body=body)
            return identity_of(response.json())

    async def delete_identity(self, identity_id: str) -> None:
        """Delete the identity."""
        with acting("The managed identity could not be deleted"):
            await self._delete(identity_id, versions.IDENTITIES)

    async def put_federated_credential(
        self, *, identity_id: str, name: str, issuer: str, subject: str, audience: str
    ) -> None:
        """Create or replace the credential; Azure takes writes under one identity one at a time only."""
        path = f"{identity_id}/federatedIdentityCredentials/{name}"
        body = {"properties": {"issuer": issuer, "subject": subject, "audiences": [audience]}}
        with acting(f"The federated credential {name} could not be made"):
            await while_refused(
                "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
                lambda: self._arm.send("PUT", path, versions.IDENTITIES, body=body),
            )

    async def delete_federated_credential(self, *, identity_id: str, name: str) -> None:
        """Delete the credential."""
        path = f"{identity_id}/federatedIdentityCredentials/{name}"
        with acting(f"The federated credential {name} could not be deleted"):
            await while_refused(
                "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
                lambda: self._delete(path, versions.IDENTITIES),
            )

    async def update_cluster(
        self, cluster_id: str, *, oidc_issuer: bool | None = None, workload_identity: bool | None = None
    ) -> AsyncIterator[str]:
        """Read, change, put back whole: a part of a cluster put back would reset the rest of it."""
        with acting("The cluster could not be updated"):
            steps = update_cluster(
                self._arm, cluster_id, oidc_issuer=oidc_issuer, workload_identity=workload_identity
            )
            async with aclosing(steps) as statuses:
                async for status in statuses:
                    yield clean(status, limit=100)

    async def set_key_sign_in(self, account_id: str, *, allowed: bool) -> None:
        """Set `disableLocalAuth`, and nothing else, and wait until the account has it."""
        with acting("Key sign-in could not be changed"):
            body = {"properties": {"disableLocalAuth": not allowed}}
            response = await self._arm.send("PATCH", account_id, versions.ACCOUNTS, body=body)
            async with aclosing(self._arm.follow(response)) as statuses:
                async for _ in statuses:
                    pass
            async with asyncio.timeout(ACCOUNT_SECONDS):
                # Where the answer names no operation to follow, the account itself tells.
                while await self._keys_allowed(account_id) is not allowed:  # noqa: ASYNC110 - no event tells
                    await asyncio.sleep(ACCOUNT_PAUSE)

    async def _keys_allowed(self, account_id: str) -> bool | None:
        """Return whether keys count, or None while the account is being changed."""
        properties = (await self._arm.get(account_id, versions.ACCOUNTS) or {}).get("properties", {})
        if properties.get("provisioningState", "Succeeded") != "Succeeded":
            return None
        return not properties.get("disableLocalAuth", False)

    async def regenerate_keys(self, account_id: str) -> None:
        """Regenerate both keys; the answers, which carry the new ones, are thrown away unread."""
        with acting("The keys could not be regenerated"):
            for key in ("Key1", "Key2"):
                await self._arm.send(
                    "POST", f"{account_id}/regenerateKey", versions.ACCOUNTS, body={"keyName": key}
                )

    async def cluster_credentials(self, cluster_id: str) -> str:
        """Return the cluster user's kubeconfig."""
        with acting("The cluster's credentials could not be fetched"):
            return await fetch_credentials(self._arm, cluster_id)

    async def _delete(self, path: str, version: str) -> None:
        try:
            await self._arm.send("DELETE", path, version)
        except RefusedError as error:
            if error.refusal.status != NOT_FOUND:
                raise


async def fetch_credentials(arm: Arm, cluster_id: str) -> str:
    """Return the cluster user's kubeconfig as YAML, by the one call that `az aks get-credentials` makes."""
    response = await arm.send("POST", f"{cluster_id}/listClusterUserCredential", versions.CLUSTERS)
    kubeconfigs = response.json().get("kubeconfigs") or []
    return base64.b64decode(kubeconfigs[0]["value"]).decode() if kubeconfigs else ""

"""What the doctor says of Azure: with the practice cloud in Azure's place, by the same clients."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from machines import ACCOUNT, AZ

from workshop_tui.cloud import open_cloud
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import Azure
from workshop_tui.cloud.azure_changes import fetch_credentials
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.cloud.kubeconfig import KubeconfigFile
from workshop_tui.cloud.tokens import Tokens, claims_of
from workshop_tui.cloud.versions import ROLES
from workshop_tui.doctor import Diagnosis, Need, State
from workshop_tui.doctor.looking import _NoEvidence
from workshop_tui.practice import client
from workshop_tui.settings import load_settings
from workshop_tui.target import load_target, practice_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from machines import Machine

    from workshop_tui.settings import Settings
    from workshop_tui.target import Target

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
GIVEN = (
    *("network-sign-in", "network-arm", "network-registry", "clock", "sign-in", "subscription"),
    *("arm-token", "model-token", "resource-group", "account", "model-deployment", "cluster"),
    *("role-right", "identity-right", "cluster-right", "cluster-credential", "cluster-access"),
)
"""What the practice cloud gives every learner."""


def states(found: dict[str, Diagnosis], ids: Iterable[str]) -> dict[str, State]:
    return {name: found[name].state for name in ids}


def named(target: Target, **names: Any) -> Target:
    return replace(target, names=replace(target.names, **names))


async def test_a_world_as_it_should_be(machine: Machine, target: Target) -> None:
    found = await machine.look("azure", target=target)
    assert states(found, GIVEN) == dict.fromkeys(GIVEN, State.OK)
    assert "service principal" in found["sign-in"].observed
    assert "myAKSCluster in myResourceGroup" in found["cluster"].observed
    assert found["role-right"].observed.startswith("Owner allows it")
    assert "credentials from Azure" in found["cluster-access"].observed


async def test_names_that_are_not_there_are_told_with_those_that_are(
    machine: Machine, target: Target
) -> None:
    found = await machine.look("azure", target=named(target, account="nope", cluster="none"))
    assert found["account"].state is State.LACKING
    assert "Those that are there: myOpenAI" in found["account"].observed
    assert found["account"].command.startswith("az cognitiveservices account list")
    assert found["cluster"].state is State.LACKING
    assert "myAKSCluster" in found["cluster"].observed
    for name in ("model-deployment", "role-right"):
        assert found[name].observed == "not looked at: first the Azure OpenAI account"
    for name in ("cluster-right", "cluster-credential", "cluster-access"):
        assert found[name].state is State.UNKNOWN


async def test_a_resource_group_that_is_not_there(machine: Machine, target: Target) -> None:
    found = await machine.look("azure", target=named(target, resource_group="elsewhere"))
    assert found["resource-group"].state is State.LACKING
    assert found["account"].observed == "not looked at: first the resource group"


async def test_a_subscription_that_the_sign_in_does_not_see(machine: Machine, target: Target) -> None:
    other = "99999999-9999-4999-8999-999999999999"
    found = await machine.look("azure", target=named(target, subscription_id=other))
    assert found["subscription"].state is State.LACKING
    assert "Workshop practice" in found["subscription"].observed
    assert found["subscription"].command == f"az account set --subscription {target.names.subscription_id}"


@pytest.fixture
async def reader_only(tmp_path: Path) -> AsyncIterator[Target]:
    """A practice cloud whose learner may read, and no more."""
    settings = load_settings({"WORKSHOP_TUI_HOME": str(tmp_path / "poor")}, target="practice")
    folder = practice_folder(settings.home)
    client.start(folder, time_scale=20.0)
    try:
        target = load_target(settings)
        await leave_only_reading(target, settings)
        yield target
    finally:
        client.stop(folder)


async def leave_only_reading(target: Target, settings: Settings) -> None:
    async with open_cloud(target, settings, evidence=_NoEvidence(), read_only=False) as cloud:
        arm: Any = cloud.services()[Arm]
        tokens: Any = cloud.services()[Tokens]
        me = claims_of(await tokens.token(target.arm_scope))["oid"]
        authorization = f"{arm.subscription}/providers/Microsoft.Authorization"
        assignments = f"{authorization}/roleAssignments"
        held = await arm.list(assignments, ROLES, **{"$filter": f"assignedTo('{me}')"})
        body = {
            "properties": {
                "roleDefinitionId": f"{authorization}/roleDefinitions/{READER}",
                "principalId": me,
                "principalType": "ServicePrincipal",
            }
        }
        await arm.send("PUT", f"{assignments}/55555555-5555-4555-8555-555555555555", ROLES, body=body)
        for item in held:
            await arm.send("DELETE", item["id"], ROLES)


async def test_rights_that_are_missing_are_told_before_a_step_needs_them(
    machine: Machine, reader_only: Target
) -> None:
    found = await machine.look("azure", target=reader_only)
    rights = ("role-right", "identity-right", "cluster-right", "cluster-credential")
    assert states(found, rights) == dict.fromkeys(rights, State.LACKING)
    assert "Microsoft.Authorization/roleAssignments/write" in found["role-right"].observed
    assert "your roles there: Reader" in found["role-right"].observed
    assert "Owner or Role Based Access Control Administrator" in found["role-right"].remedy
    assert "Contributor" in found["cluster-right"].remedy
    assert found["cluster-access"].state is State.UNKNOWN
    assert "403" in found["cluster-access"].observed
    seen = ("sign-in", "subscription", "resource-group", "account", "cluster")
    assert states(found, seen) == dict.fromkeys(seen, State.OK)


async def kubeconfig_of(target: Target, settings: Settings) -> dict[str, Any]:
    """The cluster's own kubeconfig, as `az aks get-credentials` gets it."""
    async with open_cloud(target, settings, evidence=_NoEvidence(), read_only=True) as cloud:
        azure: Any = cloud.services()[Azure]
        (managed,) = await azure.clusters()
        arm: Any = cloud.services()[Arm]
        document: dict[str, Any] = yaml.safe_load(await fetch_credentials(arm, managed.id))
        return document


def with_user(target: Target, folder: Path, document: dict[str, Any], user: dict[str, Any]) -> Target:
    document["users"][0]["user"] = user
    file = folder / "kubeconfig"
    file.write_text(yaml.safe_dump(document))
    return replace(target, kubeconfig=file)


async def test_a_sign_in_plugin_that_is_not_installed(
    machine: Machine, target: Target, practice_settings: Settings, tmp_path: Path
) -> None:
    spec = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": ["get-token"],
    }
    document = await kubeconfig_of(target, practice_settings)
    changed = with_user(target, tmp_path, document, {"exec": spec})
    found = await machine.look("azure", target=changed)
    assert found["kubeconfig"].state is State.LACKING
    assert Need.AZURE in found["kubeconfig"].needed_for
    assert found["kubeconfig"].command == "sudo az aks install-cli"
    assert "kubelogin, which is not installed" in found["cluster-access"].observed
    machine.put("kubelogin", "time.sleep(600)")
    hanging = await machine.look("azure", target=changed, seconds=6)
    assert hanging["kubeconfig"].state is State.OK
    assert hanging["cluster-access"].state is State.UNKNOWN


async def test_rights_in_the_cluster_are_asked_for(
    machine: Machine, target: Target, practice_settings: Settings, tmp_path: Path
) -> None:
    document = await kubeconfig_of(target, practice_settings)
    async with open_cloud(target, practice_settings, evidence=_NoEvidence(), read_only=False) as cloud:
        azure: Any = cloud.services()[Azure]
        connector: Any = cloud.services()[ClusterConnector]
        (managed,) = await azure.clusters()
        cluster = await connector.open(managed)
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        path = "/api/v1/namespaces/default/serviceaccounts/default/token"
        token = (await cluster.send("POST", path, body=request)).json()["status"]["token"]
    found = await machine.look("azure", target=with_user(target, tmp_path, document, {"token": token}))
    access = found["cluster-access"]
    assert access.state is State.LACKING
    assert "you may not list pods" in access.observed
    assert "patch deployments" in access.observed
    assert access.command == "kubectl auth can-i --list --namespace default"


async def test_nobody_is_signed_in(machine: Machine, target: Target, tmp_path: Path) -> None:
    assert target.sign_in is not None
    lost = replace(target, sign_in=replace(target.sign_in, token_file=str(tmp_path / "gone")))
    found = await machine.look("azure", target=lost)
    assert found["sign-in"].state is State.LACKING
    assert "gone" in found["sign-in"].observed
    assert found["subscription"].observed == "not looked at: first your sign-in"


async def test_a_broken_kubeconfig_is_told_where_it_is(
    machine: Machine, target: Target, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("clusters: [")
    broken = replace(target, kubeconfig=tmp_path / "config")
    assert KubeconfigFile(broken.kubeconfig).path.exists()
    found = await machine.look("azure", target=broken)
    assert found["kubeconfig"].state is State.UNKNOWN
    assert "not valid YAML" in found["kubeconfig"].observed


async def test_az_that_gives_no_token_holds_nobody_up_and_is_ended(machine: Machine) -> None:
    note = machine.home.parent / "pid"
    machine.put(
        "az",
        f"if words[0] == 'version': print({AZ % ('2.91.0', '2.91.0')!r})\n"
        f"elif words[:2] == ['account', 'show']: print({ACCOUNT!r})\n"
        f"else: open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)",
    )
    found = await machine.look("azure", seconds=8)
    assert found["sign-in"].state is State.UNKNOWN
    assert found["subscription"].observed.startswith("not looked at: first")
    assert note.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


async def test_a_shell_set_up_for_the_practice_cloud_is_noticed(machine: Machine) -> None:
    account = json.dumps({**json.loads(ACCOUNT), "environmentName": "Practice"})
    machine.put("az", f"print({account!r})")
    found = await machine.look("azure")
    assert found["sign-in"].state is State.LACKING
    assert "set up for the cloud Practice" in found["sign-in"].observed

"""Azure as the target: public addresses, the learner's kubeconfig, and the subscription that az uses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from workshop_tui.model import Names
from workshop_tui.saved_settings import image_reference
from workshop_tui.target.target import Target, TargetError, absolute

if TYPE_CHECKING:
    from workshop_tui.settings import Settings


def azure(settings: Settings) -> Target:
    """Return Azure with the subscription that is set, else the one az uses.

    Raises:
        TargetError: neither says which.

    """
    subscription, tenant = settings.names.get("subscription_id", ""), ""
    if not subscription:
        subscription, tenant = _subscription_of_az()
    return _azure_in(settings, subscription, tenant)


def azure_unnamed(settings: Settings) -> Target:
    """Return Azure with no subscription chosen yet: for looking which there are."""
    return _azure_in(settings, "", "")


def _azure_in(settings: Settings, subscription: str, tenant: str) -> Target:
    listed = (
        [settings.kubeconfig] if settings.kubeconfig else os.environ.get("KUBECONFIG", "").split(os.pathsep)
    )
    kubeconfig, *further = [absolute(item) for item in listed if item] or [absolute("~/.kube/config")]
    defaults = Names(
        subscription_id=subscription,
        image=settings.names.get("image") or image_reference(settings.home, "azure", "ttl.sh"),
        source=str(settings.home / "aks-store-demo"),
        context=settings.context,
        kubeconfig=str(kubeconfig),
    )
    return Target(
        kind="azure",
        arm="https://management.azure.com",
        arm_scope="https://management.azure.com/.default",
        authority="https://login.microsoftonline.com",
        tenant_id=tenant,
        names=settings.whole_names(defaults),
        kubeconfig=kubeconfig,
        further_kubeconfigs=tuple(further),
        az_folder=absolute(os.environ.get("AZURE_CONFIG_DIR") or "~/.azure"),
        app_environment={
            name: os.environ[name]
            for name in ("AZURE_CONFIG_DIR", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET")
            if name in os.environ
        },
    )


def _subscription_of_az() -> tuple[str, str]:
    """Ask az, which reads its own files for this and no network: the default subscription and tenant."""
    az = shutil.which("az")
    advice = "Sign in with `az login`, or name the subscription with --subscription."
    if az is None:
        raise TargetError(
            "No subscription is chosen, and the Azure CLI is not installed. Install it (https://aka.ms/azure-cli)"
            " and sign in with `az login`, or name the subscription with --subscription."
        )
    try:
        answer = subprocess.run(  # noqa: S603 - az itself, no text of others
            [az, "account", "show", "--output", "json"],
            capture_output=True,
            timeout=30,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        account = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, json.JSONDecodeError) as error:
        raise TargetError(f"No subscription is chosen, and az knows none. {advice}") from error
    return str(account["id"]), str(account["tenantId"])

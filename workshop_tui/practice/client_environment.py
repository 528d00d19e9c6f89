"""The environment in which `az`, `kubectl` and the learner's scripts meet the practice cloud.

`az` is configured by files in a folder of its own; what they must say was measured with az 2.91.
"""

from __future__ import annotations

import configparser
import io
import json
import os
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from workshop_tui.practice.files import write_private

CLOUD = "Practice"
AZ_FOLDER = "azure-cli"
"""The folder of az's configuration, below the practice cloud's."""
LOOPBACK = "localhost,127.0.0.1"
BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")


def prepare(folder: Path, endpoints: dict[str, Any]) -> dict[str, str]:
    """Write the configuration files below `folder` and return the variables."""
    configuration, kube = folder / AZ_FOLDER, folder / "kube"
    _kubeconfig(folder / "kubeconfig", kube / "config")
    write_private(configuration / "clouds.config", _clouds(endpoints))
    _sign_in(configuration, endpoints)
    version = _az_version()
    if version is not None:
        write_private(configuration / "versionCheck.json", _version_check(version))
    bundle = folder / "ca-bundle.pem"
    write_private(bundle, _bundle(Path(endpoints["ca_file"]), bundle))
    sign_in = endpoints["sign_in"]
    known_no_proxy = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    no_proxy = known_no_proxy if LOOPBACK in known_no_proxy else f"{LOOPBACK},{known_no_proxy}".rstrip(",")
    return {
        "AZURE_CONFIG_DIR": str(configuration),
        "AZURE_CLOUD_NAME": CLOUD,
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "AZURE_CORE_COLLECT_TELEMETRY": "false",
        "AZURE_CORE_LOGIN_EXPERIENCE_V2": "off",
        "AZURE_CORE_SURVEY_MESSAGE": "false",
        "AZURE_CORE_USE_MSAL_HTTP_CACHE": "false",
        "AZURE_AUTHORITY_HOST": endpoints["entra"],
        "AZURE_TENANT_ID": endpoints["tenant_id"],
        "AZURE_CLIENT_ID": sign_in["client_id"],
        "AZURE_FEDERATED_TOKEN_FILE": sign_in["token_file"],
        "AZURE_SUBSCRIPTION_ID": endpoints["subscription_id"],
        "REQUESTS_CA_BUNDLE": str(bundle),
        "SSL_CERT_FILE": str(bundle),
        # curl looks at SSL_CERT_FILE only where nobody has set this one.
        "CURL_CA_BUNDLE": str(bundle),
        "KUBECONFIG": str(folder / "kubeconfig"),
        "KUBECACHEDIR": str(kube / "cache"),
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "RG_NAME": endpoints["resource_group"],
        "AKS_NAME": endpoints["cluster_name"],
        "AOAI_NAME": endpoints["account_name"],
        "AOAI_DEPLOYMENT_NAME": endpoints["deployment_name"],
    }


def _kubeconfig(own: Path, handed_out: Path) -> None:
    """Let kubectl know the cluster from the start, as the workshop's quickstart leaves it.

    Once only: a context that was taken away on purpose stays away.
    """
    if not own.exists():
        write_private(own, handed_out.read_text("utf-8"))


def _clouds(endpoints: dict[str, Any]) -> str:
    """Return what `az cloud register` would have written."""
    arm, graph = endpoints["arm"], f"{endpoints['graph']}/"
    parser = configparser.ConfigParser(interpolation=None)
    parser[CLOUD] = {
        "endpoint_resource_manager": arm,
        "endpoint_management": arm,
        "endpoint_active_directory": endpoints["entra"],
        "endpoint_active_directory_resource_id": arm,
        "endpoint_active_directory_graph_resource_id": graph,
        "endpoint_microsoft_graph_resource_id": graph,
    }
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def _sign_in(configuration: Path, endpoints: dict[str, Any]) -> None:
    """Leave what `az login` leaves for a service principal, unless somebody is signed in already."""
    profile = configuration / "azureProfile.json"
    try:
        # az begins this file with a byte order mark.
        if json.loads(profile.read_text("utf-8-sig")).get("subscriptions"):
            return
    except (OSError, ValueError, AttributeError):
        pass
    client_id, tenant = endpoints["sign_in"]["client_id"], endpoints["tenant_id"]
    # The secret, and not the assertion: az keeps what it got, and an assertion lives an hour only.
    entry = {
        "client_id": client_id,
        "tenant": tenant,
        "client_secret": endpoints["sign_in"]["client_secret"],
    }
    write_private(configuration / "service_principal_entries.json", json.dumps([entry]))
    subscription = {
        "id": endpoints["subscription_id"],
        "name": "Workshop practice",
        "state": "Enabled",
        "user": {"name": client_id, "type": "servicePrincipal"},
        "isDefault": True,
        "tenantId": tenant,
        "homeTenantId": tenant,
        "environmentName": CLOUD,
        "managedByTenants": [],
    }
    write_private(profile, json.dumps({"subscriptions": [subscription]}))


def _version_check(version: str) -> str:
    """Return a version check made just now, so that the first `az` command asks nobody on the internet."""
    local = {"local": version}
    versions = {"azure-cli": local, "core": local, "telemetry": {"local": "1.1.0"}}
    moment = datetime.now().astimezone().replace(tzinfo=None)
    return json.dumps({"versions": versions, "update_time": moment.strftime("%Y-%m-%d %H:%M:%S.%f")})


def _az_version() -> str | None:
    """Return the version of the installed `az` from its package's folder: half a second less than asking."""
    program = shutil.which("az")
    if program is None:
        return None
    roots = [Path(program).resolve().parent.parent, Path("/opt/az"), Path("/usr/lib/azure-cli")]
    for root in roots:
        for pattern in (
            "lib*/python*/site-packages/azure_cli-*.dist-info",
            "libexec/lib/python*/site-packages/azure_cli-*.dist-info",
        ):
            for found in root.glob(pattern):
                match = re.fullmatch(r"azure_cli-([\w.]+)\.dist-info", found.name)
                if match is not None:
                    return match[1]
    return None


def _bundle(ca_file: Path, own: Path) -> str:
    """Return the authorities trusted so far plus ours: real hosts must stay reachable from the same shell."""
    known = next((path for name in BUNDLE_VARIABLES if (path := _file(name)) not in {None, own}), None)
    if known is None:
        import certifi  # noqa: PLC0415  # seldom needed

        known = Path(certifi.where())
    return known.read_text("utf-8", "replace").rstrip() + "\n" + ca_file.read_text("utf-8")


def _file(variable: str) -> Path | None:
    path = Path(os.environ.get(variable) or "/nonexistent")
    return path if path.is_file() else None

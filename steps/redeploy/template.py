"""Checks of the Deployment's pod template: what the cluster is told to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.authoring import (
    INJECTED_VARIABLES,
    LABEL,
    Absent,
    Container,
    Deployment,
    Finding,
    ManagedIdentity,
    ModelDeployment,
    Names,
    OpenAIAccount,
    Pods,
    PushedImage,
    Scope,
    ServiceAccount,
    Unreadable,
    app_container,
    check,
    exposed_keys,
    failed,
    from_elsewhere,
    kept_keys,
    key_removal_command,
    kubectl,
    passed,
    same_endpoint,
    unknown,
)

from .pushed_image import is_pushed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORKLOAD = "deployment"


@check("Only the app's container", scope=Scope.CLUSTER)
def only_its_container(
    deployment: Deployment, image: PushedImage | Absent | Unreadable, names: Names
) -> Finding:
    """Judge that no container of the old Deployment stayed beside the app's; a sidecar is none."""
    containers = [item for item in deployment.template.containers if not item.init]
    observed = ", ".join(item.name for item in containers) or "none"
    app = app_container(deployment.template, names.deployment)
    own_name = app is not None and app.name == names.deployment
    together = app is not None and (own_name or _is_learners(app.image, image, names))
    left = next(_beside(deployment, app, image, names), None) if together else None
    if together and left is None:
        if len(containers) > 1:
            return passed(f"{observed}: what is beside the app is not the app, and has no key")
        return passed(observed if own_name else f"{observed}, with your image")
    patch = f'[{{"op": "remove", "path": "/spec/template/spec/containers/{left}"}}]'
    return failed(
        "pod.leftover-container",
        observed,
        expected=names.deployment,
        command=kubectl(names, "patch", _WORKLOAD, deployment.name, "--type", "json", "-p", patch)
        if together
        else kubectl(names, "get", _WORKLOAD, deployment.name, "-o", "yaml"),
    )


def _beside(
    deployment: Deployment,
    app: Container | None,
    image: PushedImage | Absent | Unreadable,
    names: Names,
) -> Iterator[int]:
    """Yield the places of containers beside the app's that are left over: a second app, or one with a key."""
    with_key = {key.container for key in exposed_keys(deployment.template)}
    containers = [item for item in deployment.template.containers if not item.init]
    for place, item in enumerate(containers):
        program = item.image.partition("@")[0].rpartition("/")[2].partition(":")[0]
        is_app = program == names.deployment or is_pushed(item.image, image)
        if item is not app and (is_app or item.name in with_key):
            yield place


def _is_learners(asked: str, image: PushedImage | Absent | Unreadable, names: Names) -> bool:
    """Say whether it is the pushed image, or one that the learner put somewhere under a name of their own."""
    own = asked.startswith(f"{names.registry}/") or from_elsewhere(asked, names)
    return is_pushed(asked, image) or own


@check("The label is on the pods", scope=Scope.CLUSTER)
def workload_label(
    deployment: Deployment, account: ServiceAccount | Absent | Unreadable, names: Names
) -> Finding:
    """Judge the one label that the webhook goes by, and find it where it does nothing."""
    value = deployment.template.labels.get(LABEL)
    if value == "true":
        return passed(f'{LABEL}: "true" on the pod template')
    patch = f'{{"spec": {{"template": {{"metadata": {{"labels": {{"{LABEL}": "true"}}}}}}}}}}'
    by_hand = kubectl(names, "patch", _WORKLOAD, deployment.name, "--type", "merge", "-p", patch)
    expected = f'{LABEL}: "true" on the pod template'
    if value is not None:
        return failed(
            "pod.label-wrong-value",
            f'{LABEL}: "{value}" on the pod template',
            expected=expected,
            command=by_hand,
        )
    elsewhere = [
        place
        for place, there in (
            ("as an annotation of the pod template", deployment.template.annotations),
            ("as a label of the Deployment itself", deployment.labels),
            ("as an annotation of the Deployment itself", deployment.annotations),
            ("as a label of the ServiceAccount", getattr(account, "labels", {})),
            ("as an annotation of the ServiceAccount", getattr(account, "annotations", {})),
        )
        if LABEL in there
    ]
    if elsewhere:
        return failed(
            "pod.label-misplaced", f"{LABEL} {' and '.join(elsewhere)}", expected=expected, command=by_hand
        )
    return failed("pod.label-missing", f"no label {LABEL}", expected=expected, command=by_hand)


@check("The pods use the ServiceAccount", scope=Scope.CLUSTER)
def service_account_used(deployment: Deployment, account: ServiceAccount, names: Names) -> Finding:
    """Judge that the pod template names the ServiceAccount that has the identity."""
    used = deployment.template.service_account or "default"
    if used == account.name:
        return passed(used)
    return failed(
        "pod.wrong-service-account",
        used,
        expected=account.name,
        command=kubectl(names, "set", "serviceaccount", _WORKLOAD, deployment.name, account.name),
    )


@check("The app's settings are right", scope=Scope.CLUSTER)
def settings(
    *,
    deployment: Deployment,
    account: OpenAIAccount,
    model: ModelDeployment,
    identity: ManagedIdentity | Absent | Unreadable,
    names: Names,
) -> Finding:
    """Judge each setting by what it does: the switches, the endpoint, the deployment's name."""
    container = app_container(deployment.template, names.deployment)
    if container is None:
        return failed(
            "pod.leftover-container",
            f"no container {names.deployment}",
            expected=f"a container {names.deployment}",
            command=kubectl(names, "get", _WORKLOAD, deployment.name, "-o", "yaml"),
        )
    faults = [*_setting_faults(container, account, model), *_overruled(container, identity)]
    if not faults:
        return passed("identity chosen, endpoint and deployment as the account has them")
    hidden = [name for name, observed, _ in faults if not observed]
    # What can't be read never hides what is wrong for certain.
    faults = [fault for fault in faults if fault[1]]
    if not faults:
        return unknown("reading.no-permission", f"{', '.join(hidden)}: taken from where it can't be read")
    return failed(
        "pod.settings-wrong",
        ", ".join(observed for _, observed, _ in faults),
        expected=", ".join(_shown(name, wanted) for name, _, wanted in faults),
        command=kubectl(
            *(names, "set", "env", f"{_WORKLOAD}/{deployment.name}", "--containers", container.name),
            *(f"{name}={wanted}" if wanted else f"{name}-" for name, _, wanted in faults),
        ),
    )


@check("No key in the Deployment", scope=Scope.CLUSTER)
def no_key(
    deployment: Deployment,
    pods: Pods | Absent | Unreadable,
    account: OpenAIAccount | Absent | Unreadable,
    names: Names,
) -> Finding:
    """Judge every way by which a key could come into a pod: plain, from a Secret, as a file."""
    keys = exposed_keys(deployment.template)
    if not keys:
        # No fault of the pods', and over once the account takes no keys any more.
        locked = isinstance(account, OpenAIAccount) and not account.key_sign_in
        kept = "" if locked else " and ".join(kept_keys(deployment, pods))
        return passed(f"no key within reach of the pods; still in {kept}" if kept else "no key within reach")
    key = keys[0]
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return failed(
        "pod.key-exposed",
        f"{key}{more}",
        expected="no key within reach",
        command=key_removal_command(key, deployment.template, names),
    )


def _setting_faults(
    container: Container, account: OpenAIAccount, model: ModelDeployment
) -> Iterator[tuple[str, str, str]]:
    """Yield name, what is there (empty: it can't be read), and what should be, for each wrong setting."""
    rules: dict[str, tuple[str, Callable[[str], bool]]] = {
        "USE_AZURE_OPENAI": ("True", lambda value: value.casefold() == "true"),
        "USE_AZURE_AD": ("True", lambda value: value.casefold() == "true"),
        "AZURE_OPENAI_DEPLOYMENT_NAME": (model.name, lambda value: value in {model.name, *model.beside}),
        "AZURE_OPENAI_ENDPOINT": (account.endpoint, lambda value: same_endpoint(value, account.endpoint)),
    }
    for name, (wanted, is_right) in rules.items():
        variable = container.setting(name)
        if variable is None:
            yield name, f"no {name}", wanted
            continue
        value = variable.value.reveal()
        if not value and variable.source != "value":
            yield name, "", wanted
        elif not is_right(value):
            yield name, f"{name}={value or '(empty)'}", wanted


def _overruled(
    container: Container, identity: ManagedIdentity | Absent | Unreadable
) -> Iterator[tuple[str, str, str]]:
    """Yield the webhook's variables that the Deployment sets itself: the webhook leaves those alone.

    What the identity itself tells is no fault where it is right.
    """
    right = {}
    if isinstance(identity, ManagedIdentity):
        right = {"AZURE_CLIENT_ID": identity.client_id, "AZURE_TENANT_ID": identity.tenant_id}
    for name in INJECTED_VARIABLES:
        variable = container.variable(name)
        if variable is None or variable.value.reveal().casefold() == right.get(name, "").casefold() != "":
            continue
        yield name, f"{name} set by hand", ""


def _shown(name: str, wanted: str) -> str:
    return f"{name}={wanted}" if wanted else f"{name} left to the webhook"
